import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATE_STYLES, type DateStyle } from '../../src/subgraphs/kit/import/date-styles.ts';
import { type FileMapping, asOurs } from '../../src/subgraphs/kit/import/file-mapping.ts';
import { readPartialDate } from '../../src/subgraphs/kit/import/partial-date.ts';
import { latinDigits } from '../../src/subgraphs/kit/import/plain-text.ts';
import { normaliseName } from '../../src/subgraphs/kit/normalise-name.ts';
import { type CustodianStore, custodianStore } from './custodian-store.ts';

const LATEST = 2026;
const COLUMNS = [
  ...['certificate_no', 'person', 'name', 'mother', 'born', 'died', 'place_of_death', 'cause'],
  ...['registered', 'registry_office'],
] as const;
const DIGITS = { latin: '0123456789', arabic: '٠١٢٣٤٥٦٧٨٩', persian: '۰۱۲۳۴۵۶۷۸۹' };
type Digits = keyof typeof DIGITS;

const inDigits = (text: string, digits: Digits): string =>
  text.replace(/\d/gu, (digit) => DIGITS[digits][Number(digit)] ?? '');
const two = (number: number): string => String(number).padStart(2, '0');

interface WrittenDate {
  readonly text: string;
  readonly value: string;
}

const MONTHS: readonly (readonly string[])[] = [
  ['January', 'jan', 'كانون الثاني', 'يناير'],
  ['February', 'Feb', 'شباط', 'فبراير'],
  ['March', 'mar', 'آذار', 'اذار', 'مارس'],
  ['April', 'Apr', 'نيسان', 'أبريل', 'ابريل'],
  ['May', 'أيار', 'ايار', 'مايو'],
  ['June', 'Jun', 'حزيران', 'يونيو'],
  ['July', 'Jul', 'تموز', 'يوليو'],
  ['August', 'Aug', 'آب', 'أغسطس'],
  ['September', 'Sept', 'أيلول', 'سبتمبر'],
  ['October', 'OCT', 'تشرين الأول', 'أكتوبر'],
  ['November', 'Nov', 'تشرين الثاني', 'نوفمبر'],
  ['December', 'Dec', 'كانون الأول', 'كانون الاول', 'ديسمبر'],
];

/** How each style writes a date, by how much of it is known. */
const STYLES: Readonly<Record<DateStyle, (year: string, month: number, day: number, pick: number) => WrittenDate[]>> = {
  'day-first': (year, month, day) => [
    ...['/', '.', '-'].map((separator) => ({
      text: [day, month, year].join(separator),
      value: `${year}-${two(month)}-${two(day)}`,
    })),
    { text: `${two(month)}/${year}`, value: `${year}-${two(month)}` },
  ],
  'month-first': (year, month, day) => [
    ...['/', '.', '-'].map((separator) => ({
      text: [two(month), day, year].join(separator),
      value: `${year}-${two(month)}-${two(day)}`,
    })),
    { text: `${month}/${year}`, value: `${year}-${two(month)}` },
  ],
  'month-names': (year, month, day, pick) => {
    const names = MONTHS[month - 1] ?? [];
    const name = names[pick % names.length] ?? '';
    const value = `${year}-${two(month)}-${two(day)}`;
    return [
      { text: `${day} ${name} ${year}`, value },
      { text: `${two(day)}-${name}-${year}`, value },
      { text: `${name} ${year}`, value: `${year}-${two(month)}` },
      ...(/^[a-z]/iu.test(name) ? [{ text: `${name} ${day}, ${year}`, value }] : []),
    ];
  },
  compact: (year, month, day) => [
    { text: `${year}${two(month)}${two(day)}`, value: `${year}-${two(month)}-${two(day)}` },
  ],
};

const yearFirst = (year: string, month: number, day: number): WrittenDate[] => [
  { text: year, value: year },
  { text: `${year}-${month}`, value: `${year}-${two(month)}` },
  ...['/', '.', '-'].map((separator) => ({
    text: [year, two(month), day].join(separator),
    value: `${year}-${two(month)}-${two(day)}`,
  })),
];

