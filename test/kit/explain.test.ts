import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionsOf, declaredFilters } from '../../src/subgraphs/kit/conditions.ts';
import { sealedImage } from '../../src/subgraphs/kit/images/serve-media.ts';
import {
  type ListSource,
  type RecordSource,
  type Wanted,
  recordsBy,
  relatedPages,
  rootPage,
} from '../../src/subgraphs/kit/record-source.ts';
import type { Storage } from '../../src/subgraphs/kit/storage.ts';
import { courtFiles } from '../../src/subgraphs/ministry/court-file.ts';
import { custodyTransfers } from '../../src/subgraphs/ministry/custody-transfer.ts';
import { deathCertificates } from '../../src/subgraphs/ministry/death-certificate.ts';
import { detentionOrders } from '../../src/subgraphs/ministry/detention-order.ts';
import { ministryEvents } from '../../src/subgraphs/ministry/person-events.ts';
import { prosecutions } from '../../src/subgraphs/ministry/prosecution.ts';
import { anteMortemData } from '../../src/subgraphs/missing/ante-mortem-data.ts';
import { dnaReferences } from '../../src/subgraphs/missing/dna-reference.ts';
import { familyNotifications } from '../../src/subgraphs/missing/family-notification.ts';
import { identificationDecisions } from '../../src/subgraphs/missing/identification-decision.ts';
import { registerLinks } from '../../src/subgraphs/missing/link.ts';
import { missingPersonReports } from '../../src/subgraphs/missing/missing-person-report.ts';
import { missingEvents } from '../../src/subgraphs/missing/person-events.ts';
import { relatives } from '../../src/subgraphs/missing/relative.ts';
import { collections } from '../../src/subgraphs/ngo/collection.ts';
import { custodyEvents } from '../../src/subgraphs/ngo/custody-event.ts';
import { depictedBodies } from '../../src/subgraphs/ngo/depicted-body.ts';
import { ngoEvents } from '../../src/subgraphs/ngo/person-events.ts';
import { photographs } from '../../src/subgraphs/ngo/photograph.ts';
import { testimonies } from '../../src/subgraphs/ngo/testimony.ts';
import { verifications } from '../../src/subgraphs/ngo/verification.ts';
import { type TemporaryStorage, explainRead, fillTable, temporaryStorage, touched } from './temporary-storage.ts';

const ROWS = 100_000;
/** Milliseconds: half a million rows with all their indexes take minutes on a busy machine. */
const FILLING = 600_000;
const HIDDEN = 2;
// Of the second there is no row.
const VISIBLE = new Set([1, 3]);

/** 65 % of the rows are visible; the hidden ones lie among them. */
const row = (prefix: string) => ({
  id: `'${prefix}:' || md5(n::text)`,
  reference: `'R-' || n`,
  label_set: `case when n % 20 < 7 then ${HIDDEN} else 1 end`,
  labels: `'{}'::text[]`,
  sort_key: `(date '2011-01-01' + n % 5000)::text`,
});
const date = (name: string) => ({
  [`${name}_value`]: `(date '2011-01-01' + n % 5000)::text`,
  [`${name}_from`]: `date '2011-01-01' + n % 5000`,
  [`${name}_to`]: `date '2011-01-01' + n % 5000 + n % 3 * 180`,
});
const FACILITY = `'F-' || n % 30`;
const NAME = `(array['محمد','احمد','خالد','يوسف','عمر','حسن','سامر','نور'])[1 + n % 8] || ' ' || md5(n::text)`;
/** Most names are in Arabic script, one in ten in Latin letters. */
const NAMES = {
  name_key: NAME,
  roman_key: `(case when n % 10 = 0 then 'latin ' else 'arabic ' end) || (array['mhmd','ahmd','xld','ysf','amr','hsn','smr','nr'])[1 + n % 8] || ' ' || md5(n::text)`,
};
const PERSON = `'psn_' || n / 3`;

