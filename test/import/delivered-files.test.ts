import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImportReport } from '../../src/subgraphs/kit/import/import-delivery.ts';
import { type CustodianStore, custodianStore } from './custodian-store.ts';

const counts = ({ files }: ImportReport) =>
  Object.fromEntries(files.map(({ file, delivered, accepted, rejected }) => [file, [delivered, accepted, rejected]]));

const rejected = async ({ rejectsFolder }: CustodianStore): Promise<Record<string, string>[]> => {
  const texts = await Promise.all(
    (await readdir(rejectsFolder)).sort().map((file) => readFile(join(rejectsFolder, file), 'utf8')),
  );
  return texts.flatMap((text): Record<string, string>[] =>
    text.startsWith('{')
      ? [...text.matchAll(/.+/gu)].map(([line]) => JSON.parse(line))
      : parse(text, { bom: true, columns: true, delimiter: text.startsWith('\uFEFFamana_file;') ? ';' : ',' }),
  );
};

describe('the Ministry’s delivery', () => {
  const opened = imported('ministry');

  it('is accepted but for the certificate whose death comes before the birth', async () => {
    const { report, store } = opened();
    expect(counts(report)).toEqual({
      'death_certificates.csv': [589, 588, 1],
      'custody_transfers.csv': [360, 360, 0],
      'court_files.csv': [222, 222, 0],
    });
    expect(report.rejects).toEqual([
      { file: 'death_certificates.csv', line: 22, faults: [{ kind: 'CONTRADICTION', column: 'died' }] },
    ]);
    expect(await rejected(store)).toMatchObject([
      { amana_line: '22', amana_reason: 'CONTRADICTION: died: the stated death comes before the birth' },
    ]);
  });

  it('keeps a certificate as it says, its place found by whatever name', async () => {
    const [row] = await opened().store.rows("select * from death_certificates where reference = '2013/5'");
    expect(row).toMatchObject({
      ...{ label_set: 1, labels: [], review_status: 'PRELIMINARY', disputed: false, sort_key: '2016-08' },
      ...{
        born_value: '1979-01-07',
        stated_date_value: '2013-05',
        stated_date_from: '2013-05-01',
        stated_date_to: '2013-05-31',
      },
      ...{ stated_place: 'HO-607', stated_place_as_written: 'مشفى تشرين العسكري', registry_office: 'السويداء' },
      ...{ mother: 'غادة', name_key: 'محمد يحيي نجار', stated_cause: 'respiratory failure' },
    });
    expect(row?.['name']).toEqual({
      ...{ asWritten: 'محمد يحيى النجار', mother: 'غادة', ism: null, father: null, grandfather: null },
      ...{ family: null, laqab: null, romanised: null },
    });
    expect(row?.['id']).toMatch(/^ministry:[\w-]{22}$/u);
  });

  it('reads court files in Windows-1256, and seals those that the court has sealed', async () => {
    const { rows } = opened().store;
    expect(await rows("select * from court_files where reference = '1/2016/4'")).toMatchObject([
      {
        ...{ labels: ['SEALED'], court: 'CT-MFC', court_as_written: 'محكمة الميدان العسكرية', status: null },
        ...{ filed_on_value: '2016-11-19', charge: 'تمويل الإرهاب', verdict: 'إعدام', sentence: null },
        ...{ name_key: 'طارق يحيي حلبي', accused: { asWritten: 'طارق يحيى الحلبي', ism: null } },
      },
    ]);
    const sealed = `select s.labels, count(*) as n from court_files c join label_sets s on s.id = c.label_set
      where c.labels = s.labels group by 1 order by 2`;
    expect(await rows(sealed)).toEqual([
      { labels: ['SEALED'], n: 68 },
      { labels: [], n: 154 },
    ]);
    const [links] = await rows(
      `select count(*) as n, count(*) filter (where 'SEALED' = any (s.labels) and c.labels = '{SEALED}') as sealed
        from links l join label_sets s on s.id = l.label_set join court_files c on c.id = l.record_id`,
    );
    expect(links).toEqual({ n: 57, sealed: 20 });
  });

  it('finds every place, and says where a date is not known instead of making one up', async () => {
    const [row] = await opened().store.rows(
      `select (select count(*) from death_certificates where stated_place is null) as places,
        (select count(*) from custody_transfers where from_facility is null or to_facility is null) as facilities,
        (select count(*) from death_certificates where registered_on_value is null and sort_key = '9999') as undated`,
    );
    expect(row).toEqual({ places: 0, facilities: 0, undated: 44 });
  });
});

