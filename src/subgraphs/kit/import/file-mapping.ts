import type { DateStyle } from './date-styles.ts';
import type { DeliveredFile, Delivery } from './delivery.ts';
import { plainText } from './plain-text.ts';

/** The encodings in which a file may be delivered; the last two are never guessed. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256', 'windows-1252', 'iso-8859-6'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The characters that may separate cells, by the name that a mapping gives them. */
export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;

/** How one file is delivered: what it and its columns are called there, and how its cells are written. */
export interface FileMapping {
  /** Its name in the delivery's folder. */
  readonly file: string;
  /** As stated; found out by reading the file where it is not. */
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** How dates are written beside those that begin with the year. */
  readonly dates: readonly DateStyle[];
  /** Our column → theirs, in the form of `columnName`, for each that the file has. */
  readonly columns: ReadonlyMap<string, string>;
  /** Our column → a cell of theirs, in the form of `translatable` → what it means. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Our column → what every row says, for columns that the file does not have. */
  readonly constants: ReadonlyMap<string, string>;
  /** Columns of theirs, in the form of `columnName`, that are neither read nor kept; of JSON with all that is within them. */
  readonly omitted: readonly string[];
}

/** How each file of a delivery is delivered, by our name of it. */
export type Mapping = ReadonlyMap<string, FileMapping>;

/** A file that is delivered as we would have it. */
export const asOurs = ({ file, columns }: DeliveredFile): FileMapping => ({
  ...{ file, dates: ['day-first'], values: new Map(), constants: new Map(), omitted: [] },
  columns: new Map(columns.map((column) => [column, column])),
});

/** A delivery that needs no mapping file. */
export const unmapped = ({ files }: Delivery): Mapping => new Map(files.map((file) => [file.file, asOurs(file)]));

/** The name of a column as names are compared: small letters, nothing invisible, no space around. */
export const columnName = (written: string): string => plainText(written).toLowerCase();

/** A cell as cells are looked up among translations: small letters, Latin digits, nothing invisible, no space around. */
export const translatable = (cell: string): string => plainText(cell).toLowerCase();

/** The cells of a row without those that are neither read nor kept. */
export const keptCells = (
  { omitted }: Pick<FileMapping, 'omitted'>,
  cells: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> =>
  omitted.length === 0 ? cells : new Map([...cells].filter(([column]) => !isOmitted(omitted, column)));

/** Whether a column of theirs is among those omitted. */
export const isOmitted = (omitted: readonly string[], column: string): boolean =>
  omitted.some((name) => column === name || column.startsWith(`${name}.`));

/** What a row says in one of our columns; undefined where its file has no such column. */
export function readCell(
  { columns, values, constants }: FileMapping,
  cells: ReadonlyMap<string, string>,
  column: string,
): string | undefined {
  const written = writtenCell({ columns, constants }, cells, column);
  const meanings = values.get(column);
  if (written === undefined || meanings === undefined) return written;
  return meanings.get(translatable(written)) ?? written;
}

/** What a row says in one of our columns, in its own words. */
export const writtenCell = (
  { columns, constants }: Pick<FileMapping, 'columns' | 'constants'>,
  cells: ReadonlyMap<string, string>,
  column: string,
): string | undefined => constants.get(column) ?? cells.get(columns.get(column) ?? column);
