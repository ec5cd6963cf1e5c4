import { expect, it } from 'vitest';
import { ProgressLine } from '../../src/cli/progress-line.ts';

function line() {
  let now = 0;
  const progress = new ProgressLine(() => now);
  return (at: number, file: string, done: number, fraction: number): string => {
    now = at;
    return progress.describe({ at: file, done, unit: 'rows', fraction });
  };
}

it('says how far it is, and after a second how fast, and how long the rest takes', () => {
  const describe = line();
  expect(describe(500, 'a.csv', 4_000, 0.1)).toBe('10 %  a.csv: 4000 rows');
  expect(describe(2_500, 'a.csv', 12_000, 0.25)).toBe('25 %  a.csv: 12000 rows, 6000 rows/s, 8 s left');
});

it('counts the rate of each file from where that file begins, and the rest from the whole', () => {
  const describe = line();
  describe(0, 'a.csv', 1_000, 0.1);
  expect(describe(60_000, 'b.csv', 1_000, 0.2)).toBe('20 %  b.csv: 1000 rows, 4 min left');
  expect(describe(62_000, 'b.csv', 21_000, 0.2)).toBe('20 %  b.csv: 21000 rows, 10500 rows/s, 4 min left');
});

it('tells hours, and of nothing left to do no time', () => {
  const describe = line();
  describe(0, 'a.csv', 0, 0);
  expect(describe(600_000, 'a.csv', 600, 0.1)).toBe('10 %  a.csv: 600 rows, 1 rows/s, 1 h 30 min left');
  expect(describe(600_000, 'a.csv', 6_000, 1)).toBe('100 %  a.csv: 6000 rows, 10 rows/s');
});
