import { RECIPIENT_KINDS } from '../../../protocol/labels.ts';
import { PERSON_ID } from '../../../protocol/links-export.ts';
import type { Facility } from '../reference-data.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { FacilityIndex } from './facility-index.ts';
import { type FileMapping, readCell, writtenCell } from './file-mapping.ts';
import { type DeliveredDate, readPartialDate } from './partial-date.ts';
import { plainText } from './plain-text.ts';

const LONGEST_REFERENCE = 200;
const YES_NO = new Map(
  Object.entries({ yes: true, true: true, نعم: true, no: false, false: false, لا: false, كلا: false }),
);
const LONGEST_NAME = 500;

/** What reading a row needs to know beside its cells. */
export interface RowSurroundings {
  readonly custodian: string;
  readonly latestYear: number;
  readonly facilities: FacilityIndex;
  readonly mapping: FileMapping;
  /** Column → reference as delivered → record id, for the columns that refer to records. */
  readonly references: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A place as written and the facility it names, where the reference list knows it. */
export interface DeliveredPlace {
  readonly facility: Facility | null;
  readonly asWritten: string | null;
}

/** One delivered row, read cell by cell, by our names of its columns. What cannot be read becomes a fault of the row; the value is then null or empty. */
export class DeliveredRow {
  readonly faults: Fault[] = [];
  readonly custodian: string;
  readonly #cells: ReadonlyMap<string, string>;
  readonly #surroundings: RowSurroundings;

  constructor(cells: ReadonlyMap<string, string>, surroundings: RowSurroundings) {
    this.#cells = cells;
    this.#surroundings = surroundings;
    this.custodian = surroundings.custodian;
  }

  /** A text as written, or as a mapping says that it is meant, without space around it; null where the cell is empty. */
  text(column: string): string | null {
    return this.#cell(column).trim() || null;
  }