/** Half of the records of a type are linked, and those links lie among hidden ones. */
const fillLinks = (storage: Storage, custodian: string, type: string): Promise<void> =>
  fillTable(storage, 'links', ROWS / 2, {
    ...{ record_id: `'${custodian}:' || md5((2 * n)::text)`, record_type: `'${type}'`, person: PERSON },
    ...{ label_set: `case when n % 20 < 7 then ${HIDDEN} else 1 end`, source: `'REGISTER'` },
  });

async function prepare(custodian: string, subgraph: 'ministry' | 'missing' | 'ngo'): Promise<TemporaryStorage> {
  const temporary = await temporaryStorage({ custodian, subgraph });
  const { query } = temporary.storage;
  await query({ sql: `insert into label_sets (id, labels) values (${HIDDEN}, '{COORDINATED}')`, parameters: [] });
  await query({
    sql: `insert into facilities (code, name_en, name_ar, agency, kind, governorate)
      select 'F-' || n, 'x', 'x', 'x', 'x', 'SY01' from generate_series(0, 29) as n on conflict do nothing`,
    parameters: [],
  });
  await query({
    sql: `insert into facility_names (name_key, code) select 'f ' || n, 'F-' || n from generate_series(0, 29) as n`,
    parameters: [],
  });
  await query({
    sql: `insert into governorates (code, name_en, name_ar) select 'G-' || n, 'x', 'x' from generate_series(0, 13) as n on conflict do nothing`,
    parameters: [],
  });
  return temporary;
}

const page = (source: RecordSource, filter: Readonly<Record<string, unknown>>) =>
  rootPage(source, { ...conditionsOf(source.filter, filter), limit: 21 });

/** A page of a list without any filter. */
const ALL: Wanted = { conditions: [], inOrder: true, limit: 21 };

const eventsOf = (source: ListSource) =>
  relatedPages(source, { column: 'person' }, ['psn_1', 'psn_2'], {
    ...ALL,
    after: { sortKey: '2012', id: '' },
  });

/** The index by which a key is unique leads to hidden rows; the facility list holds none. */
const KEY_OF_RECORDS = /\b(?!facilit)\w+_pkey\b|_(?:reference|report)_key\b/u;

async function planOf(temporary: TemporaryStorage, statement: ReturnType<typeof page>): Promise<string> {
  const plan = await explainRead(temporary, VISIBLE, statement);
  expect(plan).not.toContain('Seq Scan');
  expect(plan).not.toMatch(KEY_OF_RECORDS);
  return plan;
}

/** No index leads to a row that is hidden, but those by which a key is unique, and beside each is another. */
function leadsByLabelSet(storage: () => Storage): void {
  it('every index begins with the label set', async () => {
    const others = await storage().query<{ definition: string }>({
      sql: `select pg_get_indexdef(indexrelid) as definition from pg_index join pg_class t on t.oid = indrelid
        where t.relrowsecurity and not indisunique and pg_get_indexdef(indexrelid, 1, true) <> 'label_set'`,
      parameters: [],
    });
    expect(others).toEqual([]);
  });

  it('each key has an index that begins with the label set', async () => {
    const { query } = storage();
    const keys = await query<{ key: string; leads: boolean }>({
      sql: `select k.indexrelid::regclass::text as key, exists (
            select from pg_indexes x where x.tablename = t.relname
              and x.indexdef like '%(label_set, ' || a.attname || ' COLLATE "C")'
          ) as leads
        from pg_index k join pg_class t on t.oid = k.indrelid
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.indkey[0]
        where t.relrowsecurity and k.indisunique and has_any_column_privilege('amana_reader', t.oid, 'select')
          and t.relname <> 'photograph_images'`,
      parameters: [],
    });
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.filter(({ leads }) => !leads)).toEqual([]);
  });
}

type Case = readonly [filter: Readonly<Record<string, unknown>>, index: string];