describe('the Authority’s delivery', () => {
  const opened = imported('missing');

  it('is accepted but for the report without a number, and the relative of a report that there is not', async () => {
    const { report, store } = opened();
    expect(counts(report)).toEqual({
      'reports.csv': [959, 958, 1],
      'relatives.csv': [1699, 1698, 1],
      'ante_mortem.csv': [489, 489, 0],
      'decisions.csv': [158, 158, 0],
      'links.csv': [616, 616, 0],
    });
    const unknown = { kind: 'UNKNOWN_REFERENCE', column: 'report_no' };
    expect(report.rejects).toEqual([
      { file: 'reports.csv', line: 44, faults: [{ kind: 'MISSING', column: 'report_no' }] },
      { file: 'relatives.csv', line: 14, faults: [unknown] },
    ]);
    expect(await rejected(store)).toMatchObject([
      {
        ...{ amana_file: 'relatives.csv', amana_line: '14' },
        amana_reason: "UNKNOWN_REFERENCE: report_no: there is no record 'R-0000-00000' among those accepted",
      },
      { amana_file: 'reports.csv', amana_line: '44', amana_reason: 'MISSING: report_no: it is empty' },
    ]);
  });

  it('keeps relatives with whom they consented to, and how to reach them where no reading role sees it', async () => {
    const { rows } = opened().store;
    const [court] = await rows(
      `select r.*, s.labels as hiding, s.consent as set from relatives r join label_sets s on s.id = r.label_set where reference = 'F-00003-2'`,
    );
    const consent = ['AUTHORITY_ONLY', 'GOVERNMENT', 'COURT'];
    expect(court).toMatchObject({
      ...{ kinship: 'DAUGHTER', name: { asWritten: 'عائشه السيد' }, wants_news: false, wants_images: false, consent },
      ...{ labels: ['CONSENT_LIMITED'], hiding: ['CONSENT_LIMITED'], set: consent.toSorted() },
    });
    expect(await rows("select wants_news, wants_images from relatives where reference = 'F-00004-3'")).toEqual([
      { wants_news: true, wants_images: false },
    ]);
    const columns = await rows<{ name: string }>(
      "select column_name as name from information_schema.columns where table_name = 'relatives'",
    );
    expect(columns.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/phone|channel|address/u)]),
    );
    const [kept] = await rows("select written from delivered_rows where reference = 'F-00003-2'");
    expect(kept).toMatchObject({ written: { phone: '+963 949 040 512', channel: 'PHONE' } });
  });

  it('understands heights in feet, and keeps them as written', async () => {
    const rows = await opened().store.rows(
      `select height_cm, height_as_written, count(*) as n from ante_mortem_data
        where height_as_written !~ '^[0-9]+$' or height_cm is null group by 1, 2 order by 1`,
    );
    expect(rows).toEqual([
      { height_cm: 152, height_as_written: '5 ft', n: 23 },
      { height_cm: 183, height_as_written: '6 ft', n: 30 },
    ]);
  });

  it('keeps a report’s name in parts as written, beside its normal form, and derives what follows', async () => {
    const [row] = await opened().store.rows("select * from missing_person_reports where reference = 'R-2013-00001'");
    expect(row).toMatchObject({
      name: {
        asWritten: 'عبـدالقادر يوسف وليد عرـفة',
        ism: 'عبـدالقادر',
        family: 'عرـفة',
        mother: 'خديجة الشامي',
        romanised: null,
      },
      ...{ name_key: 'عبدقادر يوسف وليد عرفه', status: 'IN_PROGRESS', governorate: 'SY03', last_seen_at: 'AF-HAR' },
      ...{
        reported_on_value: '2013',
        reported_on_basis: 'DERIVED',
        last_seen_on_value: '2012-09-07',
        sort_key: '2013',
      },
    });
  });

  it('makes of a decision the decision and the family’s notification, both of the same person', async () => {
    const rows = await opened().store.rows(
      `select d.status, n.status as notification, d.method, d.decided_on_value, d.id <> n.id as two
        from identification_decisions d join family_notifications n using (reference, person) where reference = 'D-0001'`,
    );
    expect(rows).toEqual([
      {
        status: 'HYPOTHESIS',
        notification: 'ATTEMPTED',
        method: 'FINGERPRINT',
        decided_on_value: '2026-09-06',
        two: true,
      },
    ]);
  });

  it('keeps a cell with line breaks as one', async () => {
    const [row] = await opened().store.rows(
      "select count(*) as n from missing_person_reports where circumstances like E'%detainee.\\n%'",
    );
    expect(row).toEqual({ n: 180 });
  });
});

