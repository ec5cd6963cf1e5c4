/** A row as delivered: the line on which it begins, its text, and its cells by column unless `fault` says why there are none. */
export type WrittenRow = { readonly line: number; readonly text: string } & (
  | { readonly cells: ReadonlyMap<string, string> }
  | { readonly fault: { readonly kind: 'UNREADABLE' | 'COLUMN_COUNT'; readonly sentence: string } }
);

/** Which file is read, the columns that it must have, and who is told of every piece read, in bytes. */
export interface FileToRead {
  readonly path: string;
  readonly file: string;
  readonly columns: readonly string[];
  readonly onBytes: (bytes: number) => void;
}
