import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { type FileHeader, readFileHeader } from './read-file-header.ts';
import { RecordSplitter, type WrittenRecord } from './split-records.ts';

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

const ROWS_AT_ONCE = 1_000;

/**
 * Streams a delimited file as rows, 1,000 at a time, whatever its encoding (UTF-8, UTF-16 or Windows-1256), delimiter
 * and line ends. Throws `ImportError` where its first line is not the header that is needed.
 */
export async function* readDeliveredFile(input: FileToRead): AsyncGenerator<readonly WrittenRow[]> {
  const header = await readFileHeader(input);
  const splitter = new RecordSplitter(header.delimiter);
  const decoder = iconv.getDecoder(header.encoding);
  const rows: WrittenRow[] = [];
  for await (const bytes of createReadStream(input.path)) {
    if (!Buffer.isBuffer(bytes)) throw new TypeError('a file is read as bytes');
    input.onBytes(bytes.length);
    rows.push(...rowsOf(splitter.push(decoder.write(bytes)), header));
    while (rows.length >= ROWS_AT_ONCE) yield rows.splice(0, ROWS_AT_ONCE);
  }
  const last = decoder.end() ?? '';
  rows.push(...rowsOf([...splitter.push(last), ...splitter.end()], header));
  if (rows.length > 0) yield rows;
}

function rowsOf(records: readonly WrittenRecord[], { columns }: FileHeader): WrittenRow[] {
  return records.filter(({ line }) => line > 1).map((record) => asRow(record, columns));
}

function asRow({ line, text, cells }: WrittenRecord, columns: readonly string[]): WrittenRow {
  const unreadable = (sentence: string): WrittenRow => ({ line, text, fault: { kind: 'UNREADABLE', sentence } });
  if (!cells) return unreadable('a quotation mark is not where it can be, or is never closed');
  if (/[\uFFFD\0]/u.test(text))
    return unreadable('it holds characters that cannot be read in the encoding of the file');
  if (cells.length !== columns.length) {
    const sentence = `it has ${cells.length} cells where the header has ${columns.length}`;
    return { line, text, fault: { kind: 'COLUMN_COUNT', sentence } };
  }
  return { line, text, cells: new Map(columns.map((column, at) => [column, cells[at] ?? ''])) };
}