describe('the NGO’s delivery', () => {
  const opened = imported('ngo-a');

  it('is accepted but for six faulty rows, each with its reasons', async () => {
    const { report, store } = opened();
    expect(counts(report)).toEqual({
      'collections.csv': [3, 3, 0],
      'bodies.csv': [676, 674, 2],
      'photographs.csv': [3012, 3008, 4],
      'custody_events.csv': [40, 40, 0],
    });
    expect(
      (await rejected(store)).map((row) => `${row['amana_file']} ${row['amana_line']} ${row['amana_reason']}`),
    ).toEqual([
      "bodies.csv 17 UNKNOWN_VALUE: category: 'CIVILIAN' is not one of DETAINEE, MILITARY, UNKNOWN",
      "bodies.csv 42 UNKNOWN_FACILITY: facility: 'HO-999' is not a code of the facility list",
      "photographs.csv 27 DUPLICATE: line 12 has the same number 'P000011'; that one was taken",
      "photographs.csv 62 NOT_A_DATE: taken: '2014-02-30' is not a date; UNKNOWN_REFERENCE: collection: there is no record 'C-9' among those accepted",
      "photographs.csv 92 MALFORMED: sha256: 'nothex' is not a SHA-256 in hexadecimal",
      'photographs.csv 132 COLUMN_COUNT: it has 2 cells where the header has 9',
    ]);
  });

  it('tells a terminal no delivered value, and keeps the rejects for their owner', async () => {
    const { report, store } = opened();
    expect(JSON.stringify(report)).not.toMatch(/CIVILIAN|HO-999|P000011|C-9|nothex/u);
    expect((await stat(store.rejectsFolder)).mode & 0o777).toBe(0o700);
    expect(await readdir(store.rejectsFolder)).toEqual(['bodies.csv', 'photographs.csv']);
    expect((await stat(join(store.rejectsFolder, 'bodies.csv'))).mode & 0o777).toBe(0o600);
  });

  it('reads numbers in either digits as the same opaque texts', async () => {
    const rows = await opened().store.rows(
      "select detainee_number, branch_number, hospital_number from depicted_bodies where reference = 'B00007'",
    );
    expect(rows).toEqual([{ detainee_number: '3365', branch_number: 'ADR/3917', hospital_number: '3924/ب' }]);
  });

  it('keeps sources where no reading role sees them', async () => {
    const { storage, rows } = opened().store;
    const [row] = await rows<{ written: Record<string, string> }>(
      "select written from delivered_rows where reference = 'P000001'",
    );
    expect(row?.written).toMatchObject({ photographer: 'Photographer 6', path: '2018/02/6420/DSC_00001.JPG' });
    for (const table of ['delivered_rows', 'register_entries', 'person_notifications', 'imported_link_exports']) {
      await expect(storage.read(new Set([1, 2, 3]), { sql: `select * from ${table}`, parameters: [] })).rejects.toThrow(
        /permission denied/u,
      );
    }
    const columns = await rows<{ name: string }>(
      "select column_name as name from information_schema.columns where table_name = 'photographs'",
    );
    expect(columns.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/photographer|exif|path/u)]),
    );
  });
});

