import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { dateColumns, isBefore, readPartialDate } from '../../src/subgraphs/kit/import/partial-date.ts';

const LATEST = 2026;
const arabic = (text: string): string => text.replace(/\d/gu, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] ?? '');
const persian = (text: string): string => text.replace(/\d/gu, (digit) => '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] ?? '');
const two = (number: number): string => String(number).padStart(2, '0');
const read = (text: string): string | undefined => readPartialDate(text, LATEST)?.value;

const realDay = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => ({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }));

it('reads one day alike however it is written, and spans just that day', () => {
  fc.assert(
    fc.property(realDay, fc.constantFrom('/', '.', '-'), ({ year, month, day }, separator) => {
      const value = `${year}-${two(month)}-${two(day)}`;
      const written = [
        value,
        [day, month, year].join(separator),
        [two(day), two(month), year].join(separator),
        [year, month, day].join(separator),
      ];
      for (const text of [...written, ...written.map(arabic), ...written.map(persian), `\u200F ${value}\u202C `]) {
        expect(readPartialDate(text, LATEST)).toEqual({ value, from: value, to: value });
      }
    }),
  );
});

it('never makes up what is not written: a month spans its days, a year its months', () => {
  fc.assert(
    fc.property(realDay, ({ year, month }) => {
      const value = `${year}-${two(month)}`;
      for (const text of [value, `${month}/${year}`, arabic(value)]) {
        const date = readPartialDate(text, LATEST);
        expect(date).toMatchObject({ value, from: `${value}-01` });
        const next = new Date(`${date?.to}T00:00:00Z`).getTime() + 86_400_000;
        expect(new Date(next).getUTCDate()).toBe(1);
      }
      expect(readPartialDate(`${year}`, LATEST)).toEqual({
        value: `${year}`,
        from: `${year}-01-01`,
        to: `${year}-12-31`,
      });
    }),
  );
});

it('refuses every day that no calendar has', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1900, max: LATEST }),
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 0, max: 99 }),
      (year, month, day) => {
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists =
          month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && day > 0;
        expect(read(`${two(day)}/${two(month)}/${year}`) !== undefined).toBe(exists);
        expect(read(`${year}-${two(month)}-${two(day)}`) !== undefined).toBe(exists);
      },
    ),
  );
});

it('reads a day before its month where the year comes last', () => {
  expect(read('18/03/2015')).toBe('2015-03-18');
  expect(read('7.1.1979')).toBe('1979-01-07');
  expect(read('٠٧/٠٩/٢٠١٢')).toBe('2012-09-07');
});

it.each([
  '',
  'unknown',
  '1899',
  '2027',
  '2014-13',
  '2014-02-30',
  '29/02/2015',
  '03/18/2015',
  '18/03.2015',
  '18/03/15',
  '20140305',
  '2014-3-',
  '2014-03-05T00:00',
  '1-2-3-2014',
  '-2014',
  '201',
  '٢٠١٤-١٣',
])('refuses %j', (text) => expect(read(text)).toBeUndefined());

it('answers any text without throwing, and only with days it can stand for', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d٠-٩/.\- ]{0,12}$/u)), (text) => {
      const date = readPartialDate(text, LATEST);
      if (date) expect(date.from <= date.to && date.from.startsWith(date.value)).toBe(true);
    }),
  );
});

it('compares dates by the days they span, so that what may overlap is never before', () => {
  const date = (text: string): NonNullable<ReturnType<typeof readPartialDate>> => {
    const found = readPartialDate(text, LATEST);
    if (!found) throw new Error(text);
    return found;
  };
  expect(isBefore(date('1985-01-01'), date('1990'))).toBe(true);
  expect(isBefore(date('1990-05'), date('1990'))).toBe(false);
  expect(isBefore(date('1990'), date('1990-05'))).toBe(false);
  expect(isBefore(null, date('1990'))).toBe(false);
});

it('keeps a date in four columns, all empty where there is none', () => {
  expect(dateColumns('born', readPartialDate('2014-02', LATEST) ?? null)).toEqual({
    ...{ born_value: '2014-02', born_basis: 'STATED' },
    ...{ born_from: '2014-02-01', born_to: '2014-02-28' },
  });
  expect(dateColumns('born', null)).toEqual({ born_value: null, born_basis: null, born_from: null, born_to: null });
});
