import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { missing } from '../../src/subgraphs/missing/custodian.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';
import { expectAlike } from '../response-times.ts';

/** How many times each question is timed; none in `npm test`, where the work that it makes is compared. */
const SAMPLES = Number(process.env['AMANA_TIMED_SAMPLES'] ?? 0);

/** What is asked of something that the viewer may not see, and of something that there is not. */
interface Pair {
  readonly what: string;
  readonly query: string;
  readonly hidden: Readonly<Record<string, unknown>>;
  readonly absent: Readonly<Record<string, unknown>>;
  /** Where both answers hold what the viewer may see: these words of the one are those of the other. */
  readonly alike?: readonly (readonly [string, string])[];
}

let custodian: TemporaryCustodian;

function serving(id: string, definition: Parameters<typeof temporaryCustodian>[1], records: () => Promise<void>): void {
  beforeAll(async () => {
    custodian = await temporaryCustodian(id, definition);
    await records();
    await custodian.storage.query({ sql: 'analyze', parameters: [] });
  });
  afterAll(() => custodian?.close());
}

/** The answer's text, and the statements that it took. */
async function workOf(
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Answer & { reads: string[] }> {
  custodian.reads.length = 0;
  const answer = await custodian.ask(query, { variables });
  return { ...answer, reads: custodian.reads.splice(0) };
}

function answersAlike(pairs: readonly Pair[]): void {
  it.each(pairs)('by $what', async ({ query, hidden, absent, alike = [] }) => {
    const [one, other] = [await workOf(query, hidden), await workOf(query, absent)];
    expect(one.status).toBe(200);
    const said = (text: string): string => alike.reduce((all, [of, to]) => all.replaceAll(of, to), text);
    expect(said(one.text)).toBe(said(other.text));
    expect([...one.headers.keys()]).toEqual([...other.headers.keys()]);
    expect(one.headers.get('content-length')).toBe(other.headers.get('content-length'));
    expect(one.reads).toEqual(other.reads);
    expect(one.reads.length).toBeGreaterThan(0);
  });

  it.runIf(SAMPLES > 0).each(pairs)(
    'by $what, and it takes no longer or shorter',
    async ({ what, query, hidden, absent }) => {
      await expectAlike(
        `straight at the custodian, ${what}`,
        {
          one: () => custodian.ask(query, { variables: hidden }),
          other: () => custodian.ask(query, { variables: absent }),
        },
        SAMPLES,
      );
    },
    600_000,
  );
}

const record = (id: string, label_set: number, labels: readonly string[], sort_key: string) => ({
  ...{ id, reference: `R-${id}`, label_set, labels, review_status: 'PRELIMINARY', sort_key },
});

/** 0 to 199. */
const HUNDREDS = Array.from({ length: 200 }, (_, n) => n);

const FACILITY = {
  ...{
    name_en: 'Hospital 601',
    name_ar: 'مشفى ٦٠١',
    agency: 'ARMY',
    kind: 'HOSPITAL',
    governorate: 'SY01',
    aliases: [],
  },
};
const PERSON = 'query ($p: [_Any!]!) { _entities(representations: $p) { ... on Person { id';
const entity = (id: string) => ({ p: [{ __typename: 'Person', id }] });

describe('at the Ministry, a hidden record is no more there than one that is not', () => {
  serving('ministry', ministry, async () => {
    const sealed = await custodian.labelSet('SEALED');
    const familyFirst = await custodian.labelSet('FAMILY_FIRST');
    const certificate = (n: number, isHidden = false) => ({
      ...record(`ministry:${1000 + n}`, isHidden ? sealed : 1, isHidden ? ['SEALED'] : [], `2014-03-${10 + (n % 9)}`),
      ...{ disputed: false, name: { asWritten: 'x' }, name_key: `خالد ${n}`, mother: 'مريم', stated_place: 'HO-601' },
      ...{ registered_on_value: `20${10 + (n % 9)}-03`, registered_on_basis: 'STATED' },
      ...{ registered_on_from: `20${10 + (n % 9)}-03-01`, registered_on_to: `20${10 + (n % 9)}-03-31` },
    });
    const link = (n: number, person: string, label_set: number) => ({
      ...{ record_id: `ministry:${1000 + n}`, record_type: 'DeathCertificate', person, label_set, source: 'DELIVERY' },
    });
    await custodian.insert('facilities', [{ ...FACILITY, code: 'HO-601' }]);
    // Hidden ones lie among the others; of each year are as many to be seen.
    const numbers = Array.from({ length: 900 }, (_, n) => n);
    await custodian.insert('death_certificates', [
      ...numbers.map((n) => certificate(n)),
      ...[901, 910, 919].map((n) => certificate(n, true)),
    ]);
    await custodian.insert('links', [
      ...numbers.filter((n) => n % 3 === 0).map((n) => link(n, `psn_told_${n}`, 1)),
      link(400, 'psn_waiting', familyFirst),
    ]);
    await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying', 'ministry:medical'] });
  });

  const LIST =
    'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount nodes { id reference person { id } } edges { cursor } pageInfo { hasNextPage endCursor } } }';
  const COUNTED =
    'query ($f: DeathCertificateFilter) { deathCertificates(first: 50, filter: $f) { totalCount pageInfo { hasNextPage } } }';
  answersAlike([
    { what: 'its id', query: LIST, hidden: { f: { id: ['ministry:1901'] } }, absent: { f: { id: ['ministry:1902'] } } },
    {
      what: 'its number',
      query: LIST,
      hidden: { f: { reference: 'R-ministry:1901' } },
      absent: { f: { reference: 'R-ministry:1902' } },
    },
    { what: 'its name', query: LIST, hidden: { f: { name: 'خالد 901' } }, absent: { f: { name: 'خالد 902' } } },
    {
      what: 'its place in the list',
      query:
        'query ($p: ListPosition) { deathCertificates(first: 5, afterRecord: $p) { totalCount nodes { id } edges { sortKey recordId } } }',
      hidden: { p: { sortKey: '2014-03-11', custodian: 'ministry', id: 'ministry:1901' } },
      absent: { p: { sortKey: '2014-03-11', custodian: 'ministry', id: 'ministry:1902' } },
    },
    {
      what: 'the year in which it lies among others',
      query: COUNTED,
      hidden: { f: { registeredFrom: '2011', registeredTo: '2011' } },
      absent: { f: { registeredFrom: '2012', registeredTo: '2012' } },
    },
    {
      what: 'the person of a record, where the link is hidden',
      query:
        'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { nodes { reference person { id } } } }',
      hidden: { f: { id: ['ministry:1400'] } },
      absent: { f: { id: ['ministry:1401'] } },
      alike: [['1400', '1401']],
    },
    {
      what: 'whether a record is linked',
      query: 'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }',
      hidden: { f: { id: ['ministry:1400'], linked: true } },
      absent: { f: { id: ['ministry:1401'], linked: true } },
    },
    {
      what: 'its person',
      query: `${PERSON} deathCertificates { totalCount nodes { id } } ministryCounts { deathCertificates } ministryEvents { nodes { at { value } } } } } }`,
      hidden: entity('psn_waiting'),
      absent: entity('psn_unknown'),
      alike: [['psn_waiting', 'psn_unknown']],
    },
  ]);
});

describe('at the Ministry, a thousand hidden records are no more there than none', () => {
  serving('ministry', ministry, async () => {
    const sealed = await custodian.labelSet('SEALED');
    const certificates = (count: number, at: number, label_set: number, of: Readonly<Record<string, string>>) =>
      custodian.insert(
        'death_certificates',
        Array.from({ length: count }, (_, n) => ({
          ...record(`ministry:${at + n}`, label_set, label_set === 1 ? [] : ['SEALED'], `2014-03-${10 + (n % 9)}`),
          ...{ disputed: false, name: { asWritten: 'x' }, stated_place: 'HO-601', name_key: `خالد ${n}` },
          ...of,
        })),
      );
    await custodian.insert(
      'facilities',
      ['HO-601', 'HO-602', 'HO-603'].map((code) => ({ ...FACILITY, code })),
    );
    for (let at = 100_000; at < 120_000; at += 5_000) await certificates(5_000, at, 1, {});
    // All of one name, of one place, and between two days of the list.
    const hidden = { name_key: 'سالم', roman_key: 'arabic slm', stated_place: 'HO-602', sort_key: '2014-03-11T' };
    await certificates(1_000, 200_000, sealed, hidden);
    // Of the first two hundred pairs of records one has a link that is hidden, the other none.
    const familyFirst = await custodian.labelSet('FAMILY_FIRST');
    const link = (n: number, label_set: number) => ({
      ...{ record_id: `ministry:${100_000 + n}`, record_type: 'DeathCertificate', person: `psn_${n}` },
      ...{ label_set, source: 'REGISTER' },
    });
    await custodian.insert('links', [
      ...HUNDREDS.map((n) => link(2 * n, familyFirst)),
      ...Array.from({ length: 3_000 }, (_, n) => link(1_000 + 2 * n, 1)),
    ]);
    await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying', 'ministry:medical'] });
  });

  const query =
    'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount nodes { id } pageInfo { hasNextPage } } }';
  const ids = (at: number) => ({ f: { id: HUNDREDS.map((n) => `ministry:${at + n}`) } });
  const pairs = (at: number, linked?: boolean) => ({
    f: { id: HUNDREDS.map((n) => `ministry:${at + 2 * n}`), ...(linked !== undefined && { linked }) },
  });
  const after = (sortKey: string) => ({ p: { sortKey, custodian: 'ministry', id: 'ministry:999999' } });
  answersAlike([
    { what: 'a name', query, hidden: { f: { name: 'سالم' } }, absent: { f: { name: 'بلال' } } },
    { what: 'a place', query, hidden: { f: { statedPlace: 'HO-602' } }, absent: { f: { statedPlace: 'HO-603' } } },
    { what: 'two hundred ids', query, hidden: ids(200_000), absent: ids(300_000) },
    {
      what: 'the persons of two hundred records',
      query:
        'query ($f: DeathCertificateFilter) { deathCertificates(first: 200, filter: $f) { nodes { person { id } } } }',
      hidden: pairs(100_000),
      absent: pairs(100_001),
    },
    {
      what: 'whether two hundred records are linked',
      query: 'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount nodes { id } } }',
      hidden: pairs(100_000, true),
      absent: pairs(100_001, true),
    },
    {
      what: 'the place in the list where they lie',
      query: 'query ($p: ListPosition) { deathCertificates(first: 5, afterRecord: $p) { pageInfo { hasNextPage } } }',
      hidden: after('2014-03-11'),
      absent: after('2014-03-12'),
    },
  ]);
});

describe('at the Authority, a person who is hidden is as one who is unknown', () => {
  serving('missing', missing, async () => {
    const familyFirst = await custodian.labelSet('FAMILY_FIRST');
    const person = (n: number): string => (n === 333 ? 'psn_waiting' : `psn_${n}`);
    const of = (n: number, kind: string) =>
      record(
        `missing:${kind}${1000 + n}`,
        n === 333 ? familyFirst : 1,
        n === 333 ? ['FAMILY_FIRST'] : [],
        `${1000 + n}`,
      );
    const numbers = Array.from({ length: 600 }, (_, n) => n);
    await custodian.insert(
      'identification_decisions',
      numbers.map((n) => ({ ...of(n, 'd'), person: person(n), method: 'DNA', status: 'CONFIRMED' })),
    );
    await custodian.insert(
      'family_notifications',
      numbers.map((n) => ({ ...of(n, 'n'), person: person(n), status: n === 333 ? 'PENDING' : 'DELIVERED' })),
    );
    await custodian.insert(
      'register_links',
      numbers.map((n) => ({
        ...of(n, 'l'),
        ...{ person: person(n), linked_custodian: 'ngo-a', record_reference: `B${n}`, state: 'CONFIRMED' },
      })),
    );
    await custodian.grant({
      scopes: ['registered', 'identifying', 'family', 'links'].map((name) => `missing:${name}`),
    });
  });

  const EDGES =
    'id identificationDecisions { totalCount nodes { id method } } missingPersonReports { totalCount } missingCounts { identificationDecisions }';
  answersAlike([
    {
      what: 'id',
      query: `query ($id: ID!) { person(id: $id) { ${EDGES} } }`,
      hidden: { id: 'psn_waiting' },
      absent: { id: 'psn_unknown' },
    },
    {
      what: 'ids',
      query: `query ($ids: [ID!]!) { persons(ids: $ids) { ${EDGES} } }`,
      hidden: { ids: ['psn_1', 'psn_waiting', 'psn_2'] },
      absent: { ids: ['psn_1', 'psn_unknown', 'psn_2'] },
    },
    {
      what: 'representation',
      query: `${PERSON} identificationDecisions { totalCount nodes { id } } missingPersonReports { totalCount } } } }`,
      hidden: entity('psn_waiting'),
      absent: entity('psn_unknown'),
      alike: [['psn_waiting', 'psn_unknown']],
    },
    ...[
      ['identificationDecisions', 'IdentificationDecisionFilter'],
      ['familyNotifications', 'FamilyNotificationFilter'],
      ['links', 'LinkFilter'],
    ].map(([list, filter]) => ({
      what: `the ${list} of the person`,
      query: `query ($f: ${filter}) { ${list}(filter: $f) { totalCount nodes { id } } }`,
      hidden: { f: { person: 'psn_waiting' } },
      absent: { f: { person: 'psn_unknown' } },
    })),
  ]);
});

describe('at an NGO, a record of a collection that is not released is no more there than one that is not', () => {
  serving('ngo-a', ngo, async () => {
    const coordinated = await custodian.labelSet('COORDINATED');
    const of = (id: string, isHidden: boolean) =>
      record(`ngo-a:${id}`, isHidden ? coordinated : 1, isHidden ? ['COORDINATED'] : [], id);
    await custodian.insert('facilities', [{ ...FACILITY, code: 'HO-601' }]);
    await custodian.insert('collections', [
      { ...of('open', false), title: 'released' },
      { ...of('shut', true), title: 'not yet' },
    ]);
    const numbers = Array.from({ length: 600 }, (_, n) => n);
    await custodian.insert(
      'depicted_bodies',
      numbers.map((n) => ({
        ...of(`b${1000 + n}`, n % 2 === 1),
        ...{ category: 'DETAINEE', facility: 'HO-601', detainee_number: `${1000 + n}` },
      })),
    );
    await custodian.insert(
      'photographs',
      numbers.map((n) => ({
        ...of(`p${1000 + n}`, n % 2 === 1),
        ...{
          collection: n % 2 === 1 ? 'ngo-a:shut' : 'ngo-a:open',
          body: `ngo-a:b${1000 + n}`,
          sha256: `${1000 + n}ab`,
        },
      })),
    );
    await custodian.grant({ scopes: ['registered', 'identifying', 'provenance'].map((name) => `ngo:${name}`) });
  });

  const photographs =
    'query ($f: PhotographFilter) { photographs(filter: $f) { totalCount nodes { id body { id } collection { id } } } }';
  const bodies =
    'query ($f: DepictedBodyFilter) { depictedBodies(filter: $f) { totalCount nodes { id photographs { totalCount } } } }';
  answersAlike([
    {
      what: 'the id of a photograph',
      query: photographs,
      hidden: { f: { id: ['ngo-a:p1301'] } },
      absent: { f: { id: ['ngo-a:p9999'] } },
    },
    { what: 'its hash', query: photographs, hidden: { f: { sha256: '1301ab' } }, absent: { f: { sha256: '9999ab' } } },
    {
      what: 'the id of a body',
      query: bodies,
      hidden: { f: { id: ['ngo-a:b1301'] } },
      absent: { f: { id: ['ngo-a:b9999'] } },
    },
    {
      what: 'the number on a body',
      query: bodies,
      hidden: { f: { number: '1301' } },
      absent: { f: { number: '9999' } },
    },
    {
      what: 'the id of the collection',
      query: 'query ($f: CollectionFilter) { collections(filter: $f) { totalCount nodes { id size } } }',
      hidden: { f: { id: ['ngo-a:shut'] } },
      absent: { f: { id: ['ngo-a:none'] } },
    },
  ]);
});
