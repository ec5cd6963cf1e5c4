import iconv from 'iconv-lite';
import { columnName } from './file-mapping.ts';
import { openRegularFile } from './open-regular-file.ts';
import {
  DUPLICATE_REASON,
  type FileToRead,
  NOT_CORRECTED,
  type OpenFile,
  type RejectsForm,
  type WrittenRow,
} from './written-row.ts';

const LONGEST_LINE = 10_000_000;
/** How many objects and lists may be within one another: what goes through them goes one deeper for each. */
const DEEPEST = 64;

/**
 * Opens a file of JSON objects, one a line, in UTF-8 (RFC 8259 §8.1). A value within an object within it is the column
 * `outer.inner`; null and what is missing are empty cells; a number is kept as it is written, a list as JSON.
 */
export const openJsonLines = (input: FileToRead): OpenFile => ({ rows: readRows(input), rejects: JSON_REJECTS });

async function* readRows({ path, mapping, onBytes }: FileToRead): AsyncGenerator<readonly WrittenRow[]> {
  const decoder = iconv.getDecoder('utf-8');
  const columns = [...mapping.columns.values()];
  let line = 0;
  let rest = '';
  const rowsOf = (lines: readonly string[]): WrittenRow[] =>
    lines.flatMap((text) => {
      line += 1;
      return text.trim() === '' ? [] : [asRow(line, text.replace(/\r$/u, ''), columns)];
    });
  for await (const bytes of (await openRegularFile(path)).createReadStream()) {
    if (!Buffer.isBuffer(bytes)) throw new TypeError('a file is read as bytes');
    onBytes(bytes.length);
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError('a line is longer than 10,000,000 characters');
    yield rowsOf(lines);
  }
  yield rowsOf([rest + (decoder.end() ?? '')]);
}

/** Beside a rejected row: the first member of its object; `row` is the line where that is no object. */
interface Beside {
  readonly reason: string;
  readonly row?: unknown;
}

/** Rejected rows as JSON Lines, the text of each as delivered but for the member `amana`, which comes first. */
const JSON_REJECTS: RejectsForm = {
  head: '',
  row: ({ file, reason, row }) => {
    const beside = { file, line: row.line, reason, ...(!row.cells && { row: row.text }) };
    const members = row.cells ? row.text.slice(row.text.indexOf('{') + 1).trim() : '}';
    return `{"amana":${JSON.stringify(beside)}${members.startsWith('}') ? '' : ','}${members}\n`;
  },
};

function asRow(line: number, text: string, columns: readonly string[]): WrittenRow {
  const unreadable = (sentence: string) => ({ kind: 'UNREADABLE', sentence }) as const;
  const value = parsed(text);
  if (!isObject(value)) return { line, text, fault: unreadable('it is not a JSON object') };
  if (isDeeper(value, DEEPEST)) return { line, text, fault: unreadable(`it is nested more than ${DEEPEST} times`) };
  const beside = 'amana' in value && isBeside(value.amana) ? value.amana : undefined;
  const delivered = beside ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'amana')) : value;
  if (typeof beside?.row === 'string' && Object.keys(delivered).length === 0)
    return { line, text: beside.row, fault: unreadable(NOT_CORRECTED) };
  const cells = new Map(columns.map((column) => [column, '']));
  for (const [column, cell] of cellsOf(delivered)) cells.set(column, cell);
  const row = { line, text: beside ? JSON.stringify(delivered) : text, cells };
  // PostgreSQL keeps no NUL in a text, and JSON can write one without holding it.
  if ([...cells].flat().some((cell) => /[\uFFFD\0]/u.test(cell)))
    return { ...row, fault: unreadable('it holds characters that cannot be read') };
  return { ...row, wasDuplicate: beside?.reason.startsWith(DUPLICATE_REASON) ?? false };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, asWritten);
  } catch {
    return undefined;
  }
}

/** A number in its own digits: as a number it would lose what is beyond the sixteenth, and the zeros at its end. */
const asWritten = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value;

declare global {
  // Node has these two, the library of TypeScript that is used here has not.
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

function cellsOf(object: object, outer = ''): [column: string, cell: string][] {
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
    const column = `${outer}${columnName(name)}`;
    if (isObject(value)) return cellsOf(value, `${column}.`);
    if (value === null) return [];
    return [[column, typeof value === 'string' ? value : JSON.stringify(value)] as [string, string]];
  });
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

const isBeside = (value: unknown): value is Beside =>
  isObject(value) && 'file' in value && 'line' in value && 'reason' in value && typeof value.reason === 'string';