const digits = fc.constantFrom<Digits>('latin', 'arabic', 'persian');
const realDay = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => [String(date.getUTCFullYear()), date.getUTCMonth() + 1, date.getUTCDate()] as const);
const writtenIn = (styles: readonly DateStyle[]): fc.Arbitrary<WrittenDate> =>
  fc.tuple(realDay, fc.nat(), digits).map(([[year, month, day], pick, written]) => {
    const all = [yearFirst(year, month, day), ...styles.map((style) => STYLES[style](year, month, day, pick))].flat();
    const { text, value } = all[pick % all.length] ?? { text: '', value: '' };
    return { text: inDigits(text, written), value };
  });

describe('a date', () => {
  it.each(DATE_STYLES)(
    'is read as it was meant in style %s, in every kind of digits, and to the same precision',
    (style) => {
      fc.assert(
        fc.property(writtenIn([style]), fc.constantFrom('', ' ', '\u200F', '\u202B'), ({ text, value }, mark) => {
          const date = readPartialDate(`${mark}${text} `, LATEST, [style]);
          expect([text, date?.value]).toEqual([text, value]);
          expect(date?.from.startsWith(value) && date.to.startsWith(value)).toBe(true);
        }),
        { numRuns: 1_000 },
      );
    },
  );

  it('in a style that is not named is none, or the same', () => {
    fc.assert(
      fc.property(realDay, fc.nat(), ([year, month, day], pick) => {
        for (const { text } of [
          ...STYLES['month-names'](year, month, day, pick),
          ...STYLES.compact(year, month, day, pick),
        ])
          expect(readPartialDate(text, LATEST)).toBeUndefined();
        if (day > 12) expect(readPartialDate(`${month}/${day}/${year}`, LATEST)).toBeUndefined();
        if (day > 12) expect(readPartialDate(`${day}/${month}/${year}`, LATEST, ['month-first'])).toBeUndefined();
      }),
    );
  });
});

const ARABIC = 'ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة';
const MARKS = ['ـ', '\u064B', '\u064E', '\u0651', '\u200E', '\u200F', '\u202A', '\u061C'];
const SAME: readonly (readonly string[])[] = [
  ['ا', 'أ', 'إ', 'آ', 'ٱ'],
  ['ي', 'ى', 'ئ'],
  ['ه', 'ة'],
  ['و', 'ؤ'],
  ['ك', 'ک'],
];
const word = fc.string({ unit: fc.constantFrom(...ARABIC), minLength: 3, maxLength: 8 });

describe('a name', () => {
  it('has one normal form however its letters, marks, digits and article are written, and that form is its own', () => {
    const variant = (text: string, picks: readonly number[]): string =>
      [...text]
        .map((letter, at) => {
          const pick = picks[at % picks.length] ?? 0;
          const same = SAME.find((letters) => letters.includes(letter)) ?? [letter];
          const mark = pick % 3 === 0 ? (MARKS[pick % MARKS.length] ?? '') : '';
          return `${same[pick % same.length]}${mark}`;
        })
        .join('');
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(' ', '  ', ' \u200F', '-'),
        (words, picks, space) => {
          const name = words.join(' ');
          const normal = normaliseName(name);
          expect(normaliseName(normal)).toBe(normal);
          expect(normaliseName(words.map((text) => variant(text, picks)).join(space))).toBe(normal);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each(['عبد', 'أبو', 'ابو'])(
    'has one normal form whether %s stands alone or joined, with the article or without',
    (prefix) => {
      fc.assert(
        // A word that begins like an article or another such word would be another name.
        fc.property(
          word.filter((text) => !/^(?:[اأإآ]ل|عبد|[اأإآ]بو|ال)/u.test(text)),
          (text) => {
            const forms = [`${prefix} ${text}`, `${prefix}${text}`, `${prefix} ال${text}`, `${prefix}ال${text}`].map(
              normaliseName,
            );
            expect(new Set(forms).size).toBe(1);
            expect(normaliseName(`ال${text}`)).toBe(normaliseName(text));
          },
        ),
      );
    },
  );
});

type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

interface Sheet {
  readonly rows: readonly { readonly cells: Row; readonly dates: Readonly<Record<string, string | null>> }[];
  readonly text: (delimiter: string, end: string) => string;
}

/** Texts that an encoding can hold, with what is awkward in a table. */
const textIn = (letters: string): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...letters, ' ', ',', ';', '\t', '|', '"', '\n', '\r\n', "'", '=', '7'),
    maxLength: 20,
  });

