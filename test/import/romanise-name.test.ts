import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseName } from '../../src/subgraphs/kit/normalise-name.ts';
import { romaniseName } from '../../src/subgraphs/kit/romanise-name.ts';
import { delivered } from '../federation/delivered.ts';

describe('one name, in whatever script and spelling', () => {
  it.each([
    ['محمد', 'محمّد', 'Mohammed', 'Muhammad', 'Mohamad', 'MOHAMED', 'Mhd.'],
    ['أحمد', 'احمد', 'Ahmad', 'Ahmed'],
    ['عبد الله', 'عبدالله', 'Abdullah', 'Abdallah', 'Abd Allah', 'Abd-allah'],
    ['عبد الرحمن', 'Abdulrahman', 'Abdurrahman', 'Abd al-Rahman', 'Abdel Rahman', 'Abd ar-Rahman', 'Abdur Rahman'],
    ['عبد القادر', 'Abdulkader', 'Abdul Qader', 'Abd al-Qadir', 'ʿAbd al-Qādir'],
    ['عبد العزيز', 'Abdelaziz', 'Abdul Aziz'],
    ['عبد الحق', 'Abdulhaq', 'Abd al-Haqq'],
    ['العبد الله', 'Alabdallah', 'al-Abdullah'],
    ['أبو زيد', 'ابوزيد', 'Abou Zaid', 'Abu Zeid', 'Abuzaid'],
    ['أبو الخير', 'Abu al-Khair', 'Abulkhair'],
    ['صلاح الدين', 'Salah al-Din', 'Salahuddin', 'Salaheddine'],
    ['نور الدين', 'Nour Eddin', 'Noureddine', 'Nur al-Deen'],
    ['الحسن', 'al-Hassan', 'Alhasan', 'Hassan'],
    ['الشامي', 'ash-Shami', 'Alshami', 'al-Shami', 'Shami'],
    ['السيد', 'Elsayed', 'as-Sayed', 'al-Sayyid'],
    ['علي', 'Ali', 'Aly'],
    ['العلي', 'al-Ali', 'Alali'],
    ['علاء', 'Alaa', 'Ala'],
    ['الياس', 'إلياس', 'Elias', 'Ilyas'],
    ['قاسم', 'Kassem', 'Qasim', 'Qasem'],
    ['خالد', 'Khaled', 'Khalid'],
    ['غياث', 'Ghiath', 'Ghayath'],
    ['جمال', 'Jamal', 'Gamal', 'Djamal'],
    ['جورج', 'George', 'Georges'],
    ['حسين', 'Hussein', 'Husayn', 'Hussain'],
    ['يوسف', 'Youssef', 'Yusuf', 'Yousef'],
    ['يحيى', 'يحيي', 'Yahya', 'Yehia'],
    ['وليد', 'Walid', 'Waleed'],
    ['معاذ', 'Mouaz', "Mu'adh", 'Moaz'],
    ['عثمان', 'Othman', 'Osman', 'Uthman'],
    ['صالح', 'Saleh', 'Salih'],
    ['فاطمة', 'فاطمه', 'Fatima', 'Fatimah'],
    ['شحادة', 'Shehadeh', 'Chahada'],
    ['طه', 'Taha'],
    ['ضياء', 'Diaa', 'Diya'],
    ['الخطيب', 'al-Khatib', 'Alkhateeb', 'el-Khatib'],
    ['فرع ٢١٥', 'فرع 215', 'Fara 215'],
  ])('%s', (...spellings) => {
    const keys = new Set(spellings.map(romaniseName));
    expect(keys.size, [...keys].join(' ')).toBe(1);
    expect([...keys][0]).toMatch(/^[a-z0-9 ]+$/u);
  });
});

it.each([
  ['خالد', 'Walid'],
  ['علي', 'Layla'],
  ['عمر', 'Maher'],
  ['سامر', 'Shamir'],
  ['يوسف', 'Saif'],
  ['حسن', 'Hasna Ali'],
])('tells %s from %s', (one, other) => expect(romaniseName(one)).not.toBe(romaniseName(other)));

describe('on the names delivered', () => {
  const rows = delivered('missing/reports.csv');
  const nameOf = (row: (typeof rows)[number], ...parts: readonly string[]): string =>
    parts.map((part) => row[part] ?? '').join(' ');

  it('agrees for every name that is given in both scripts', () => {
    const both = rows.filter((row) => row['name_latin'] !== '');
    const apart = both.filter(
      (row) => romaniseName(nameOf(row, 'ism', 'father', 'family')) !== romaniseName(row['name_latin'] ?? ''),
    );
    expect(both.length).toBeGreaterThan(400);
    expect(apart.map((row) => row['name_latin'])).toEqual([]);
  });

  it('joins no two whole names that the normal form tells apart, and few single ones', () => {
    const whole = new Set(rows.map((row) => normaliseName(nameOf(row, 'ism', 'father', 'grandfather', 'family'))));
    expect(new Set([...whole].map(romaniseName)).size).toBe(whole.size);
    const single = new Set(
      rows.flatMap((row) => ['ism', 'father', 'family'].map((part) => normaliseName(row[part] ?? ''))),
    );
    const joined = [...Map.groupBy(single, romaniseName).values()].filter(({ length }) => length > 1);
    expect(joined.map((names) => names.toSorted())).toEqual(
      expect.arrayContaining([
        ['حسن', 'حسين'],
        ['محمد', 'محمود'],
      ]),
    );
    expect(joined.length).toBeLessThanOrEqual(2);
  });
});

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'عبدالوهـأإ شخq') }),
  fc.string({ unit: fc.constantFrom('abd', 'ul', 'al', '-', ' ', 'sh', 'kh', 'h', 'a', 'ou', 'Din', 'ابو', 'ال') }),
);

describe('whatever the text', () => {
  it('is of small letters, digits and single spaces, and never longer than an index holds', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const key = romaniseName(text);
        expect(key).toMatch(/^(?:[a-z0-9]+(?: [a-z0-9]+)*)?$/u);
        expect(key.length).toBeLessThanOrEqual(500);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not see case, tatweel, diacritics and bidi marks', () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('ـ', '\u064B', '\u0651', '\u200F', '\u061C', '\u0304', "'"),
        fc.nat(),
        (text, mark, at) => {
          // Folding is not the inverse of unfolding for all letters of all scripts.
          const plain = text.normalize('NFKD').replace(/[^a-z0-9\u0621-\u064A -]/gu, '');
          const place = plain.length === 0 ? 0 : at % plain.length;
          expect(romaniseName(plain.slice(0, place) + mark + plain.slice(place))).toBe(romaniseName(plain));
          expect(romaniseName(plain.toUpperCase())).toBe(romaniseName(plain));
        },
      ),
    );
  });

  it('is the same for a name and for its normal form', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('عبد الله', 'عبـدالقادر', 'أبو زيد', 'محمّد', 'الحسن', 'حاـج', 'عرفة', 'مؤيد')),
        (parts) => {
          const name = parts.join(' ');
          expect(romaniseName(normaliseName(name))).toBe(romaniseName(name));
        },
      ),
    );
  });

  it('takes no longer where it is made to be slow', () => {
    const started = performance.now();
    for (const slow of ['a', 'abd ', 'al', 'h', 'ou', 'ش', `a${'\u0315\u0300\u05ae\u0334'}`, 'عبدال', 'd'])
      romaniseName(slow.repeat(30_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
