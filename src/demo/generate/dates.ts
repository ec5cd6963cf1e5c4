import type { Draw } from './draw.ts';

const DAY = 86_400_000;
const ARABIC_INDIC_ZERO = 0x660;
const NOT_KNOWN = 0.06;

/** The day so many days after a day, both as `2014-03-05`. */
export const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** A day of a year. */
export const dayOf = (year: number, draw: Draw): string => daysAfter(`${year}-01-01`, draw.whole(0, 364));

/** Digits as they are written in Arabic (٠ to ٩); everything else stays. */
export const arabicDigits = (text: string): string =>
  text.replace(/\d/gu, (digit) => String.fromCharCode(ARABIC_INDIC_ZERO + Number(digit)));

const STYLES: readonly (readonly [upTo: number, write: (year: string, month: string, day: string) => string])[] = [
  [48, (year, month, day) => `${year}-${month}-${day}`],
  [63, (year, month, day) => `${day}/${month}/${year}`],
  [76, (year, month) => `${year}-${month}`],
  [87, (year) => year],
  [95, (year, month, day) => arabicDigits(`${day}/${month}/${year}`)],
  [100, (year, month, day) => `${Number(day)}.${Number(month)}.${year}`],
];

/** A day as some clerk writes it, to the day, month or year and in either digits; sometimes not at all. */
export function writeDate(day: string, draw: Draw): string {
  if (draw.chance(NOT_KNOWN)) return '';
  const style = draw.whole(1, 100);
  const [year = '', month = '', dayOfMonth = ''] = day.split('-');
  return STYLES.find(([upTo]) => style <= upTo)?.[1](year, month, dayOfMonth) ?? day;
}
