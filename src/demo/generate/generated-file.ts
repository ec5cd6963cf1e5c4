import type { InventedArchive } from './archive.ts';

/** A line of a delivered file: its cells, or a whole line as it stands. */
export type GeneratedRow = readonly string[] | string;

/** One delivered file: how it is written, its rows, and what is wrong with some of them. */
export interface GeneratedFile {
  readonly custodian: 'missing' | 'ministry' | 'ngo-a' | 'ngo-b';
  readonly file: string;
  readonly columns?: readonly string[];
  readonly delimiter?: string;
  readonly newline?: string;
  readonly encoding?: 'utf-8' | 'windows-1256';
  readonly byteOrderMark?: boolean;
  readonly rows: (
    archive: InventedArchive,
    images: ImageFolder,
  ) => Iterable<GeneratedRow> | AsyncIterable<GeneratedRow>;
  readonly faults?: Faults;
}

/** Rows that no importer may accept, one after every so many good ones: each kind in turn, made after the row before. */
export interface Faults {
  readonly every: number;
  readonly kinds: readonly ((before: readonly string[], nth: number) => GeneratedRow)[];
}

/** Where the images of photographs go: answers the SHA-256 of the one written to a path below it; undefined for no more. */
export interface ImageFolder {
  write(path: string, nth: number): Promise<string> | undefined;
}

/** A number with leading zeros. */
export const padded = (number: number, digits: number): string => String(number).padStart(digits, '0');
