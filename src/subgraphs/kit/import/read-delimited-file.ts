import iconv from 'iconv-lite';
import { delimitedRejects, holdsRejects, isRejectColumn } from './delimited-rejects.ts';
import { openRegularFile } from './open-regular-file.ts';
import { type FileHeader, readFileHeader } from './read-file-header.ts';
import { RecordSplitter, type WrittenRecord } from './split-records.ts';
import { DUPLICATE_REASON, type FileToRead, NOT_CORRECTED, type OpenFile, type WrittenRow } from './written-row.ts';

/** Opens a file of delimited text whose first line names its columns. Throws `ImportError` where one that is needed is not there. */
export async function openDelimitedFile(input: FileToRead): Promise<OpenFile> {
  const header = await readFileHeader(input.path, input.mapping);
  return { rows: readRows(input, header), rejects: delimitedRejects(header) };
}

async function* readRows({ path, onBytes }: FileToRead, header: FileHeader): AsyncGenerator<readonly WrittenRow[]> {
  const splitter = new RecordSplitter(header.delimiter);
  const decoder = iconv.getDecoder(header.encoding);
  const asRow = holdsRejects(header.columns) ? asRejectedRow : asDeliveredRow;
  const rowsOf = (records: readonly WrittenRecord[]): WrittenRow[] =>
    records.filter(({ line }) => line > 1).map((record) => asRow(record, header.columns));
  for await (const bytes of (await openRegularFile(path)).createReadStream()) {
    if (!Buffer.isBuffer(bytes)) throw new TypeError('a file is read as bytes');
    onBytes(bytes.length);
    yield rowsOf(splitter.push(decoder.write(bytes)));
  }
  const last = decoder.end() ?? '';
  yield rowsOf([...splitter.push(last), ...splitter.end()]);
}

function asDeliveredRow({ line, text, cells }: WrittenRecord, columns: readonly string[]): WrittenRow {
  const at = { line, text };
  if (!cells) return { ...at, fault: unreadable('a quotation mark is not where it can be, or is never closed') };
  const isWhole = cells.length === columns.length;
  const byColumn = isWhole && { cells: new Map(columns.map((column, index) => [column, cells[index] ?? ''])) };
  if (!isLegible(text)) return { ...at, ...byColumn, fault: unreadable(ILLEGIBLE) };
  if (byColumn) return { ...at, ...byColumn };
  const sentence = `it has ${cells.length} cells where the header has ${columns.length}`;
  return { ...at, fault: { kind: 'COLUMN_COUNT', sentence } };
}

/** A row of a file of rejected rows, without what stands beside it there. */
function asRejectedRow(record: WrittenRecord, columns: readonly string[]): WrittenRow {
  const { line, text, cells: all, ...rest } = asDeliveredRow(record, columns);
  if (!all) return { line, text, fault: rest.fault ?? unreadable(ILLEGIBLE) };
  const cells = new Map([...all].filter(([column]) => !isRejectColumn(column)));
  const written = [...cells.values()].join('');
  const unsplit = all.get('amana_row') ?? '';
  if (written.trim() === '' && unsplit !== '') return { line, text: unsplit, fault: unreadable(NOT_CORRECTED) };
  if (!isLegible(written)) return { line, text, cells, fault: unreadable(ILLEGIBLE) };
  return { line, text, cells, wasDuplicate: (all.get('amana_reason') ?? '').startsWith(DUPLICATE_REASON) };
}

const ILLEGIBLE = 'it holds characters that cannot be read in the encoding of the file';
const unreadable = (sentence: string) => ({ kind: 'UNREADABLE', sentence }) as const;
const isLegible = (text: string): boolean => !/[\uFFFD\0]/u.test(text);
