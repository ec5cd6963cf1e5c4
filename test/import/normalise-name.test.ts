import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FacilityIndex } from '../../src/subgraphs/kit/import/facility-index.ts';
import { latinDigits } from '../../src/subgraphs/kit/import/plain-text.ts';
import { normaliseName } from '../../src/subgraphs/kit/normalise-name.ts';

const words = fc.constantFrom(
  'عبد',
  'الله',
  'عبدالله',
  'العبد',
  'أبو',
  'ابو',
  'أبوعبد',
  'الحسن',
  'حسن',
  'ال',
  'الالفي',
  'إلياس',
  'محمّد',
  'القادر',
  'حاـج',
  'al-Khatib',
  'Müller',
  'عرـفة',
  '٢١٥',
);
const names = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(' '));

it.each([
  ['محمد', 'محمّد'],
  ['أحمد', 'احمد'],
  ['عبدالله', 'عبد الله'],
  ['العبد الله', 'العبدالله'],
  ['أبو حجر', 'ابوحجر'],
  ['أبو عبد الله', 'ابوعبدالله'],
  ['الحسن', 'حسن'],
  ['عبـدالقادر', 'عبد القادر'],
  ['عرـفة', 'عرفه'],
  ['جمعة', 'جمعه'],
  ['مصطفى', 'مصطفي'],
  ['رائد', 'رايد'],
  ['مؤيد', 'مويد'],
  ['آمنة', 'امنه'],
  ['\u202Bسميره\u202C', 'سميرة'],
  ['فرع ٢١٥', 'فرع 215'],
  ['AL-KHATIB', 'Al Khatib'],
  ["Dar'a", 'Dara'],
  ['ﻣﺤﻤﺪ', 'محمد'],
])('takes %s and %s for one name', (one, other) => expect(normaliseName(one)).toBe(normaliseName(other)));

it.each([
  ['محمد', 'محمود'],
  ['عبد الله', 'عبيد الله'],
  ['علي', 'عالية'],
])('tells %s from %s', (one, other) => expect(normaliseName(one)).not.toBe(normaliseName(other)));

it('is idempotent, for names and for any text', () => {
  fc.assert(
    fc.property(
      fc.oneof(names, fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'عبدالوهـأإ ') })),
      (text) => {
        const normal = normaliseName(text);
        expect(normaliseName(normal)).toBe(normal);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('takes no longer for a text that is made to be slow, and answers a key that an index can hold', () => {
  const started = performance.now();
  expect(normaliseName(`a${'\u0315\u0300\u05ae\u0334'.repeat(30_000)}`)).toBe('a');
  expect(performance.now() - started).toBeLessThan(1_000);
  for (const long of ['ب', '\uFDFA', '𐎀', '𐎀 ']) {
    const key = normaliseName(long.repeat(30_000));
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(2_000);
    expect(key.isWellFormed()).toBe(true);
  }
});

it('does not see tatweel, diacritics and bidi marks, wherever they stand', () => {
  fc.assert(
    fc.property(
      names,
      fc.constantFrom('ـ', '\u064B', '\u0651', '\u200E', '\u200F', '\u202A', '\u2069', '\u061C'),
      fc.nat(),
      (name, mark, at) => {
        const place = name.length === 0 ? 0 : at % name.length;
        expect(normaliseName(name.slice(0, place) + mark + name.slice(place))).toBe(normaliseName(name));
      },
    ),
  );
});

it('writes digits as Latin ones and leaves all else', () => {
  fc.assert(
    fc.property(fc.nat(), (number) => {
      const arabic = String(number).replace(/\d/gu, (digit) => String.fromCharCode(0x660 + Number(digit)));
      const persian = String(number).replace(/\d/gu, (digit) => String.fromCharCode(0x6f0 + Number(digit)));
      expect(latinDigits(`${arabic}/ب`)).toBe(`${number}/ب`);
      expect(latinDigits(persian)).toBe(String(number));
    }),
  );
});

const facility = (code: string, nameEn: string, nameAr: string, ...aliases: string[]) => ({
  ...{ code, nameEn, nameAr, aliases, agency: 'A', kind: 'K', governorate: 'SY01' },
});
const index = new FacilityIndex([
  facility('BR-251', 'Branch 251', 'فرع 251', 'al-Khatib', 'فرع الخطيب', 'Both'),
  facility('HO-607', 'Tishreen Military Hospital', 'مشفى تشرين العسكري', '607', 'Both'),
]);

it.each(['BR-251', 'br-251', 'branch 251', 'فرع ٢٥١', 'Al Khatib', 'فرع خطيب'])('finds a facility as %s', (text) => {
  expect(index.find(text)?.code).toBe('BR-251');
});

it('finds no facility by a name it does not know, or that two have', () => {
  expect(index.find('Branch 999')).toBeUndefined();
  expect(index.find('Both')).toBeUndefined();
});
