import { InvalidArgumentError } from 'commander';
import { CustodianId } from '../protocol/identifiers.ts';

/** Reads `a,b,c` as a list of words without repetitions. */
export function words(text: string): readonly string[] {
  const list = [...new Set(text.split(',').map((word) => word.trim()))];
  if (list.some((word) => word === '')) throw new InvalidArgumentError('Separate the words by single commas.');
  return list;
}

/** Reads `A,B` as a list of some of the words of a vocabulary. */
export const wordsOf =
  <Word extends string>(vocabulary: readonly Word[]) =>
  (text: string): readonly Word[] => {
    if (text.trim() === '') throw new InvalidArgumentError(`Name at least one of ${vocabulary.join(', ')}.`);
    return words(text).map((word) => {
      const known = vocabulary.find((candidate) => candidate === word.toUpperCase());
      if (known === undefined) throw new InvalidArgumentError(`Choose from ${vocabulary.join(', ')}.`);
      return known;
    });
  };

/** Reads one word of a vocabulary. */
export const wordOf =
  <Word extends string>(vocabulary: readonly Word[]) =>
  (text: string): Word => {
    const [word, ...more] = wordsOf(vocabulary)(text);
    if (word === undefined || more.length > 0)
      throw new InvalidArgumentError(`Choose one of ${vocabulary.join(', ')}.`);
    return word;
  };

/** Reads a custodian's id. */
export function custodianId(text: string): string {
  const parsed = CustodianId.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('A custodian is named by its id, for example ministry or ngo-a.');
  return parsed.data;
}

/** Reads a text that must not be empty. */
export function text(given: string): string {
  if (given.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return given.trim();
}

/** Reads a port number; 0 means a free one. */
export function port(given: string): number {
  const number = Number(given);
  if (!/^\d+$/u.test(given) || number > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return number;
}

/** Reads the end of a term: a day, meaning its end in UTC, or a moment as in RFC 3339 §5.6. */
export function endOfTerm(given: string): Date {
  const date = dayOf(given, '23:59:59') ?? momentOf(given);
  if (date) return date;
  throw new InvalidArgumentError('Give a day such as 2027-06-30, or a moment such as 2027-06-30T12:00:00Z.');
}

const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };

/** Reads how long, such as 30d, in milliseconds. */
export function duration(given: string): number {
  const length = lengthOf(given);
  if (length !== undefined) return length;
  throw new InvalidArgumentError('Give minutes, hours, days or weeks, such as 45m, 12h, 30d or 2w.');
}

/** Reads the moment from which: a day's beginning in UTC, a moment, or how long ago. */
export const since = (given: string): Date => dayOf(given, '00:00:00') ?? pastMoment(given);

/** Reads the moment before which: a day's end in UTC, a moment, or how long ago. */
export const until = (given: string): Date => {
  const day = dayOf(given, '00:00:00');
  return day ? new Date(day.getTime() + DAY) : pastMoment(given);
};

/** Reads a number of things, from 1. */
export function count(given: string): number {
  const number = Number(given);
  if (!/^[1-9]\d{0,14}$/u.test(given)) throw new InvalidArgumentError('Give a number from 1.');
  return number;
}

function pastMoment(given: string): Date {
  const length = lengthOf(given);
  const moment = length === undefined ? momentOf(given) : new Date(Date.now() - length);
  if (moment) return moment;
  throw new InvalidArgumentError(
    'Give a day such as 2026-11-01, a moment such as 2026-11-01T10:00Z, or how long ago, such as 7d, 12h or 45m.',
  );
}

function lengthOf(given: string): number | undefined {
  const [, number, unit = ''] = /^([1-9]\d{0,4})([mhdw])$/u.exec(given) ?? [];
  const milliseconds = UNITS[unit];
  return milliseconds === undefined ? undefined : Number(number) * milliseconds;
}

const dayOf = (given: string, time: string): Date | undefined =>
  isDay(given) ? new Date(`${given}T${time}Z`) : undefined;

function momentOf(given: string): Date | undefined {
  const [, day = ''] = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/u.exec(given) ?? [];
  const date = new Date(given);
  return isDay(day) && !Number.isNaN(date.getTime()) ? date : undefined;
}

function isDay(given: string): boolean {
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/u.test(given) ? `${given}T00:00:00Z` : Number.NaN);
  // `2027-02-30` would be taken for the second of March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(given);
}

const LARGEST_NUMBER = 100_000_000;

/** Reads a whole number, no smaller than the least. */
export const wholeNumber =
  (least: number) =>
  (given: string): number => {
    const number = Number(given);
    if (!/^\d+$/u.test(given) || number < least || number > LARGEST_NUMBER)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${LARGEST_NUMBER}.`);
    return number;
  };