const ENCODINGS = {
  'utf-8': `aZé${ARABIC}٣۴\u200F\u0651ـ😀`,
  'utf-8 with BOM': `aZé${ARABIC}٣۴\u200F\u0651ـ😀`,
  'utf-16le': `aZ${ARABIC}٣۴\u0651😀`,
  'utf-16be': `aZ${ARABIC}٣۴\u0651😀`,
  'windows-1256': 'aZéçابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىةپچژگ\u064B\u0651ـ\u200F،؟',
} as const;
type EncodingName = keyof typeof ENCODINGS;

function bytesOf(text: string, encoding: EncodingName): Buffer {
  if (encoding === 'utf-8 with BOM') return iconv.encode(text, 'utf-8', { addBOM: true });
  return iconv.encode(text, encoding, { addBOM: encoding.startsWith('utf-16') });
}

const quotedWhereNeeded = (cell: string): string =>
  /[,;\t|"\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const filled = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((written) => (written.trim() === '' ? 'a' : written));

/** Certificates as clerks of one office write them, in one encoding and one style of dates. */
function sheets(letters: string, style: DateStyle): fc.Arbitrary<Sheet> {
  const text = textIn(letters);
  // Not every encoding has every kind of digits.
  const written = writtenIn([style]).map(({ text: date, value }) =>
    [...date].every((letter) => letters.includes(letter) || letter.charCodeAt(0) < 0x80)
      ? { text: date, value }
      : { text: value, value },
  );
  const date = fc.option(written, { nil: { text: '', value: null } });
  const row = fc.record({
    ...{ certificate_no: fc.nat(), name: filled(text), mother: text, cause: text, place_of_death: text },
    ...{ registry_office: text, born: date, died: date, registered: date },
    person: fc.constantFrom('', 'psn_00000000000000000001'),
  });
  return fc.array(row, { minLength: 1, maxLength: 12 }).map((made) => {
    const rows = made.map(({ born, died, registered, ...texts }, at) => {
      // A death before the birth would be rejected, which is not what is looked at here.
      const isOrdered = born.value === null || died.value === null || died.value.slice(0, 4) > born.value.slice(0, 4);
      const death = isOrdered ? died : { text: '', value: null };
      const cells: Row = {
        ...texts,
        certificate_no: `${at}/${texts.certificate_no}`,
        ...{ born: born.text, died: death.text, registered: registered.text },
      };
      return { cells, dates: { born: born.value, died: death.value, registered: registered.value } };
    });
    return {
      rows,
      text: (delimiter, end) =>
        [COLUMNS, ...rows.map(({ cells }) => COLUMNS.map((column) => cells[column]))]
          .map((cells) => cells.map(quotedWhereNeeded).join(delimiter) + end)
          .join(''),
    };
  });
}

describe('what is written into a delivery, imported and exported again', () => {
  let store: CustodianStore;
  beforeAll(async () => void (store = await custodianStore('ministry')));
  afterAll(() => store.close());

  // Of a few letters nobody could tell that they are Windows-1256: there it is stated.
  const mapping = (style: DateStyle, encoding: EncodingName): ReadonlyMap<string, FileMapping> =>
    new Map(
      store.delivery.files.map((file) => [
        file.file,
        {
          ...{ ...asOurs(file), dates: [style] },
          ...(encoding === 'windows-1256' && { encoding }),
        },
      ]),
    );

  const trimmed = (text: string): string | null => text.trim() || null;

  it.each(Object.keys(ENCODINGS).map((encoding) => [encoding as EncodingName]))(
    'is what was written, to the character, in %s, whatever separates cells and lines',
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(
          fc
            .constantFrom(...DATE_STYLES)
            .chain((style) => fc.tuple(fc.constant(style), sheets(ENCODINGS[encoding], style))),
          fc.constantFrom(',', ';', '\t', '|'),
          fc.constantFrom('\n', '\r\n'),
          async ([style, sheet], delimiter, end) => {
            await store.rows('truncate delivered_rows, death_certificates, links');
            await store.write('death_certificates.csv', bytesOf(sheet.text(delimiter, end), encoding));
            const report = await store.import({ mapping: mapping(style, encoding) });
            expect(report.rejects).toEqual([]);
            const kept = await store.rows<{ written: Row }>('select written from delivered_rows order by line');
            expect(kept.map(({ written }) => written)).toEqual(sheet.rows.map(({ cells }) => cells));
            const records = await store.rows(
              `select c.reference, name ->> 'asWritten' as name, name_key, mother, stated_cause, stated_place_as_written,
                  registry_office, born_value, stated_date_value, registered_on_value
                from death_certificates c join delivered_rows d on d.record_id = c.id order by d.line`,
            );
            expect(records).toEqual(
              sheet.rows.map(({ cells, dates }) => ({
                reference: latinDigits(cells.certificate_no),
                name: trimmed(cells.name),
                name_key: normaliseName(cells.name.trim()),
                mother: trimmed(cells.mother),
                stated_cause: trimmed(cells.cause),
                stated_place_as_written: trimmed(cells.place_of_death),
                registry_office: trimmed(cells.registry_office),
                ...{ born_value: dates['born'], stated_date_value: dates['died'] },
                registered_on_value: dates['registered'],
              })),
            );
          },
        ),
        { numRuns: 12 },
      );
    },
    240_000,
  );

  it('is what was written also of what was rejected, when it is corrected and imported', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<EncodingName>('utf-8', 'windows-1256', 'utf-16le'),
        sheets(ENCODINGS['windows-1256'], 'day-first'),
        fc.constantFrom(',', ';'),
        async (encoding, sheet, delimiter) => {
          await store.rows('truncate delivered_rows, death_certificates, links');
          await rm(`${store.rejectsFolder}-2`, { recursive: true, force: true });
          // A person that is none, in a row of which all else is right.
          const faulty = sheet.rows.map(({ cells }) => ({ ...cells, person: 'nobody' }));
          const lines = [COLUMNS, ...faulty.map((cells) => COLUMNS.map((column) => cells[column]))];
          await store.write(
            'death_certificates.csv',
            bytesOf(lines.map((cells) => `${cells.map(quotedWhereNeeded).join(delimiter)}\r\n`).join(''), encoding),
          );
          const rules = { mapping: mapping('day-first', encoding) };
          expect((await store.import(rules)).files).toMatchObject([{ accepted: 0, rejected: sheet.rows.length }]);
          const folder = store.rejectsFolder;
          expect(await readdir(folder)).toEqual(['death_certificates.csv']);
          const path = `${folder}/death_certificates.csv`;
          const rejects = await readFile(path, 'utf8');
          // Only the cell is replaced, not the word in the reason beside it.
          await writeFile(path, rejects.replaceAll(`${delimiter}nobody${delimiter}`, delimiter + delimiter));
          const report = await store.import({ ...rules, folder, rejectsFolder: `${store.rejectsFolder}-2` });
          expect(report.rejects).toEqual([]);
          const kept = await store.rows<{ written: Row }>('select written from delivered_rows order by line');
          expect(kept.map(({ written }) => written)).toEqual(faulty.map((cells) => ({ ...cells, person: '' })));
        },
      ),
      { numRuns: 12 },
    );
  }, 240_000);
});
