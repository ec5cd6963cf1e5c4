import { openDelimitedFile } from './read-delimited-file.ts';
import { openJsonLines } from './read-json-lines.ts';
import type { FileToRead, OpenFile, WrittenRow } from './written-row.ts';

const ROWS_AT_ONCE = 1_000;

/**
 * Opens a delivered file, to be read as it streams: JSON Lines where its name says so, else delimited text, in the
 * encoding, delimiter and columns of its mapping. Throws `ImportError` where the first line of delimited text is not the
 * header that is needed.
 */
export async function openDeliveredFile(input: FileToRead): Promise<OpenFile> {
  const { rows, rejects } = input.mapping.file.endsWith('.jsonl')
    ? openJsonLines(input)
    : await openDelimitedFile(input);
  return { rows: inBatches(rows), rejects };
}

async function* inBatches(pieces: AsyncIterable<readonly WrittenRow[]>): AsyncGenerator<readonly WrittenRow[]> {
  const rows: WrittenRow[] = [];
  for await (const more of pieces) {
    rows.push(...more);
    while (rows.length >= ROWS_AT_ONCE) yield rows.splice(0, ROWS_AT_ONCE);
  }
  if (rows.length > 0) yield rows;
}
