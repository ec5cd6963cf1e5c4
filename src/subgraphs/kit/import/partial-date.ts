import { type DateStyle, datePartsOf } from './date-styles.ts';
import { plainText } from './plain-text.ts';

/** A date known to the day, the month or the year: `2014-03-05`, `2014-03` or `2014`, with the first and last day it spans. */
export interface DeliveredDate {
  readonly value: string;
  readonly from: string;
  readonly to: string;
}

const EARLIEST_YEAR = 1900;

/**
 * Reads a date as clerks write it: 2014, 2014-03, 2014-03-05, 18/03/2015, 7.1.1979, 03/2014, in Latin, Arabic-Indic or
 * Persian digits; a day comes before its month wherever the year comes last, unless other styles are named. Undefined
 * where the text is no date, the day does not exist, or the year is before 1900 or after `latestYear`. Nothing is made
 * up: precision stays as written.
 */
export function readPartialDate(
  text: string,
  latestYear: number,
  styles: readonly DateStyle[] = ['day-first'],
): DeliveredDate | undefined {
  const parts = datePartsOf(plainText(text), styles);
  const [year, month, day] = [parts?.year, parts?.month, parts?.day].map((part) => part?.padStart(2, '0'));
  if (year === undefined || Number(year) < EARLIEST_YEAR || Number(year) > latestYear) return undefined;
  if (month === undefined) return { value: year, from: `${year}-01-01`, to: `${year}-12-31` };
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const value = `${year}-${month}`;
  if (day === undefined) return { value, from: `${value}-01`, to: `${value}-${last}` };
  if (Number(day) < 1 || Number(day) > last) return undefined;
  return { value: `${value}-${day}`, from: `${value}-${day}`, to: `${value}-${day}` };
}

/** Whether every day that the one date spans comes before every day of the other; false where either is not known. */
export const isBefore = (date: DeliveredDate | null, other: DeliveredDate | null): boolean =>
  date !== null && other !== null && date.to < other.from;

/** A date as the four columns in which it is kept, `<name>_value`, `_basis`, `_from`, `_to`; all null where there is none. */
export function dateColumns(
  name: string,
  date: DeliveredDate | null,
  basis: 'STATED' | 'ESTIMATED' | 'DERIVED' = 'STATED',
): Record<string, string | null> {
  return {
    [`${name}_value`]: date?.value ?? null,
    [`${name}_basis`]: date && basis,
    [`${name}_from`]: date?.from ?? null,
    [`${name}_to`]: date?.to ?? null,
  };
}

/** Where a record with this date stands in its list: by the date as known, after all others where it is not. */
export const dateSortKey = (date: DeliveredDate | null): string => date?.value ?? '9999';
