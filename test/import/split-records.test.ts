import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecordSplitter, type WrittenRecord } from '../../src/subgraphs/kit/import/split-records.ts';

function split(text: string, delimiter = ',', piece = text.length || 1): WrittenRecord[] {
  const splitter = new RecordSplitter(delimiter);
  const records: WrittenRecord[] = [];
  for (let at = 0; at < text.length; at += piece) records.push(...splitter.push(text.slice(at, at + piece)));
  return [...records, ...splitter.end()];
}

const cell = fc.string({ unit: fc.constantFrom('a', 'ب', ',', ';', '"', '\n', '\r\n', ' ') });
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
const quoted = (text: string): string => (/[",;\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

it('gives back what was written, whatever is in the cells, the line ends, and the pieces it comes in', () => {
  fc.assert(
    fc.property(
      table,
      fc.constantFrom(',', ';'),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.integer({ min: 1, max: 9 }),
      (rows, delimiter, end, piece) => {
        const text = rows.map((row) => row.map(quoted).join(delimiter) + end).join('');
        expect(split(text, delimiter, piece).map(({ cells }) => cells)).toEqual(rows);
      },
    ),
    { numRuns: 1_000 },
  );
});

it('tells on which line a record begins, blank lines and line breaks in cells counted', () => {
  expect(split('a,b\r\n\r\nc,"d\ne"\r\nf,g').map(({ line, cells }) => [line, cells])).toEqual([
    [1, ['a', 'b']],
    [3, ['c', 'd\ne']],
    [5, ['f', 'g']],
  ]);
});

it('gives up only the line on which a quote is never closed, or stands where it cannot', () => {
  const records = split('1,"open,x\n2,b\n3,"said ""no"" again"\n4,"x"y\n5,7" high\n6,"open\n7,z\n');
  expect(records.map(({ line, cells }) => [line, cells?.[0]])).toEqual([
    ...[
      [1, undefined],
      [2, '2'],
      [3, '3'],
      [4, undefined],
      [5, '5'],
      [6, undefined],
      [7, '7'],
    ],
  ]);
});

it('never loses a line, whatever the quotes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ',', '"', '\n') }),
      fc.integer({ min: 1, max: 5 }),
      (text, piece) => {
        const kept = split(text, ',', piece)
          .map((record) => record.text)
          .join('\n');
        expect(kept.split('\n').filter((line) => line !== '')).toEqual(text.split('\n').filter((line) => line !== ''));
      },
    ),
    { numRuns: 1_000 },
  );
});

it('refuses a line that would fill the memory', () => {
  const splitter = new RecordSplitter(',');
  expect(() => splitter.push('x'.repeat(10_000_001))).toThrow(/longer than/u);
});
