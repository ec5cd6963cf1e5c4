import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/subgraphs/kit/import/delivery.ts';
import { readMapping } from '../../src/subgraphs/kit/import/read-mapping.ts';
import { delivery as ministryDelivery } from '../../src/subgraphs/ministry/delivery.ts';
import { delivery as ngoDelivery } from '../../src/subgraphs/ngo/delivery.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';
import { type CustodianStore, DATA, custodianStore } from './custodian-store.ts';

let opened: CustodianStore[] = [];
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
});

const EXAMPLE = join(DATA, 'mapping-example.yaml');
const LATEST = 2026;

async function openStore(custodian: CustodianStore['custodian'] = 'ministry'): Promise<CustodianStore> {
  const store = await custodianStore(custodian);
  opened.push(store);
  return store;
}

/** A mapping of the text given, beside the delivery. */
async function mapped(store: CustodianStore, text: string) {
  const file = join(dirname(store.folder), 'mapping.yaml');
  await writeFile(file, text);
  return readMapping(file, store.delivery, LATEST);
}

describe('the example', () => {
  it('imports files with other names, columns, encoding, dates and words, and keeps what was written', async () => {
    const store = await openStore();
    const certificates = [
      'رقم الشهادة;الاسم الثلاثي;اسم الأم;تاريخ الولادة;تاريخ الوفاة;مكان الوفاة;السبب;تاريخ التسجيل;أمانة السجل;ملاحظات',
      '1/2015;محمد يحيى النجار;غادة;كانون الثاني 1979;18 آذار 2015; المشفى القديم ;غير مذكور;2015-04;السويداء;نسخة',
    ];
    await store.write('شهادات الوفاة.csv', iconv.encode(certificates.join('\r\n'), 'windows-1256'));
    await store.write('transfers.csv', [
      'ID,person,Origin,Destination,Day of transfer,Number,Remarks,Escort',
      'T-1,psn_00000000000000000001,BR-215,HO-601,03/04/2015,12,weak,somebody',
      'T-2,,BR-215,HO-601,18/03/2015,12,weak,somebody',
    ]);
    await store.write('court_files.csv', [
      'file_no,person,court,accused,filed,charge,verdict,Public',
      '1,,CT-MFC,A,2016,,,Public',
      '2,,CT-MFC,B,2016,,,closed',
      '3,,CT-MFC,C,2016,,,perhaps',
    ]);
    const report = await store.import({ mapping: readMapping(EXAMPLE, store.delivery, LATEST) });
    expect(
      report.files.map(({ file, delivered, accepted, rejected }) => [file, delivered, accepted, rejected]),
    ).toEqual([
      ['شهادات الوفاة.csv', 1, 1, 0],
      ['transfers.csv', 2, 1, 1],
      ['court_files.csv', 3, 2, 1],
    ]);
    expect(report.rejects).toEqual([
      { file: 'transfers.csv', line: 3, faults: [{ kind: 'NOT_A_DATE', column: 'day of transfer' }] },
      { file: 'court_files.csv', line: 4, faults: [{ kind: 'UNKNOWN_VALUE', column: 'public' }] },
    ]);
    const [certificate] = await store.rows('select * from death_certificates');
    expect(certificate).toMatchObject({
      ...{
        reference: '1/2015',
        born_value: '1979-01',
        stated_date_value: '2015-03-18',
        registered_on_value: '2015-04',
      },
      ...{ stated_place: 'HO-607', stated_place_as_written: 'المشفى القديم', stated_cause: null },
    });
    expect(await store.rows("select written, file, person from delivered_rows where reference = '1/2015'")).toEqual([
      {
        file: 'death_certificates.csv',
        person: null,
        written: {
          ...{ 'رقم الشهادة': '1/2015', 'الاسم الثلاثي': 'محمد يحيى النجار', 'اسم الأم': 'غادة' },
          ...{ 'تاريخ الولادة': 'كانون الثاني 1979', 'تاريخ الوفاة': '18 آذار 2015', 'مكان الوفاة': ' المشفى القديم ' },
          ...{ السبب: 'غير مذكور', 'تاريخ التسجيل': '2015-04', 'أمانة السجل': 'السويداء', ملاحظات: 'نسخة' },
        },
      },
    ]);
    expect(await store.rows('select date_value from custody_transfers')).toEqual([{ date_value: '2015-03-04' }]);
    expect(await store.rows('select reference, labels from court_files order by 1')).toEqual([
      { reference: '1', labels: [] },
      { reference: '2', labels: ['SEALED'] },
    ]);
    expect(await store.rows('select person from links')).toEqual([{ person: 'psn_00000000000000000001' }]);
  });
});

