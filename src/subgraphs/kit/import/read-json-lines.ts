import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { plainText } from './plain-text.ts';
import type { FileToRead, WrittenRow } from './written-row.ts';

const LONGEST_LINE = 10_000_000;

/**
 * Streams a file of JSON objects, one a line, in UTF-8 (RFC 8259 §8.1), as rows. A value within an object within it is
 * the column `outer.inner`; null and what is missing are empty cells; a list is kept as JSON.
 */
export async function* readJsonLines({ path, columns, onBytes }: FileToRead): AsyncGenerator<readonly WrittenRow[]> {
  const decoder = iconv.getDecoder('utf-8');
  let line = 0;
  let rest = '';
  const rowsOf = (lines: readonly string[]): WrittenRow[] =>
    lines.flatMap((text) => {
      line += 1;
      return text.trim() === '' ? [] : [asRow(line, text.replace(/\r$/u, ''), columns)];
    });
  for await (const bytes of createReadStream(path)) {
    if (!Buffer.isBuffer(bytes)) throw new TypeError('a file is read as bytes');
    onBytes(bytes.length);
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError('a line is longer than 10,000,000 characters');
    yield rowsOf(lines);
  }
  yield rowsOf([rest + (decoder.end() ?? '')]);
}

function asRow(line: number, text: string, columns: readonly string[]): WrittenRow {
  const unreadable = (sentence: string): WrittenRow => ({ line, text, fault: { kind: 'UNREADABLE', sentence } });
  const value = parsed(text);
  if (!isObject(value)) return unreadable('it is not a JSON object');
  const cells = new Map(columns.map((column) => [column, '']));
  for (const [column, cell] of cellsOf(value)) cells.set(column, cell);
  // PostgreSQL keeps no NUL in a text, and JSON can write one without holding it.
  if ([...cells].flat().some((cell) => /[\uFFFD\0]/u.test(cell)))
    return unreadable('it holds characters that cannot be read');
  return { line, text, cells };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cellsOf(object: object, outer = ''): [column: string, cell: string][] {
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
    const column = `${outer}${plainText(name).toLowerCase()}`;
    if (isObject(value)) return cellsOf(value, `${column}.`);
    if (value === null) return [];
    return [[column, typeof value === 'string' ? value : JSON.stringify(value)] as [string, string]];
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