/** Each filter's page is read by an index under row security, at 100,000 rows. */
function usesIndexes(source: RecordSource, temporary: () => TemporaryStorage, cases: readonly Case[]): void {
  it.each([[{}, `${source.table}_in_order`] as const, ...cases])(`${source.name} %j uses %s`, async (filter, index) => {
    expect(await planOf(temporary(), page(source, filter))).toContain(index);
  });

  it(`every filter of ${source.name} is among the plans asserted`, () => {
    const given = cases.flatMap(([filter]) => Object.keys(filter));
    for (const name of declaredFilters(source.filter)) expect(given).toContain(name);
  });
}

describe('at the Ministry', () => {
  let temporary: TemporaryStorage;
  const storage = () => temporary.storage;
  beforeAll(async () => {
    temporary = await prepare('ministry', 'ministry');
    await fillTable(storage(), 'death_certificates', ROWS, {
      ...{ ...row('ministry'), ...date('registered_on'), ...date('stated_date'), ...date('born') },
      ...{ disputed: 'n % 50 = 0', ...NAMES, stated_place: FACILITY },
    });
    await fillTable(storage(), 'custody_transfers', ROWS, {
      ...{ ...row('ministry'), ...date('date') },
      ...{ from_facility: FACILITY, to_facility: FACILITY, detainee_number: `(n % 9000)::text` },
    });
    await fillTable(storage(), 'court_files', ROWS, {
      ...{ ...row('ministry'), ...date('filed_on'), court: FACILITY, ...NAMES },
      ...{ status: `(array['OPEN','CLOSED'])[1 + n % 2]` },
    });
    await fillTable(storage(), 'detention_orders', ROWS, {
      ...{ ...row('ministry'), ...date('date'), issued_by: FACILITY, ...NAMES },
    });
    await fillTable(storage(), 'prosecutions', ROWS, {
      ...{ ...row('ministry'), ...NAMES, status: `(array['OPEN','CLOSED'])[1 + n % 2]` },
      ...{ jurisdiction: `'J-' || n % 30` },
    });
    await fillLinks(storage(), 'ministry', 'DeathCertificate');
  }, FILLING);
  afterAll(() => temporary?.close());

  leadsByLabelSet(storage);

  usesIndexes(deathCertificates, () => temporary, [
    [{ id: ['ministry:a', 'ministry:b'] }, 'death_certificates_by_id'],
    [{ reference: 'R-17' }, 'death_certificates_by_reference'],
    [{ name: 'محمد abcd' }, 'death_certificates_by_name'],
    [{ name: 'محمد abcd' }, 'death_certificates_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'death_certificates_by_roman_name'],
    [{ registeredFrom: '2011-01-01', registeredTo: '2011-01-02' }, 'death_certificates_in_order'],
    [{ registeredFrom: '2014', registeredTo: '2019' }, 'death_certificates_in_order'],
    [{ registeredFrom: '2024' }, 'death_certificates_'],
    [{ registeredTo: '2011' }, 'death_certificates_'],
    [{ disputed: true }, 'death_certificates_in_order'],
    [{ statedFrom: '2011-01-01', statedTo: '2011-01-02' }, 'death_certificates_by_stated_date'],
    [{ bornFrom: '2011-01-01', bornTo: '2011-01-02' }, 'death_certificates_by_birth'],
    [{ statedPlace: 'F-3' }, 'death_certificates_by_place'],
    [{ linked: true }, 'links_by_record_id'],
    [{ linked: false }, 'links_by_record_id'],
  ]);
  usesIndexes(custodyTransfers, () => temporary, [
    [{ id: ['ministry:a'] }, 'custody_transfers_by_id'],
    [{ reference: 'R-17' }, 'custody_transfers_by_reference'],
    [{ from: 'F-3' }, 'custody_transfers_by_origin'],
    [{ to: 'F-3' }, 'custody_transfers_by_destination'],
    [{ dateFrom: '2011-01-01', dateTo: '2011-01-02' }, 'custody_transfers_in_order'],
    [{ detaineeNumber: '١٧' }, 'custody_transfers_by_number'],
    [{ linked: true }, 'links_by_record_id'],
  ]);
  usesIndexes(courtFiles, () => temporary, [
    [{ id: ['ministry:a'] }, 'court_files_by_id'],
    [{ reference: 'R-17' }, 'court_files_by_reference'],
    [{ court: 'F-3' }, 'court_files_by_court'],
    [{ status: 'OPEN' }, 'court_files_'],
    [{ name: 'محمد abcd' }, 'court_files_by_name'],
    [{ name: 'محمد abcd' }, 'court_files_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'court_files_by_roman_name'],
    [{ filedFrom: '2011-01-01', filedTo: '2011-01-02' }, 'court_files_in_order'],
    [{ linked: false }, 'links_by_record_id'],
  ]);
  usesIndexes(detentionOrders, () => temporary, [
    [{ id: ['ministry:a'] }, 'detention_orders_by_id'],
    [{ reference: 'R-17' }, 'detention_orders_by_reference'],
    [{ issuedBy: 'F-3' }, 'detention_orders_by_facility'],
    [{ name: 'محمد abcd' }, 'detention_orders_by_name'],
    [{ name: 'محمد abcd' }, 'detention_orders_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'detention_orders_by_roman_name'],
    [{ dateFrom: '2011-01-01', dateTo: '2011-01-02' }, 'detention_orders_by_date'],
    [{ linked: true }, 'links_by_record_id'],
  ]);
  usesIndexes(prosecutions, () => temporary, [
    [{ id: ['ministry:a'] }, 'prosecutions_by_id'],
    [{ reference: 'R-17' }, 'prosecutions_by_reference'],
    [{ status: 'OPEN' }, 'prosecutions_'],
    [{ jurisdiction: 'J-3' }, 'prosecutions_by_jurisdiction'],
    [{ name: 'محمد abcd' }, 'prosecutions_by_name'],
    [{ name: 'محمد abcd' }, 'prosecutions_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'prosecutions_by_roman_name'],
  ]);

  it('an edge from many persons goes through the links by index', async () => {
    const statement = relatedPages(deathCertificates, { through: 'links' }, ['psn_1', 'psn_2'], ALL);
    const plan = await planOf(temporary, statement);
    expect(plan).toContain('links_by_person');
    expect(plan).toContain('death_certificates_by_id');
  });

  it('a page of a time begins within the order, by which the list is dated', async () => {
    const plan = await planOf(temporary, page(deathCertificates, { registeredFrom: '2014', registeredTo: '2019' }));
    expect(plan).toMatch(
      /using death_certificates_in_order[^]*Index Cond: [^\n]*label_set = visible.label_set[^\n]*sort_key >= \$\d\) AND \(sort_key <= \$\d/u,
    );
  });

  it.each([
    ['no record of the list', new Set([3])],
    ['those of one label set only', new Set([HIDDEN])],
  ])('a page for one who may see %s is no walk through all others', async (_, visible) => {
    const statement = rootPage(deathCertificates, ALL);
    const plan = await explainRead(temporary, visible, statement, 'analyze, costs off, timing off, summary off');
    expect(plan).toContain('Index Scan using death_certificates_in_order');
    expect(plan).not.toContain('Rows Removed by Filter');
  });

  it('the events of many persons go through the links by index', async () => {
    const plan = await planOf(temporary, eventsOf(ministryEvents));
    expect(plan.match(/links_by_person/gu)).toHaveLength(5);
    expect(plan).toContain('death_certificates_by_id');
  });

  it('a page after a cursor is a range of the order', async () => {
    const after = { sortKey: '2015-01-01', id: 'ministry:8' };
    const plan = await planOf(temporary, rootPage(deathCertificates, { ...ALL, after }));
    expect(plan).toMatch(
      /Index Scan using death_certificates_in_order[^]*Index Cond: [^\n]*label_set = visible.label_set[^\n]*ROW\(sort_key, id\) > ROW/u,
    );
  });
});

describe('at the Authority', () => {
  let temporary: TemporaryStorage;
  const storage = () => temporary.storage;
  beforeAll(async () => {
    temporary = await prepare('missing', 'missing');
    await fillTable(storage(), 'missing_person_reports', ROWS, {
      ...{ ...row('missing'), status: `(array['OPEN','IN_PROGRESS','CLOSED'])[1 + n % 3]` },
      ...{ governorate: `'G-' || n % 14`, ...NAMES, last_seen_at: FACILITY },
      ...{ ...date('reported_on'), ...date('birth_date'), ...date('last_seen_on') },
    });
    await fillTable(storage(), 'relatives', ROWS, {
      ...{ ...row('missing'), report: `'missing:' || md5((1 + n / 3)::text)`, ...NAMES },
      ...{ kinship: `(array['MOTHER','FATHER'])[1 + n % 2]`, wants_news: 'n % 2 = 0', wants_images: 'n % 3 = 0' },
    });
    await fillTable(storage(), 'ante_mortem_data', ROWS, {
      ...{ ...row('missing'), report: `'missing:' || md5(n::text)`, height_cm: '100 + n % 100' },
    });
    await fillTable(storage(), 'dna_references', ROWS, {
      ...{ ...row('missing'), report: `'missing:' || md5(n::text)` },
      ...{ sample_status: `(array['TAKEN','PROFILED'])[1 + n % 2]` },
    });
    await fillLinks(storage(), 'missing', 'MissingPersonReport');
    await fillTable(storage(), 'identification_decisions', ROWS, {
      ...{ ...row('missing'), person: PERSON, method: `(array['DNA','FINGERPRINT'])[1 + n % 2]` },
      ...{ status: `(array['HYPOTHESIS','PROBABLE','CONFIRMED'])[1 + n % 3]`, ...date('decided_on') },
    });
    await fillTable(storage(), 'family_notifications', ROWS, {
      ...{ ...row('missing'), person: PERSON, status: `(array['PENDING','DELIVERED','DECLINED'])[1 + n % 3]` },
      support_offered: 'n % 2 = 0',
    });
    await fillTable(storage(), 'register_links', ROWS, {
      ...{ ...row('missing'), person: PERSON, linked_custodian: `(array['ministry','ngo-a','ngo-b'])[1 + n % 3]` },
      ...{ record_reference: `'R-' || n`, state: `(array['CANDIDATE','CONFIRMED'])[1 + n % 2]` },
      ...date('decided_on'),
    });
  }, FILLING);
  afterAll(() => temporary?.close());

  leadsByLabelSet(storage);

  usesIndexes(missingPersonReports, () => temporary, [
    [{ id: ['missing:a'] }, 'missing_person_reports_by_id'],
    [{ reference: 'R-17' }, 'missing_person_reports_by_reference'],
    [{ status: 'OPEN' }, 'missing_person_reports_'],
    [{ governorate: 'G-3' }, 'missing_person_reports_by_governorate'],
    [{ name: 'محمد abcd' }, 'missing_person_reports_by_name'],
    [{ name: 'محمد abcd' }, 'missing_person_reports_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'missing_person_reports_by_roman_name'],
    [{ reportedFrom: '2011-01-01', reportedTo: '2011-01-02' }, 'missing_person_reports_in_order'],
    [{ bornFrom: '2011-01-01', bornTo: '2011-01-02' }, 'missing_person_reports_by_birth'],
    [{ lastSeenFrom: '2011-01-01', lastSeenTo: '2011-01-02' }, 'missing_person_reports_by_last_seen'],
    [{ lastSeenAt: 'F-3' }, 'missing_person_reports_by_place'],
    [{ linked: true }, 'links_by_record_id'],
    [{ linked: false }, 'links_by_record_id'],
  ]);
  usesIndexes(identificationDecisions, () => temporary, [
    [{ id: ['missing:a'] }, 'identification_decisions_by_id'],
    [{ status: 'CONFIRMED' }, 'identification_decisions_'],
    [{ method: 'DNA' }, 'identification_decisions_in_order'],
    [{ reference: 'R-17' }, 'identification_decisions_by_reference'],
    [{ decidedFrom: '2011-01-01', decidedTo: '2011-01-02' }, 'identification_decisions_in_order'],
    [{ person: 'psn_17' }, 'identification_decisions_by_person'],
  ]);
  usesIndexes(familyNotifications, () => temporary, [
    [{ id: ['missing:a'] }, 'family_notifications_by_id'],
    [{ status: 'PENDING' }, 'family_notifications_'],
    [{ person: 'psn_17' }, 'family_notifications_by_person'],
    [{ supportOffered: true }, 'family_notifications_in_order'],
  ]);
  usesIndexes(registerLinks, () => temporary, [
    [{ id: ['missing:a'] }, 'register_links_by_id'],
    [{ state: 'CONFIRMED' }, 'register_links_'],
    [{ linkedCustodian: 'ngo-a' }, 'register_links_'],
    [{ person: 'psn_17' }, 'register_links_by_person'],
    [{ decidedFrom: '2011-01-01', decidedTo: '2011-01-02' }, 'register_links_in_order'],
    [{ recordReference: 'R-17' }, 'register_links_by_record'],
  ]);
  usesIndexes(relatives, () => temporary, [
    [{ id: ['missing:a'] }, 'relatives_by_id'],
    [{ reference: 'R-17' }, 'relatives_by_reference'],
    [{ kinship: 'MOTHER' }, 'relatives_'],
    [{ name: 'محمد abcd' }, 'relatives_by_name'],
    [{ name: 'محمد abcd' }, 'relatives_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'relatives_by_roman_name'],
    [{ wantsNews: true }, 'relatives_in_order'],
    [{ wantsImages: false }, 'relatives_in_order'],
  ]);
  usesIndexes(anteMortemData, () => temporary, [
    [{ id: ['missing:a'] }, 'ante_mortem_data_by_id'],
    [{ reference: 'R-17' }, 'ante_mortem_data_by_reference'],
    [{ heightFrom: 250, heightTo: 251 }, 'ante_mortem_data_by_height'],
  ]);
  usesIndexes(dnaReferences, () => temporary, [
    [{ id: ['missing:a'] }, 'dna_references_by_id'],
    [{ reference: 'R-17' }, 'dna_references_by_reference'],
    [{ sampleStatus: 'TAKEN' }, 'dna_references_'],
  ]);

  it.each([
    [relatives, 'relatives_by_report'],
    [dnaReferences, 'dna_references_by_report'],
  ] as const)('what belongs to many reports is found by report', async (source, index) => {
    const statement = relatedPages(source, { column: 'report' }, ['missing:1', 'missing:2'], ALL);
    expect(await planOf(temporary, statement)).toContain(index);
  });

  it('the ante-mortem data of many reports are found by report', async () => {
    const plan = await planOf(temporary, recordsBy(anteMortemData, 'report', ['missing:1', 'missing:2']));
    expect(plan).toContain('ante_mortem_data_by_report');
  });

  it('the events of many persons go through the links, and the decisions by person, by index', async () => {
    const plan = await planOf(temporary, eventsOf(missingEvents));
    expect(plan.match(/links_by_person/gu)).toHaveLength(2);
    expect(plan).toContain('identification_decisions_by_person');
  });

  it('the decisions about many persons are found by person', async () => {
    const statement = relatedPages(identificationDecisions, { column: 'person' }, ['psn_1', 'psn_2'], ALL);
    expect(await planOf(temporary, statement)).toContain('identification_decisions_by_person');
  });

  it('the notifications of many decisions are found by reference', async () => {
    const plan = await planOf(temporary, recordsBy(familyNotifications, 'reference', ['R-1', 'R-2']));
    expect(plan).toContain('family_notifications_by_reference');
  });
});

describe('at an NGO', () => {
  let temporary: TemporaryStorage;
  const storage = () => temporary.storage;
  beforeAll(async () => {
    temporary = await prepare('ngo-a', 'ngo');
    await fillTable(storage(), 'collections', ROWS, {
      ...{ ...row('ngo-a'), title: `'collection ' || n`, ...date('period_start'), ...date('period_end') },
    });
    await fillTable(storage(), 'depicted_bodies', ROWS, {
      ...{ ...row('ngo-a'), category: `(array['DETAINEE','MILITARY','UNKNOWN'])[1 + n % 3]`, facility: FACILITY },
      ...{ detainee_number: `(n % 9000)::text`, branch_number: `'b' || n % 9000`, hospital_number: `'h' || n % 9000` },
      ...{ ...date('photographed_on'), ...NAMES },
    });
    await fillTable(storage(), 'photographs', ROWS, {
      ...{ ...row('ngo-a'), facility: FACILITY, ...date('captured_on'), sha256: 'md5(n::text)' },
      ...{ collection: `'ngo-a:' || md5((1 + n % 50)::text)`, body: `'ngo-a:' || md5((1 + n % 9000)::text)` },
    });
    await fillTable(storage(), 'testimonies', ROWS, {
      ...{ ...row('ngo-a'), ...date('taken_on'), witness_pseudonym: `'Witness ' || n % 900` },
    });
    await fillTable(storage(), 'custody_events', ROWS, {
      ...{ ...row('ngo-a'), collection: `'ngo-a:' || md5((1 + n % 50)::text)`, ...date('at') },
      ...{ type: `(array['HASHED','COPIED'])[1 + n % 2]` },
    });
    await fillTable(storage(), 'verifications', ROWS, {
      ...{ ...row('ngo-a'), status: `(array['OPEN','DONE'])[1 + n % 2]`, organisation: `'O-' || n % 900` },
      method: `(array['by hand','by hash'])[1 + n % 2]`,
    });
    await fillLinks(storage(), 'ngo-a', 'DepictedBody');
  }, FILLING);
  afterAll(() => temporary?.close());

  leadsByLabelSet(storage);

  usesIndexes(collections, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'collections_by_id'],
    [{ periodFrom: '2014' }, 'collections_'],
    [{ periodTo: '2014' }, 'collections_'],
    [{ reference: 'R-17' }, 'collections_by_reference'],
  ]);
  usesIndexes(depictedBodies, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'depicted_bodies_by_id'],
    [{ category: 'UNKNOWN' }, 'depicted_bodies_'],
    [{ facility: 'F-3' }, 'depicted_bodies_by_facility'],
    [{ number: '17' }, 'depicted_bodies_by_hospital_number'],
    [{ reference: 'R-17' }, 'depicted_bodies_by_reference'],
    [{ name: 'محمد abcd' }, 'depicted_bodies_by_name'],
    [{ name: 'محمد abcd' }, 'depicted_bodies_by_roman_name'],
    [{ name: 'Mohammed Bcd' }, 'depicted_bodies_by_roman_name'],
    [{ photographedFrom: '2011-01-01', photographedTo: '2011-01-02' }, 'depicted_bodies_in_order'],
    [{ linked: true }, 'links_by_record_id'],
    [{ linked: false }, 'links_by_record_id'],
  ]);
  usesIndexes(photographs, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'photographs_by_id'],
    [{ collection: 'ngo-a:c4ca4238a0b923820dcc509a6f75849b' }, 'photographs_by_collection'],
    [{ facility: 'F-3' }, 'photographs_by_facility'],
    [{ reference: 'R-17' }, 'photographs_by_reference'],
    [{ capturedFrom: '2011-01-01', capturedTo: '2011-01-02' }, 'photographs_in_order'],
    [{ sha256: 'c4ca4238a0b923820dcc509a6f75849b' }, 'photographs_by_hash'],
  ]);
  usesIndexes(testimonies, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'testimonies_by_id'],
    [{ reference: 'R-17' }, 'testimonies_by_reference'],
    [{ takenFrom: '2011-01-01', takenTo: '2011-01-02' }, 'testimonies_in_order'],
    [{ witnessPseudonym: 'Witness 17' }, 'testimonies_by_witness'],
    [{ linked: false }, 'links_by_record_id'],
  ]);
  usesIndexes(custodyEvents, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'custody_events_by_id'],
    [{ collection: 'ngo-a:c4ca4238a0b923820dcc509a6f75849b' }, 'custody_events_by_collection'],
    [{ type: 'HASHED' }, 'custody_events_'],
    [{ from: '2011-01-01', to: '2011-01-02' }, 'custody_events_in_order'],
    [{ reference: 'R-17' }, 'custody_events_by_reference'],
  ]);
  usesIndexes(verifications, () => temporary, [
    [{ id: ['ngo-a:a'] }, 'verifications_by_id'],
    [{ status: 'OPEN' }, 'verifications_'],
    [{ organisation: 'O-17' }, 'verifications_by_organisation'],
    [{ reference: 'R-17' }, 'verifications_by_reference'],
    [{ method: 'by hand' }, 'verifications_in_order'],
  ]);

  it('the events of many persons go through the links by index', async () => {
    const plan = await planOf(temporary, eventsOf(ngoEvents));
    expect(plan.match(/links_by_person/gu)).toHaveLength(2);
    expect(plan).toContain('depicted_bodies_by_id');
  });

  it.each([{ from: '2015-01-01' }, { beyond: '2015-01-01' }])(
    'a page after another custodian’s row is a range of the order, and touches no more than one after a cursor: %j',
    async (place) => {
      const after = { sortKey: '2015-01-01', id: 'ngo-a:8' };
      const collection = ['ngo-a:c4ca4238a0b923820dcc509a6f75849b'];
      const pages = [
        (wanted: Wanted) => rootPage(photographs, wanted),
        (wanted: Wanted) => relatedPages(photographs, { column: 'collection' }, collection, wanted),
      ];
      for (const pageOf of pages) {
        const statement = pageOf({ ...ALL, after: place });
        expect(await planOf(temporary, statement)).toMatch(
          /Index Cond: [^\n]*label_set = visible.label_set[^\n]*sort_key >=? \$\d/u,
        );
        const cost = await touched(temporary, VISIBLE, statement);
        const costOfCursor = await touched(temporary, VISIBLE, pageOf({ ...ALL, after }));
        expect(cost).toBeLessThanOrEqual(costOfCursor + 20);
      }
    },
  );

  it('an image is looked for only where its photograph may be seen', async () => {
    const image = { coordinate: 'Photograph.image', table: 'photographs', folder: '' };
    const kept = { originals: 'photograph_originals', derivatives: 'photograph_images' };
    const hidden = `ngo-a:${createHash('md5').update('1').digest('hex')}`;
    const statement = sealedImage({ ...image, ...kept }, hidden, 'BLURRED');
    const plan = await explainRead(temporary, VISIBLE, statement, 'analyze, costs off, timing off, summary off');
    expect(plan).toContain('photographs_by_id');
    expect(plan).not.toContain('photographs_pkey');
    expect(plan).toMatch(/photograph_images [^\n]*\(never executed\)/u);
  });

  it.each([
    ['collection', 'photographs_by_collection'],
    ['body', 'photographs_by_body'],
  ])('photographs of many by %s use %s', async (column, index) => {
    const statement = relatedPages(photographs, { column }, ['ngo-a:1', 'ngo-a:2'], ALL);
    expect(await planOf(temporary, statement)).toContain(index);
  });
});