describe('a mapping', () => {
  it('finds the person under another name of the column, and again when the mapping is corrected', async () => {
    const store = await openStore();
    await store.write('custody_transfers.csv', [
      'transfer_no,link,spare,from,to,date,detainee_no,condition',
      'T-1,psn_00000000000000000001,,,,2014,1,',
    ]);
    const linked = () => store.rows('select person from links');
    await store.import({ mapping: await mapped(store, 'custody_transfers.csv: { columns: { person: spare } }') });
    expect(await linked()).toEqual([]);
    const again = { mapping: await mapped(store, 'custody_transfers.csv: { columns: { person: link } }') };
    expect((await store.import(again)).files).toMatchObject([{ accepted: 1, superseded: 0 }]);
    expect(await linked()).toEqual([{ person: 'psn_00000000000000000001' }]);
    const before = await store.dump();
    await store.import(again);
    expect(await store.dump()).toEqual(before);
  });

  it('names members of JSON objects as their paths, and may make JSON Lines of what we have as a table', async () => {
    const store = await openStore('ngo-b');
    const text = `testimonies.csv:
  file: talks.jsonl
  columns: { testimony: meta.no, taken: meta.day, summary: told, witness: by }
  constants: { person: '', consent: AUTHORITY_ONLY }
`;
    await store.write('talks.jsonl', [
      JSON.stringify({ meta: { no: 'X-1', day: '٢٠١٩-٠٣' }, told: 'said', by: 'W' }),
      JSON.stringify({ meta: { no: 'X-2', day: 'x' }, told: 'said', by: 'W' }),
    ]);
    const report = await store.import({ mapping: await mapped(store, text) });
    expect(report.rejects).toEqual([
      { file: 'talks.jsonl', line: 2, faults: [{ kind: 'NOT_A_DATE', column: 'meta.day' }] },
    ]);
    expect(await store.rows('select reference, taken_on_value, consent from testimonies')).toEqual([
      { reference: 'X-1', taken_on_value: '2019-03', consent: ['AUTHORITY_ONLY'] },
    ]);
  });

  it('keeps columns that are omitted out of the database and hands them back with rejected rows', async () => {
    const store = await openStore('ngo-b');
    const text = `testimonies.csv: { columns: { witness: Name }, omit: [' NAME', Driver] }
custody_events.csv: { file: events.jsonl, omit: [who] }
`;
    await store.write('testimonies.csv', [
      'testimony,person,Name,taken,summary,consent,driver',
      'T-1,,A secret,2014,told,PUBLICATION,Another secret',
      'T-2,,A secret,never,told,PUBLICATION,Another secret',
    ]);
    await store.write('collections.csv', ['collection,title,from,to,medium,labels', 'C-1,T,,,,']);
    await store.write('events.jsonl', [
      JSON.stringify({ event: 'E-1', collection: 'C-1', type: 'COPIED', who: { name: 'A secret' } }),
    ]);
    const rejectsFolder = join(dirname(store.folder), 'rejects');
    const report = await store.import({ mapping: await mapped(store, text), rejectsFolder });
    expect(report.files.map(({ accepted, rejected }) => [accepted, rejected])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    const kept = JSON.stringify(await store.dump());
    expect(kept).toContain('told');
    expect(kept).not.toContain('secret');
    expect(await readFile(join(rejectsFolder, 'testimonies.csv'), 'utf8')).toContain('A secret,never');
  });

  it('whose omitted column there is not is refused, since it would be kept under its right name', async () => {
    const store = await openStore();
    await store.deliver('custody_transfers.csv');
    const mapping = await mapped(store, 'custody_transfers.csv: { omit: [escrot] }');
    await expect(store.import({ mapping })).rejects.toThrow(/there is no escrot\./u);
  });

  it('translates a cell whatever its capitals, digits and the space around it', async () => {
    const store = await openStore();
    const text = 'court_files.csv: { values: { sealed: { "Zu 1": yes, offen: no } } }';
    await store.write('court_files.csv', [
      'file_no,person,court,accused,filed,charge,verdict,sealed',
      '1,,,A,,,,  zu ١ ',
      '2,,,B,,,,OFFEN',
    ]);
    expect((await store.import({ mapping: await mapped(store, text) })).rejects).toEqual([]);
    expect(await store.rows('select labels from court_files order by reference')).toEqual([
      { labels: ['SEALED'] },
      { labels: [] },
    ]);
  });

  it('for a file that is not delivered says so under the name that it would have', async () => {
    const store = await openStore();
    await store.deliver('court_files.csv');
    const text = 'death_certificates.csv: { file: deaths.csv }';
    expect(await store.import({ mapping: await mapped(store, text) })).toMatchObject({
      absent: ['deaths.csv', 'custody_transfers.csv'],
    });
  });

  it('tells in the organisation’s own words which column of a header is missing', async () => {
    const store = await openStore();
    await store.write('custody_transfers.csv', ['nr,person,from,to,date,detainee_no', 'T-1,,,,2014,1']);
    const text = 'custody_transfers.csv: { columns: { transfer_no: nr, condition: state } }';
    await expect(store.import({ mapping: await mapped(store, text) })).rejects.toThrow(/there is no state\./u);
  });

  it.each(['windows-1252', 'iso-8859-6', 'utf-16be'])(
    'states that a file is in %s, which nothing else says',
    async (encoding) => {
      const store = await openStore();
      const cause = encoding === 'windows-1252' ? 'Hémorragie' : 'نزيف';
      const lines = [
        'certificate_no,person,name,mother,born,died,place_of_death,cause,registered,registry_office',
        `1,,A,,,,,${cause},,`,
      ];
      await store.write('death_certificates.csv', iconv.encode(lines.join('\n'), encoding));
      const text = `death_certificates.csv: { encoding: ${encoding}, delimiter: comma }`;
      expect((await store.import({ mapping: await mapped(store, text) })).rejects).toEqual([]);
      expect(await store.rows('select stated_cause from death_certificates')).toEqual([{ stated_cause: cause }]);
    },
  );
});

describe('faults of a mapping are told all at once, each with its line:', () => {
  const faultsOf = async (delivery: Delivery, text: string): Promise<string[]> => {
    const { directory, remove } = await temporaryDirectory();
    const file = join(directory, 'mapping.yaml');
    await writeFile(file, text);
    try {
      readMapping(file, delivery, LATEST);
      return [];
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigurationError' });
      return String(error)
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    } finally {
      await remove();
    }
  };

  it('settings, files, columns, styles and words that there are not', async () => {
    const text = `# a comment
deaths.csv: {}
death_certificates.csv:
  dates: [day-first, month-frist]
  colums: {}
  columns:
    nme: Name
    mother:
      - a list
  values:
    cause:
      x: ''
  constants:
    registered: tomorrow
court_files.csv:
  encoding: latin
  delimiter: ';'
  values:
    sealed:
      J: yes
      N: nein
  omit: [charge, Accused]
custody_transfers.csv:
  dates: [day-first, month-first]
  constants:
    person: psn_00000000000000000001
    transfer_no: ''
`;
    expect(await faultsOf(ministryDelivery, text)).toEqual([
      'line 2: deaths.csv: this custodian has no such file; its files are death_certificates.csv, custody_transfers.csv, court_files.csv',
      expect.stringMatching(/^line 4: death_certificates\.csv\.dates\.1: Invalid option: expected one of "day-first"/u),
      'line 5: death_certificates.csv.colums: there is no such setting',
      expect.stringMatching(
        /^line 7: death_certificates\.csv\.columns\.nme: death_certificates\.csv has no such column/u,
      ),
      expect.stringMatching(/^line 8: death_certificates\.csv\.columns\.mother: Invalid input: expected string/u),
      "line 14: death_certificates.csv.constants.registered: 'tomorrow' is not a date",
      expect.stringMatching(/^line 16: court_files\.csv\.encoding: /u),
      expect.stringMatching(/^line 17: court_files\.csv\.delimiter: /u),
      "line 21: court_files.csv.values.sealed.N: 'nein' is neither yes nor no",
      'line 22: court_files.csv.omit.1: no row can be read without it',
      'line 24: custody_transfers.csv.dates: of day-first and month-first only one: 3/4/2014 would be two dates',
      'line 26: custody_transfers.csv.constants.person: not all rows are about one person',
      'line 27: custody_transfers.csv.constants.transfer_no: it is empty',
    ]);
  });

  it('columns taken twice, or unknown, or both constant and translated', async () => {
    const text = `custody_transfers.csv:
  columns:
    nme: Name
    from: Place
    to: ' place '
    condition: Date
    detainee_no: number
  constants: { detainee_no: '1' }
  values:
    detainee_no: { a: b }
    from: { X: '', branch ١: a, Branch 1: b }
`;
    expect(await faultsOf(ministryDelivery, text)).toEqual([
      expect.stringMatching(
        /^line 3: custody_transfers\.csv\.columns\.nme: custody_transfers\.csv has no such column/u,
      ),
      'line 5: custody_transfers.csv.columns.to: that column is taken for from already. One column of theirs is one of ours',
      'line 6: custody_transfers.csv.columns.condition: that column is taken for date already. One column of theirs is one of ours',
      'line 8: custody_transfers.csv.constants.detainee_no: it is among the columns as well',
      'line 10: custody_transfers.csv.values.detainee_no: it is among the constants as well',
      expect.stringMatching(/^line 11: custody_transfers\.csv\.values\.from\.Branch 1: .* this is branch ١ already$/u),
    ]);
  });

  it('files outside the delivery, the same file twice, and what a file of JSON Lines does not have', async () => {
    const text = `collections.csv: { file: ../collections.csv }
bodies.csv:
  file: /etc/passwd
photographs.csv: { file: images }
testimonies.csv:
  file: custody_events.csv
photographs.jsonl: { delimiter: comma, encoding: utf-8 }
`;
    const path = 'the name of a file in the delivery, without a folder';
    expect(await faultsOf(ngoDelivery, text)).toEqual([
      `line 1: collections.csv.file: ${path}`,
      `line 3: bodies.csv.file: ${path}`,
      'line 4: photographs.csv.file: that is the folder with the images',
      'line 6: testimonies.csv.file: custody_events.csv is custody_events.csv already',
      'line 7: photographs.jsonl.encoding: photographs.jsonl is JSON Lines, which are UTF-8 and have no delimiter',
      'line 7: photographs.jsonl.delimiter: photographs.jsonl is JSON Lines, which are UTF-8 and have no delimiter',
    ]);
  });

  it.each([
    ['a key twice', 'court_files.csv:\n  columns:\n    court: a\n    court: b\n', /^line 4: Map keys must be unique/u],
    ['an alias', 'court_files.csv: &a\n  columns: {}\ncustody_transfers.csv: *a\n', /^line 3: an alias/u],
    ['what is no YAML', 'court_files.csv:\n  columns: [\n', /^line \d: /u],
    ['a list', '- court_files.csv\n', /^line 1: it must name files/u],
    ['a word instead of settings', 'court_files.csv: no\n', /^line 1: court_files\.csv: /u],
  ])('%s', async (_, text, message) => {
    expect(await faultsOf(ministryDelivery, text)).toEqual([expect.stringMatching(message)]);
  });
});
