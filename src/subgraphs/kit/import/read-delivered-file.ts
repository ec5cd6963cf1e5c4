import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { type FileHeader, readFileHeader } from './read-file-header.ts';
import { readJsonLines } from './read-json-lines.ts';
import { RecordSplitter, type WrittenRecord } from './split-records.ts';
import type { FileToRead, WrittenRow } from './written-row.ts';

const ROWS_AT_ONCE = 1_000;

/**
 * Streams a delivered file as rows, 1,000 at a time: JSON Lines where its name says so, else delimited text, whatever its
 * encoding (UTF-8, UTF-16 or Windows-1256), delimiter and line ends. Throws `ImportError` where the first line of
 * delimited text is not the header that is needed.
 */
export async function* readDeliveredFile(input: FileToRead): AsyncGenerator<readonly WrittenRow[]> {
  const rows: WrittenRow[] = [];
  for await (const more of input.file.endsWith('.jsonl') ? readJsonLines(input) : readDelimitedRows(input)) {
    rows.push(...more);
    while (rows.length >= ROWS_AT_ONCE) yield rows.splice(0, ROWS_AT_ONCE);
  }
  if (rows.length > 0) yield rows;
}

async function* readDelimitedRows(input: FileToRead): AsyncGenerator<readonly WrittenRow[]> {
  const header = await readFileHeader(input);
  const splitter = new RecordSplitter(header.delimiter);
  const decoder = iconv.getDecoder(header.encoding);
  for await (const bytes of createReadStream(input.path)) {
    if (!Buffer.isBuffer(bytes)) throw new TypeError('a file is read as bytes');
    input.onBytes(bytes.length);
    yield rowsOf(splitter.push(decoder.write(bytes)), header);
  }
  const last = decoder.end() ?? '';
  yield rowsOf([...splitter.push(last), ...splitter.end()], header);
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
