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
  (text: string): readonly Word[] =>
    words(text).map((word) => {
      const known = vocabulary.find((candidate) => candidate === word.toUpperCase());
      if (known === undefined) throw new InvalidArgumentError(`Choose from ${vocabulary.join(', ')}.`);
      return known;
    });

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
  const day = /^\d{4}-\d{2}-\d{2}$/u.test(given);
  const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/u.test(given);
  const date = new Date(day ? `${given}T23:59:59Z` : given);
  // `2027-02-30` would be taken for the second of March.
  if (!(day || moment) || Number.isNaN(date.getTime()) || (day && !date.toISOString().startsWith(given))) {
    throw new InvalidArgumentError('Give a day such as 2027-06-30, or a moment such as 2027-06-30T12:00:00Z.');
  }
  return date;
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
