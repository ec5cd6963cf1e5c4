/** A record of a delimited file as it was written, with the line on which it begins; no cells where it cannot be read. */
export interface WrittenRecord {
  readonly line: number;
  readonly text: string;
  readonly cells?: readonly string[];
}

/** A cell in quotes may span lines, but an unclosed one must not swallow the file: beyond this it counts as unclosed. */
const MOST_LINES = 200;
const LONGEST_RECORD = 1_000_000;
const LONGEST_LINE = 10_000_000;

interface Line {
  readonly text: string;
  readonly end: string;
}

/**
 * Splits delimited text (RFC 4180, any line ends) into records as it streams in. Unlike a parser that reads cell by
 * cell it recovers after a quote that is never closed: only the line on which it stands is unreadable.
 */
export class RecordSplitter {
  readonly #delimiter: string;
  #rest = '';
  #lines: Line[] = [];
  #at = 0;
  #line = 1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The records that are complete with this piece of text. */
  push(text: string): WrittenRecord[] {
    this.#takeLines(this.#rest + text, false);
    return this.#takeRecords(false);
  }

  /** The records that are left when the text has ended. */
  end(): WrittenRecord[] {
    this.#takeLines(this.#rest, true);
    return this.#takeRecords(true);
  }

  #takeLines(text: string, ended: boolean): void {
    const kept = this.#lines.slice(this.#at);
    this.#at = 0;
    let from = 0;
    for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/gu)) {
      // The \n of this \r may be in the next piece.
      if (end === '\r' && index === text.length - 1 && !ended) break;
      kept.push({ text: text.slice(from, index), end });
      from = index + end.length;
    }
    if (ended && from < text.length) kept.push({ text: text.slice(from), end: '' });
    this.#rest = ended ? '' : text.slice(from);
    if (this.#rest.length > LONGEST_LINE) throw new RangeError('a line is longer than 10,000,000 characters');
    this.#lines = kept;
  }

  #takeRecords(ended: boolean): WrittenRecord[] {
    const records: WrittenRecord[] = [];
    for (;;) {
      const first = this.#lines[this.#at];
      if (first === undefined) return records;
      if (first.text === '') {
        this.#advance(1);
        continue;
      }
      const found = this.#readRecord(first, ended);
      if (found === 'WAIT') return records;
      records.push(found.record);
      this.#advance(found.lines);
    }
  }

  #readRecord(first: Line, ended: boolean): { record: WrittenRecord; lines: number } | 'WAIT' {
    const unreadable = { record: { line: this.#line, text: first.text }, lines: 1 };
    let { text, end } = first;
    for (let lines = 1; lines <= MOST_LINES && text.length <= LONGEST_RECORD; lines += 1) {
      const cells = readCells(text, this.#delimiter);
      if (cells === 'BROKEN') return unreadable;
      if (cells !== 'OPEN') return { record: { line: this.#line, text, cells }, lines };
      const next = this.#lines[this.#at + lines];
      if (next === undefined) return ended ? unreadable : 'WAIT';
      text += end + next.text;
      end = next.end;
    }
    return unreadable;
  }

  #advance(lines: number): void {
    this.#at += lines;
    this.#line += lines;
  }
}

/** The cells of one record: `OPEN` where a quote is not closed yet, `BROKEN` where text follows a closing quote. */
export function readCells(text: string, delimiter: string): string[] | 'OPEN' | 'BROKEN' {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ; at += 1) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      cells.push(text.slice(at, end < 0 ? undefined : end));
      if (end < 0) return cells;
      at = end;
      continue;
    }
    const close = closingQuote(text, at + 1);
    if (close < 0) return 'OPEN';
    cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
    at = close + 1;
    if (at === text.length) return cells;
    if (text[at] !== delimiter) return 'BROKEN';
  }
}

function closingQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote;
}