describe('the second NGO’s delivery', () => {
  const opened = imported('ngo-b');

  it('is accepted but for the line that is no JSON', async () => {
    const { report, store } = opened();
    expect(counts(report)).toEqual({ 'photographs.jsonl': [201, 200, 1], 'testimonies.csv': [60, 60, 0] });
    expect(report.rejects).toEqual([{ file: 'photographs.jsonl', line: 7, faults: [{ kind: 'UNREADABLE' }] }]);
    expect(await rejected(store)).toMatchObject([{ amana: { line: 7, row: '{"id": "b-broken", "collection": ' } }]);
  });

  it('makes of each photograph a body with the name on the ledger, and of a title a collection', async () => {
    const { rows } = opened().store;
    const [photograph] = await rows(
      `select b.*, c.title, p.labels as shown, p.captured_on_value from photographs p join depicted_bodies b on b.id = p.body
        join collections c on c.id = p.collection where p.reference = 'b-23'`,
    );
    expect(photograph).toMatchObject({
      ...{ title: 'hospital ledger 2013-2015', name_on_ledger: 'زياد وليد بكور', name_key: 'زياد وليد بكور' },
      ...{ facility: 'HO-607', detainee_number: '8196', branch_number: 'TAD/1225', hospital_number: null },
      ...{ photographed_on_value: '2017-12-25', captured_on_value: '2017-12-25', category: 'UNKNOWN' },
      ...{ labels: ['COORDINATED'], shown: ['COORDINATED', 'GRAPHIC'] },
    });
    const [count] = await rows(
      'select (select count(*) from collections) as collections, (select count(*) from depicted_bodies) as bodies',
    );
    expect(count).toEqual({ collections: 1, bodies: 200 });
  });

  it('links bodies and testimonies to the persons that the lines name, FAMILY_FIRST', async () => {
    const rows = await opened().store.rows(
      `select record_type, count(*) as n, bool_and('FAMILY_FIRST' = any (s.labels)) as hidden,
          bool_and(cardinality(s.consent) > 0) as consented
        from links l join label_sets s on s.id = l.label_set group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { record_type: 'DepictedBody', n: 55, hidden: true, consented: false },
      { record_type: 'Testimony', n: 13, hidden: true, consented: true },
    ]);
  });
});

describe('JSON Lines', () => {
  let store: CustodianStore;
  beforeAll(async () => void (store = await custodianStore('ngo-b')));
  afterAll(() => store.close());
  const line = (id: string, more: object = {}): string =>
    JSON.stringify({
      ...{
        id,
        collection: 'One',
        facility: 'HO-601',
        taken: '2014-04-26',
        numbers: { detainee: '١٢', branch: '215/7' },
      },
      ...{ name: `Name ${id}`, person: null },
      ...more,
    });

  it('show one body where numbers, facility and date agree, and several where one of these is not known', async () => {
    await store.write('photographs.jsonl', [
      ...[line('p-1'), line('p-2', { numbers: { detainee: '12', branch: '215/7' }, taken: '26/04/2014' })],
      ...[line('p-3', { facility: 'مشفى المزة' }), line('p-4', { numbers: { detainee: '12', branch: '215/8' } })],
      ...[line('p-5', { taken: '2014-04' }), line('p-6', { taken: null }), line('p-7', { taken: null })],
      ...[line('p-8', { numbers: {} }), line('p-9', { numbers: {} }), line('p-10', { facility: 'HO-607' })],
    ]);
    const { rejects } = await store.import();
    expect(rejects).toEqual([]);
    const bodies = await store.rows<{ photographs: string }>(
      `select string_agg(reference, ' ' order by reference) as photographs from photographs group by body order by 1`,
    );
    expect(bodies.map(({ photographs }) => photographs)).toEqual([
      ...['p-1 p-2 p-3', 'p-10', 'p-4', 'p-5', 'p-6', 'p-7', 'p-8', 'p-9'],
    ]);
  });

  it('of one body that name two persons link it to neither', async () => {
    const [one, two] = ['psn_00000000000000000001', 'psn_00000000000000000002'];
    const linked = (): Promise<unknown> =>
      store.rows('select person from links l join photographs p on p.body = l.record_id order by p.reference');
    await store.write('photographs.jsonl', [line('p-1', { person: one }), line('p-2', { person: one }), line('p-3')]);
    await store.import();
    expect(await linked()).toEqual([{ person: one }, { person: one }, { person: one }]);
    await store.write('photographs.jsonl', [line('p-2', { person: two })]);
    await store.import();
    expect(await linked()).toEqual([]);
  });

  it('are rejected line by line where they are no objects, lack what must be there, or hold what no text can', async () => {
    await store.write('photographs.jsonl', [
      ...['[1]', '"text"', '', '{"id": "x"', line('q-1', { collection: null }), JSON.stringify({ collection: 'One' })],
      ...[line('q-2', { name: 'a\0b' }), line('q-3', { taken: '2014-02-30' }), line('q-4', { sha256: 'nothex' })],
      ...[line('q-5', { name: 'line\u2028separator', note: { taken: ['by', 'nobody'] } }), line('q-5')],
    ]);
    const { files, rejects } = await store.import();
    expect(files).toMatchObject([{ delivered: 10, accepted: 1, rejected: 9 }]);
    expect(rejects.map(({ line: at, faults: [fault] }) => `${at} ${fault?.kind} ${fault?.column ?? ''}`)).toEqual([
      ...['1 UNREADABLE ', '2 UNREADABLE ', '4 UNREADABLE ', '5 MISSING collection', '6 MISSING id'],
      ...['7 UNREADABLE ', '8 NOT_A_DATE taken', '9 MALFORMED sha256', '11 DUPLICATE '],
    ]);
    expect(await store.rows("select written from delivered_rows where reference = 'q-5'")).toMatchObject([
      { written: { 'note.taken': '["by","nobody"]', 'numbers.branch': '215/7', person: '' } },
    ]);
  });
});

describe('a file', () => {
  let store: CustodianStore;
  beforeAll(async () => void (store = await custodianStore('ministry')));
  afterAll(() => store.close());
  const HEADER = 'transfer_no,person,from,to,date,detainee_no,condition';
  const kinds = async (content: string | Buffer | string[]): Promise<unknown> => {
    await store.write('custody_transfers.csv', content);
    const report = await store.import();
    return report.rejects.flatMap(({ line, faults }) => faults.map(({ kind }) => `${line} ${kind}`));
  };

  it('is read in Windows-1256, UTF-16 or UTF-8, with any delimiter, line end and order of columns', async () => {
    const lines = [
      'date;to;from;detainee_no;condition;person;TRANSFER_NO;note',
      '٠٥/٠٤/٢٠١٨;مشفى حرستا العسكري;عدرا;12;ضعيف;;T-1;ملاحظة',
    ];
    const text = lines.join('\r\n');
    for (const encoding of ['windows-1256', 'utf-16le', 'utf-16be', 'utf-8']) {
      const arabic = encoding === 'windows-1256' ? text.replace('٠٥/٠٤/٢٠١٨', '05/04/2018') : text;
      expect(await kinds(iconv.encode(arabic, encoding, { addBOM: encoding.startsWith('utf-') }))).toEqual([]);
      const [row] = await store.rows(
        "select from_facility, from_as_written, to_as_written, date_value, condition_on_arrival from custody_transfers where reference = 'T-1'",
      );
      expect(row).toEqual({
        from_facility: 'PR-ADR',
        from_as_written: 'عدرا',
        to_as_written: 'مشفى حرستا العسكري',
        date_value: '2018-04-05',
        condition_on_arrival: 'ضعيف',
      });
    }
  });

  it('keeps a place that the list does not know as written, with no facility', async () => {
    expect(await kinds([HEADER, 'T-2,,a villa in Mezzeh,HO-601,2014,1,'])).toEqual([]);
    expect(
      await store.rows("select from_facility, from_as_written from custody_transfers where reference = 'T-2'"),
    ).toEqual([{ from_facility: null, from_as_written: 'a villa in Mezzeh' }]);
  });

  it('has every faulty row rejected with its line, and the rows around it accepted', async () => {
    const damaged = Buffer.from([...Buffer.from('T-12,,BR-215,HO-601,2014,1,مشفى'), 0xd9, 0x0a]);
    const lines = [
      ...[
        HEADER,
        'T-3,,BR-215,HO-601,2014,1,',
        'T-4,psn_123,BR-215,HO-601,2014,1,',
        'T-5,,BR-999,HO-601,31/02/2014,1,',
      ],
      ...[
        'T-6,,BR-215,HO-601,2014,1,"open',
        'T-7,,BR-215,HO-601,2014,1,"two',
        'lines"',
        '',
        'T-3,,BR-215,HO-601,2014,1,',
      ],
      ...[
        ',,BR-215,HO-601,2014,1,',
        'T-8,,BR-215',
        'T-9,,BR-215,HO-601,2014,1,\0',
        `${'x'.repeat(201)},,BR-215,HO-601,2014,1,`,
        '',
      ],
    ];
    expect(await kinds(Buffer.concat([Buffer.from(lines.join('\n')), damaged]))).toEqual([
      ...[
        '3 NOT_A_PERSON',
        '4 UNKNOWN_FACILITY',
        '4 NOT_A_DATE',
        '5 UNREADABLE',
        '9 DUPLICATE',
        '10 MISSING',
        '11 COLUMN_COUNT',
      ],
      ...['12 UNREADABLE', '13 MALFORMED', '14 UNREADABLE'],
    ]);
    expect(
      await store.rows("select reference from custody_transfers where reference in ('T-3', 'T-6', 'T-7') order by 1"),
    ).toEqual([{ reference: 'T-3' }, { reference: 'T-7' }]);
  });

  it.each([
    ['is empty', '', /must name the columns/u],
    ['has no header', 'T-1,,BR-215,HO-601,2014,1,\n', /must name the columns/u],
    ['lacks a column', `${HEADER.replace(',date', '')}\n`, /there is no date/u],
    ['names a column twice', `${HEADER},date\n`, /names a column twice/u],
  ])('that %s stops the import, with nothing changed', async (_, content, message) => {
    const before = await store.dump();
    await store.write('custody_transfers.csv', content);
    await expect(store.import()).rejects.toThrow(message);
    expect(await store.dump()).toEqual(before);
  });

  it('may be a header only', async () => {
    expect(await kinds([HEADER])).toEqual([]);
  });
});

it('is told what of a folder is not imported, and what a delivery does not bring', async () => {
  const store = await custodianStore('ministry');
  await store.deliver('custody_transfers.csv', 'court_files.csv');
  await store.write('interrogations.csv', 'no');
  expect(await store.import()).toMatchObject({
    absent: ['death_certificates.csv'],
    notImported: ['interrogations.csv'],
  });
  await store.close();
});

it('refuses a folder that is none, or holds nothing for this custodian', async () => {
  const store = await custodianStore('ministry');
  await expect(store.import({ folder: `${store.folder}/none` })).rejects.toThrow(/not a folder/u);
  await expect(store.import()).rejects.toThrow(/holds none of the files of this custodian: death_certificates.csv/u);
  await store.close();
});

function imported(custodian: CustodianStore['custodian']): () => { store: CustodianStore; report: ImportReport } {
  let opened: { store: CustodianStore; report: ImportReport } | undefined;
  beforeAll(async () => {
    const store = await custodianStore(custodian);
    await store.deliver();
    opened = { store, report: await store.import() };
  });
  afterAll(() => opened?.store.close());
  return () => {
    if (!opened) throw new Error('not imported yet');
    return opened;
  };
}

describe('what somebody delivers to do harm', () => {
  let store: CustodianStore;
  beforeEach(async () => {
    store = await custodianStore('ministry');
    await store.deliver();
  });
  afterEach(() => store.close());

  it('is rejected where a name or a number is longer than an index holds, and the rest is accepted', async () => {
    const long = randomBytes(4_500).toString('hex');
    await store.correct('death_certificates.csv', 'محمد يحيى النجار', long);
    await store.write('custody_transfers.csv', [
      'transfer_no,person,from,to,date,detainee_no,condition',
      `T-1,,,,,${long},`,
      `T-2,,${long},,,1,`,
      'T-3,,,,,1,',
    ]);
    const report = await store.import();
    expect(report.rejects.flatMap(({ file, faults }) => faults.map((fault) => ({ file, ...fault })))).toEqual([
      expect.objectContaining({ kind: 'MALFORMED', column: 'name' }),
      expect.objectContaining({ kind: 'CONTRADICTION' }),
      { file: 'custody_transfers.csv', kind: 'MALFORMED', column: 'detainee_no' },
      { file: 'custody_transfers.csv', kind: 'MALFORMED', column: 'from' },
    ]);
  });

  it.each(['pipe', 'link', 'folder'])('is refused where a file is a %s', async (kind) => {
    const path = join(store.folder, 'custody_transfers.csv');
    await rename(path, `${path}.elsewhere`);
    if (kind === 'link') await symlink(`${path}.elsewhere`, path);
    else execFileSync(kind === 'pipe' ? 'mkfifo' : 'mkdir', [path]);
    await expect(store.import()).rejects.toThrow(/custody_transfers\.csv is not a regular file/u);
  });
});
