import type { FileMapping } from './file-mapping.ts';

/**
 * A row as delivered: the line on which it begins, its text, and its cells by the columns that the file names, unless it
 * cannot be split into cells; `fault` says why it cannot be read.
 */
export type WrittenRow = {
  readonly line: number;
  readonly text: string;
  /** True where it comes from the rejected rows of an earlier import, as one whose number another row had. */
  readonly wasDuplicate?: boolean;
} & (
  | { readonly cells: ReadonlyMap<string, string>; readonly fault?: never }
  | {
      readonly cells?: ReadonlyMap<string, string>;
      readonly fault: { readonly kind: 'UNREADABLE' | 'COLUMN_COUNT'; readonly sentence: string };
    }
);

/** Which file is read, how it is delivered, and who is told of every piece read, in bytes. */
export interface FileToRead {
  readonly path: string;
  readonly mapping: FileMapping;
  readonly onBytes: (bytes: number) => void;
}

/** A delivered file that is being read, 1,000 rows at a time, and how those of its rows that are rejected are written down. */
export interface OpenFile {
  readonly rows: AsyncGenerator<readonly WrittenRow[]>;
  readonly rejects: RejectsForm;
}

/**
 * The form of a file of rejected rows: that of the file which they are from, so that it can be corrected and imported in
 * its place, with file, line and reason beside each.
 */
export interface RejectsForm {
  /** How the file begins. */
  readonly head: string;
  /** One row, its line end included. */
  readonly row: (rejected: RejectedRow) => string;
}

/** A row that was not taken over: where it stands, and why, which may quote what it says. */
export interface RejectedRow {
  readonly file: string;
  readonly reason: string;
  readonly row: WrittenRow;
}

/** How the reason begins of a row that was rejected since another has its number. */
export const DUPLICATE_REASON = 'DUPLICATE: ';

/** What is wrong with a rejected row in which nothing was filled in. */
export const NOT_CORRECTED = 'it was not corrected: fill in its cells from amana_row, in which it stands as delivered';