  /** A text in the file's own words, whatever a mapping says that they mean; null where the cell is empty. */
  asWritten(column: string): string | null {
    return writtenCell(this.#surroundings.mapping, this.#cells, column)?.trim() || null;
  }

  /** A name or a short text as written, 500 characters at most; null where the cell is empty. */
  name(column: string): string | null {
    return this.#within(LONGEST_NAME, column, this.text(column));
  }

  /** A name or a short text that must be there. */
  requiredText(column: string): string {
    return this.name(column) ?? this.#missing(column);
  }

  /** A number as read from a body or a card, an opaque text of 200 characters at most; digits are Latin ones. */
  number(column: string): string | null {
    return this.#within(LONGEST_REFERENCE, column, plainText(this.#cell(column)) || null);
  }

  /** The organisation's own number of a record. It must be there. */
  reference(column: string): string {
    return this.number(column) ?? this.#missing(column);
  }

  /** A whole or decimal number within bounds; null where the cell is empty. */
  decimal(column: string, least: number, most: number): number | null {
    const text = this.number(column);
    if (text === null) return null;
    const number = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    return this.refuse('MALFORMED', column, `'${text}' is not a number from ${least} to ${most}`);
  }

  /** A date known to the day, the month or the year; null where the cell is empty. */
  date(column: string): DeliveredDate | null {
    const text = this.text(column);
    if (text === null) return null;
    return (
      readPartialDate(text, this.#surroundings.latestYear, this.#surroundings.mapping.dates) ??
      this.refuse('NOT_A_DATE', column, `'${text}' is not a date`)
    );
  }

  /** One word of a fixed list. It must be there. */
  oneOf<Word extends string>(column: string, words: readonly Word[]): Word | null {
    const text = this.number(column);
    const word = words.find((candidate) => candidate === text?.toUpperCase());
    if (word !== undefined) return word;
    if (text === null) return this.refuse('MISSING', column, 'it is empty');
    return this.refuse('UNKNOWN_VALUE', column, `'${text}' is not one of ${words.join(', ')}`);
  }

  /** The words of a fixed list that the cell holds, in order of the list, separated by | , ; or space. */
  someOf<Word extends string>(column: string, words: readonly Word[]): Word[] {
    const given = (this.number(column) ?? '')
      .toUpperCase()
      .split(/[\s|,;]+/u)
      .filter(Boolean);
    for (const word of given) {
      if (!words.some((candidate) => candidate === word)) {
        this.refuse('UNKNOWN_VALUE', column, `'${word}' is not one of ${words.join(', ')}`);
      }
    }
    return words.filter((word) => given.includes(word));
  }

  /** Yes or no, in English or Arabic; null where the cell is empty. */
  yesNo(column: string): boolean | null {
    const text = this.number(column);
    if (text === null) return null;
    const said = YES_NO.get(text.toLowerCase());
    return said ?? this.refuse('UNKNOWN_VALUE', column, `'${text}' is neither yes nor no`);
  }

  /**
   * To whom a record may be shown: the kinds of recipients up to the widest, which is the one named (domain.md, "Labels on
   * records"), and organisations named by their ids. Empty where nobody is named.
   */
  consent(column: string): string[] {
    const words = (this.number(column) ?? '').split(/[\s|,;]+/u).filter(Boolean);
    const isKind = (word: string) => RECIPIENT_KINDS.some((kind) => kind === word.toUpperCase());
    const [widest, another] = words.filter(isKind);
    if (another !== undefined) this.refuse('UNKNOWN_VALUE', column, 'it names more than one kind of recipient');
    const organisations = words.filter((word) => !isKind(word));
    for (const word of organisations) {
      if (!/^[a-z][a-z0-9-]{0,99}$/u.test(word))
        this.refuse('UNKNOWN_VALUE', column, `'${word}' is no kind of recipient and no id of an organisation`);
    }
    const kinds = RECIPIENT_KINDS.slice(0, RECIPIENT_KINDS.findIndex((kind) => kind === widest?.toUpperCase()) + 1);
    return [...kinds, ...new Set(organisations)];
  }

  /** A text of a given form; null where the cell is empty. */
  matching(column: string, form: RegExp, description: string): string | null {
    const text = this.number(column);
    if (text === null || form.test(text)) return text;
    return this.refuse('MALFORMED', column, `'${text}' is not ${description}`);
  }

  /** The link id of a person; null where the cell is empty. */
  person(column: string): string | null {
    const text = this.number(column);
    if (text === null || PERSON_ID.test(text)) return text;
    return this.refuse('NOT_A_PERSON', column, `'${text}' is not a link id (psn_ and 20 hexadecimal digits)`);
  }

  /** The link id of a person that must be there. */
  requiredPerson(column: string): string {
    return this.person(column) ?? (this.number(column) === null ? this.#missing(column) : '');
  }

  /**
   * A facility by code, name or alias in either language. A name that the reference list does not know is kept as
   * written; a code that it does not know is a fault, since nothing but the list says what a code means.
   */
  place(column: string): DeliveredPlace {
    const meant = this.name(column);
    if (meant === null) return { facility: null, asWritten: null };
    const facility = this.#surroundings.facilities.find(meant) ?? null;
    if (facility === null && /^[A-Z]{2}-[A-Z0-9]+$/u.test(plainText(meant))) {
      this.refuse('UNKNOWN_FACILITY', column, `'${meant}' is not a code of the facility list`);
    }
    const asWritten = this.asWritten(column);
    return { facility, asWritten: asWritten === meant ? meant : this.#within(LONGEST_NAME, column, asWritten) };
  }

  /** The id of the record of this custodian that the cell refers to; null where the cell is empty. */
  refersTo(column: string): string | null {
    const reference = this.number(column);
    if (reference === null) return null;
    const id = this.#surroundings.references.get(column)?.get(reference);
    return id ?? this.refuse('UNKNOWN_REFERENCE', column, `there is no record '${reference}' among those accepted`);
  }

  /** Records a fault, under the name that the file gives the column; answers null, to be returned in place of the value. */
  refuse(kind: FaultKind, column: string, sentence: string): null {
    const theirs = this.#surroundings.mapping.columns.get(column) ?? column;
    this.faults.push({ kind, column: theirs, sentence: `${theirs}: ${sentence}` });
    return null;
  }

  /** The text itself, too long or not: a row with a fault is rejected as a whole. */
  #within(longest: number, column: string, text: string | null): string | null {
    if (text !== null && text.length > longest)
      this.refuse('MALFORMED', column, `it is longer than ${longest} characters`);
    return text;
  }

  #missing(column: string): '' {
    this.refuse('MISSING', column, 'it is empty');
    return '';
  }

  #cell(column: string): string {
    const cell = readCell(this.#surroundings.mapping, this.#cells, column);
    if (cell === undefined) throw new RangeError(`the file declares no column ${column}`);
    return cell;
  }
}
