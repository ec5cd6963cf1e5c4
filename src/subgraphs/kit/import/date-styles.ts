import { normaliseName } from '../normalise-name.ts';

/** Styles of dates that a mapping may name; one that begins with the year and has separators is read always. */
export const DATE_STYLES = ['day-first', 'month-first', 'month-names', 'compact'] as const;
export type DateStyle = (typeof DATE_STYLES)[number];

/** The parts of a date as digits; a month alone has no day, and a year alone no month. */
export interface DateParts {
  readonly year: string;
  readonly month?: string | undefined;
  readonly day?: string | undefined;
}

const YEAR_FIRST = [
  /^(?<year>\d{4})$/u,
  /^(?<year>\d{4})(?<separator>[-/.])(?<month>\d{1,2})(?:\k<separator>(?<day>\d{1,2}))?$/u,
];
const FORMS: Readonly<Record<DateStyle, readonly RegExp[]>> = {
  'day-first': [
    /^(?:(?<day>\d{1,2})(?<separator>[-/.])(?=\d{1,2}\k<separator>))?(?<month>\d{1,2})[-/.](?<year>\d{4})$/u,
  ],
  'month-first': [/^(?<month>\d{1,2})(?<separator>[-/.])(?:(?<day>\d{1,2})\k<separator>)?(?<year>\d{4})$/u],
  'month-names': [
    /^(?:(?<day>\d{1,2})[\s\-/.]+)?(?<name>\p{L}[\p{L}\p{M}\s]*?)[\s\-/.,،]+(?<year>\d{4})$/u,
    /^(?<name>\p{L}[\p{L}\p{M}]*)\.?\s+(?<day>\d{1,2})(?:\s*[,،]\s*|\s+)(?<year>\d{4})$/u,
  ],
  compact: [/^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/u],
};

/** Each month in English, in short, and in Arabic as the Levant and as Egypt call it. */
const MONTHS = [
  'January, Jan, كانون الثاني, يناير',
  'February, Feb, شباط, فبراير',
  'March, Mar, آذار, مارس',
  'April, Apr, نيسان, أبريل',
  'May, أيار, مايو',
  'June, Jun, حزيران, يونيو',
  'July, Jul, تموز, يوليو',
  'August, Aug, آب, أغسطس',
  'September, Sep, Sept, أيلول, سبتمبر',
  'October, Oct, تشرين الأول, أكتوبر',
  'November, Nov, تشرين الثاني, نوفمبر',
  'December, Dec, كانون الأول, ديسمبر',
];
const MONTH_NAMED = new Map(
  MONTHS.flatMap((names, at) => names.split(', ').map((name) => [normaliseName(name), String(at + 1)] as const)),
);

/** The parts of a date in Latin digits that is written in one of the styles, or with the year first. */
export function datePartsOf(text: string, styles: readonly DateStyle[]): DateParts | undefined {
  for (const form of [YEAR_FIRST, ...styles.map((style) => FORMS[style])].flat()) {
    const { year, month, day, name } = form.exec(text)?.groups ?? {};
    if (year === undefined) continue;
    if (name === undefined) return { year, month, day };
    const named = MONTH_NAMED.get(normaliseName(name));
    if (named !== undefined) return { year, month: named, day };
  }
  return undefined;
}
