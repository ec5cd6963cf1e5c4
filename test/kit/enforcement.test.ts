import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revoke } from '../../src/subgraphs/kit/grants.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { missing } from '../../src/subgraphs/missing/custodian.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

const codes = ({ errors }: Answer): string[] => [...new Set(errors.map(({ extensions }) => extensions.code))];
const paths = ({ errors }: Answer): string[] => errors.map(({ path }) => (path ?? []).join('.')).sort();

let custodian: TemporaryCustodian;
const given: string[] = [];

/** Grants that end with the test. */
async function grant(...details: Parameters<TemporaryCustodian['grant']>): Promise<string> {
  const id = await custodian.grant(...details);
  given.push(id);
  return id;
}

function serving(id: string, definition: Parameters<typeof temporaryCustodian>[1], records: () => Promise<void>): void {
  beforeAll(async () => {
    custodian = await temporaryCustodian(id, definition);
    await records();
  });
  afterAll(() => custodian?.close());
  beforeEach(() => {
    custodian.reads.length = 0;
  });
  afterEach(async () => {
    for (const id of given.splice(0)) await revoke(custodian.storage, id, 'the test').catch(() => {});
  });
}

const certificate = (n: number, more: object = {}) => ({
  ...{
    id: `ministry:c${n}`,
    reference: `2014/${n}`,
    label_set: 1,
    labels: [],
    review_status: 'PRELIMINARY',
    sort_key: `2014-03-1${100 + n}`,
  },
  ...{
    disputed: false,
    name: { asWritten: 'خالد بلال' },
    name_key: 'خالد بلال',
    mother: 'مريم',
    stated_place: 'HO-601',
    stated_cause: 'heart attack',
  },
  ...{
    registered_on_value: '2014-03',
    registered_on_basis: 'STATED',
    registered_on_from: '2014-03-01',
    registered_on_to: '2014-03-31',
  },
  ...more,
});
const HOSPITAL = {
  ...{ code: 'HO-601', name_en: 'Hospital 601', name_ar: 'مشفى ٦٠١' },
  ...{ agency: 'ARMY', kind: 'HOSPITAL', governorate: 'SY01', aliases: ['601'] },
};
const link = (record: string, person: string, label_set = 1) => ({
  ...{ record_id: record, record_type: 'DeathCertificate', person, label_set, source: 'DELIVERY' },
});

describe('the Ministry', () => {
  let familyFirst: number;
  let sealed: number;
  serving('ministry', ministry, async () => {
    familyFirst = await custodian.labelSet('FAMILY_FIRST');
    sealed = await custodian.labelSet('SEALED');
    await custodian.insert('facilities', [HOSPITAL]);
    await custodian.insert('death_certificates', [
      ...Array.from({ length: 30 }, (_, n) => certificate(n)),
      certificate(50, { label_set: sealed, labels: ['SEALED'], reference: 'sealed', name_key: 'يوسف' }),
    ]);
    await custodian.insert('links', [
      ...Array.from({ length: 25 }, (_, n) => link(`ministry:c${n}`, `psn_${n % 5}`)),
      link('ministry:c25', 'psn_waiting', familyFirst),
    ]);
  });

  const CERTIFICATES =
    '{ deathCertificates { totalCount nodes { id reference mother statedCause registeredOn { value precision basis } } } }';

  it('shows nothing at all to somebody without a grant', async () => {
    const answer = await custodian.ask(CERTIFICATES);
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ deathCertificates: null });
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(custodian.reads).toEqual([]);
    const access = await fetch(`${custodian.url}/access`, { headers: await custodian.credentials() });
    expect(await access.json()).toEqual({
      ...{ custodian: 'ministry', grants: [], otherPurpose: [], expired: [] },
      askedAboutPersons: false,
    });
  });

  it('shows each field only under its own tier, and says where it withheld', async () => {
    await grant({ scopes: ['ministry:registered'] });
    const answer = await custodian.ask(
      '{ deathCertificates(first: 1) { totalCount nodes { id reference statedCause registeredOn { value precision basis } } } }',
    );
    expect(answer.data.deathCertificates).toEqual({
      totalCount: 30,
      nodes: [
        {
          ...{ id: 'ministry:c0', reference: null, statedCause: null },
          registeredOn: { value: '2014-03', precision: 'MONTH', basis: 'STATED' },
        },
      ],
    });
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(paths(answer)).toEqual(['deathCertificates.nodes.0.reference', 'deathCertificates.nodes.0.statedCause']);
  });

  it('finds a record by its number with Arabic-Indic digits, as papers write it and imports do not keep it', async () => {
    await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
    const { data } = await custodian.ask('{ deathCertificates(filter: { reference: "٢٠١٤/١٧ " }) { nodes { id } } }');
    expect(data.deathCertificates.nodes).toEqual([{ id: 'ministry:c17' }]);
  });

  it('counts a grant only for the purpose it was given for, and only while in force', async () => {
    await grant({ scopes: ['ministry:registered'], purposes: ['RESEARCH'] });
    expect((await custodian.ask(CERTIFICATES)).data.deathCertificates).toBeNull();
    expect((await custodian.ask(CERTIFICATES, { purpose: 'RESEARCH' })).data.deathCertificates.totalCount).toBe(30);
    expect(
      (await custodian.ask(CERTIFICATES, { as: 'somebody else', purpose: 'RESEARCH' })).data.deathCertificates,
    ).toBeNull();
  });

  it('never adds up two half grants: scopes in one, the label in the other', async () => {
    await grant({ scopes: ['ministry:registered'], clears: ['SEALED'] });
    await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
    const answer = await custodian.ask(
      '{ deathCertificates(first: 200) { totalCount nodes { id labels reference } } }',
    );
    expect(answer.data.deathCertificates.totalCount).toBe(31);
    expect(answer.data.deathCertificates.nodes[30]).toEqual({
      id: 'ministry:c50',
      labels: ['SEALED'],
      reference: null,
    });
    expect(paths(answer)).toEqual(['deathCertificates.nodes.30.reference']);
    const filtered = await custodian.ask(
      '{ deathCertificates(filter: { reference: "sealed" }) { totalCount nodes { id } } }',
    );
    expect(filtered.data.deathCertificates).toEqual({ totalCount: 0, nodes: [] });
  });

  it('never adds up two half grants: the edge in one, its records in the other', async () => {
    await grant({ scopes: ['ministry:registered'] });
    await grant({ scopes: ['ministry:identifying'] });
    const answer = await custodian.ask(ENTITIES, { variables: { persons: [{ __typename: 'Person', id: 'psn_1' }] } });
    expect(answer.data._entities[0].deathCertificates).toEqual({
      totalCount: null,
      nodes: null,
      pageInfo: { hasNextPage: false },
    });
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(
      (await custodian.ask('{ deathCertificates(filter: { reference: "2014/1" }) { nodes { id } } }')).status,
    ).toBe(403);
  });

  const ENTITIES =
    'query ($persons: [_Any!]!) { _entities(representations: $persons) { ... on Person { id deathCertificates(first: 2) { totalCount nodes { id } pageInfo { hasNextPage } } } } }';

  describe('filters are reads', () => {
    it.each([
      ['a literal', '{ deathCertificates(filter: { name: "خالد" }) { totalCount } }', {}],
      [
        'a variable',
        'query ($name: String) { deathCertificates(filter: { name: $name }) { totalCount } }',
        { name: 'خالد' },
      ],
      [
        'a variable holding the filter',
        'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }',
        { f: { reference: '2014/1' } },
      ],
      [
        'a default',
        'query ($f: DeathCertificateFilter = { reference: "2014/1" }) { deathCertificates(filter: $f) { totalCount } }',
        {},
      ],
      [
        'a fragment',
        'query { ...q } fragment q on Query { deathCertificates(filter: { reference: "2014/1" }) { totalCount } }',
        {},
      ],
      [
        'an alias beside an innocent one',
        '{ a: deathCertificates { totalCount } b: deathCertificates(filter: { disputed: false, name: "خ" }) { totalCount } }',
        {},
      ],
      [
        'an edge',
        'query ($p: [_Any!]!) { _entities(representations: $p) { ... on Person { deathCertificates(filter: { name: "خ" }) { totalCount } } } }',
        { p: [{ __typename: 'Person', id: 'psn_1' }] },
      ],
    ])('and are refused before anything is read: %s', async (_, query, variables) => {
      await grant({ scopes: ['ministry:registered'] });
      const answer = await custodian.ask(query, { variables });
      expect(answer.status).toBe(403);
      expect(answer.data).toBeUndefined();
      expect(codes(answer)).toEqual(['FILTER_WITHHELD']);
      expect(answer.text).not.toContain('خ');
      expect(custodian.reads).toEqual([]);
    });

    it('but null filters nothing, and what may be read may be filtered by', async () => {
      await grant({ scopes: ['ministry:registered'] });
      const query = 'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }';
      const count = async (f: object | null) =>
        (await custodian.ask(query, { variables: { f } })).data.deathCertificates.totalCount;
      expect(await count({ name: null, reference: null })).toBe(30);
      expect(await count(null)).toBe(30);
      expect(await count({ disputed: true })).toBe(0);
      expect(await count({ registeredFrom: '2014-03-31', registeredTo: '2014-03-31' })).toBe(30);
      expect(await count({ registeredFrom: '2014-04' })).toBe(0);
      expect(await count({ registeredTo: '2014-02' })).toBe(0);
      expect(await count({ registeredTo: '2014' })).toBe(30);
      expect(await count({ id: ['ministry:c1', 'ministry:c2', 'ministry:c50'] })).toBe(2);
      expect(await count({ id: [] })).toBe(0);
    });

    it('and find names in whatever spelling, by their beginning', async () => {
      await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
      const count = async (name: string) =>
        (
          await custodian.ask('query ($n: String) { deathCertificates(filter: { name: $n }) { totalCount } }', {
            variables: { n: name },
          })
        ).data.deathCertificates.totalCount;
      expect(await count('خـالِد')).toBe(30);
      expect(await count('بلال')).toBe(0);
      expect(await count(' ـ ')).toBe(0);
    });
  });

  describe('a link whose family has not been told', () => {
    const BOTH = `query ($persons: [_Any!]!) {
      deathCertificates(filter: { id: "ministry:c25" }) { nodes { id reference person { id } } }
      _entities(representations: $persons) { ... on Person { id deathCertificates { totalCount nodes { id } edges { node { id } } } } } }`;
    const variables = { persons: [{ __typename: 'Person', id: 'psn_waiting' }] };
    const scopes = ['ministry:registered', 'ministry:identifying'];

    it('is absent in both directions and in counts, and the record looks as before', async () => {
      await grant({ scopes });
      const { data, errors } = await custodian.ask(BOTH, { variables });
      expect(errors).toEqual([]);
      expect(data.deathCertificates.nodes).toEqual([{ id: 'ministry:c25', reference: '2014/25', person: null }]);
      expect(data._entities).toEqual([
        { id: 'psn_waiting', deathCertificates: { totalCount: 0, nodes: [], edges: [] } },
      ]);
      const unknown = await custodian.ask(BOTH, {
        variables: { persons: [{ __typename: 'Person', id: 'psn_unknown' }] },
      });
      expect(unknown.data._entities[0].deathCertificates).toEqual(data._entities[0].deathCertificates);
    });

    it('is there for a grant that clears it', async () => {
      await grant({ scopes, organisation: 'missing', clears: ['FAMILY_FIRST'] });
      const { data } = await custodian.ask(BOTH, { variables });
      expect(data.deathCertificates.nodes[0].person).toEqual({ id: 'psn_waiting' });
      expect(data._entities[0].deathCertificates.nodes).toEqual([{ id: 'ministry:c25' }]);
    });
  });

  describe('pages', () => {
    const PAGE =
      'query ($after: String, $f: DeathCertificateFilter) { deathCertificates(first: 7, after: $after, filter: $f) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
    const scopes = ['ministry:registered'];

    it('follow each other without gap or overlap, by keyset', async () => {
      await grant({ scopes });
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const { data } = await custodian.ask(PAGE, { variables: { after } });
        seen.push(...data.deathCertificates.nodes.map(({ id }: { id: string }) => id));
        after = data.deathCertificates.pageInfo.hasNextPage ? data.deathCertificates.pageInfo.endCursor : undefined;
      } while (after);
      expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => `ministry:c${n}`));
    });

    it('hold 20 records unless told otherwise, and 200 at most', async () => {
      await grant({ scopes });
      expect((await custodian.ask('{ deathCertificates { nodes { id } } }')).data.deathCertificates.nodes).toHaveLength(
        20,
      );
      for (const first of [0, -1, 201, 100_000]) {
        const answer = await custodian.ask('query ($n: Int) { deathCertificates(first: $n) { nodes { id } } }', {
          variables: { n: first },
        });
        expect([answer.status, codes(answer)]).toEqual([400, ['PAGE_TOO_LARGE']]);
      }
    });

    it('are not given on a cursor that is borrowed, tampered with, or for another filter or list', async () => {
      await grant({ scopes });
      await grant({ scopes, subject: 'journalist' });
      const { endCursor } = (await custodian.ask(PAGE)).data.deathCertificates.pageInfo;
      custodian.reads.length = 0;
      for (const question of [
        { as: 'journalist', variables: { after: endCursor } },
        { variables: { after: endCursor, f: { disputed: false } } },
        { variables: { after: `${endCursor.startsWith('A') ? 'B' : 'A'}${endCursor.slice(1)}` } },
        { variables: { after: 'x' } },
        { variables: { after: '' } },
      ]) {
        const answer = await custodian.ask(PAGE, question);
        expect([answer.status, codes(answer)]).toEqual([400, ['CURSOR_INVALID']]);
      }
      expect(custodian.reads).toEqual([]);
    });

    it('of one person’s list are not continued in another’s', async () => {
      await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
      const query =
        'query ($p: [_Any!]!, $after: String) { _entities(representations: $p) { ... on Person { deathCertificates(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } } } }';
      const of = (...ids: string[]) => ids.map((id) => ({ __typename: 'Person', id }));
      const first = await custodian.ask(query, { variables: { p: of('psn_1') } });
      expect(first.data._entities[0].deathCertificates.nodes).toEqual([{ id: 'ministry:c1' }, { id: 'ministry:c6' }]);
      const after = first.data._entities[0].deathCertificates.pageInfo.endCursor;
      const { data, errors } = await custodian.ask(query, { variables: { p: of('psn_1', 'psn_2'), after } });
      expect(data._entities[0].deathCertificates.nodes).toEqual([{ id: 'ministry:c11' }, { id: 'ministry:c16' }]);
      expect(data._entities[1].deathCertificates).toBeNull();
      expect(errors[0]?.extensions.code).toBe('CURSOR_INVALID');
    });

    it('end when the grant is revoked between two of them', async () => {
      const id = await grant({ scopes });
      const { endCursor } = (await custodian.ask(PAGE)).data.deathCertificates.pageInfo;
      await revoke(custodian.storage, id, 'the test');
      expect((await custodian.ask(PAGE, { variables: { after: endCursor } })).data.deathCertificates).toBeNull();
    });
  });

  it('refuses filters so long that they would only keep it busy, before anything is read', async () => {
    await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
    const query = 'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount nodes { id } } }';
    for (const f of [
      { name: `a${'\u0315\u0300\u05ae\u0334'.repeat(30_000)}` },
      { name: 'ب'.repeat(201) },
      { id: ['ministry:c1', 'x'.repeat(1_001)] },
      { reference: 'x'.repeat(1_001) },
    ]) {
      const started = performance.now();
      const answer = await custodian.ask(query, { variables: { f } });
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    }
    expect(custodian.reads).toEqual([]);
    const { errors } = await custodian.ask(query, { variables: { f: { name: 'ب'.repeat(200) } } });
    expect(errors).toEqual([]);
  });

  it('reads a page of many with a constant number of statements', async () => {
    await grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
    const query = `query ($first: Int) { deathCertificates(first: $first) { totalCount nodes { id statedPlace { code }
      person { deathCertificates(first: 3) { totalCount nodes { id person { id } } } custodyTransfers { nodes { id } } } } } }`;
    const statements = async (first: number) => {
      custodian.reads.length = 0;
      const { errors } = await custodian.ask(query, { variables: { first } });
      expect(errors).toEqual([]);
      return custodian.reads.length;
    };
    const few = await statements(2);
    expect(await statements(10)).toBe(few);
    expect(few).toBe(8);
    // Whose person was found on the first level is not asked for again on the second.
    expect(await statements(30)).toBe(few - 1);
  });

  it('enters in its access log who read which records, and what was withheld', async () => {
    await grant({ scopes: ['ministry:registered'] });
    await custodian.ask('{ deathCertificates(first: 2) { nodes { id mother } } }', {
      headers: { 'amana-request-id': 'request-0815' },
    });
    const [entry] = await custodian.storage.query<Record<string, unknown>>({
      sql: `select * from access_log where request_id = 'request-0815'`,
      parameters: [],
    });
    expect(entry).toMatchObject({
      ...{ subject_kind: 'USER', purpose: 'IDENTIFICATION', outcome: 'ANSWERED', code: null },
      withheld: ['DeathCertificate.mother'],
    });
    expect(entry?.['coordinates']).toContain('DeathCertificate.mother');
    expect(entry?.['records']).toHaveLength(2);
    expect(JSON.stringify(entry)).not.toMatch(/analyst|ministry:c/u);
  });
});

describe('the Authority', () => {
  serving('missing', missing, async () => {
    const familyFirst = await custodian.labelSet('FAMILY_FIRST');
    const record = (n: number, label_set: number) => ({
      ...{
        id: `missing:${n}`,
        reference: `D-${n}`,
        label_set,
        labels: label_set === 1 ? [] : ['FAMILY_FIRST'],
        review_status: 'PRELIMINARY',
        sort_key: `${n}`,
      },
    });
    await custodian.insert('identification_decisions', [
      { ...record(1, 1), person: 'psn_told', method: 'DNA', status: 'CONFIRMED' },
      { ...record(2, familyFirst), person: 'psn_waiting', method: 'DNA', status: 'CONFIRMED' },
    ]);
    await custodian.insert('family_notifications', [
      { ...record(3, 1), reference: 'D-1', person: 'psn_told', status: 'DELIVERED' },
      { ...record(4, familyFirst), reference: 'D-2', person: 'psn_waiting', status: 'PENDING' },
    ]);
    await custodian.insert('register_links', [
      {
        ...record(5, 1),
        person: 'psn_elsewhere',
        linked_custodian: 'ngo-a',
        record_reference: 'B1',
        state: 'CONFIRMED',
      },
      {
        ...record(6, 1),
        person: 'psn_candidate',
        linked_custodian: 'ngo-a',
        record_reference: 'B2',
        state: 'CANDIDATE',
      },
    ]);
  });

  it('knows a person only for those who may know, and answers the same for hidden and unknown', async () => {
    await grant({ scopes: ['missing:registered', 'missing:identifying'] });
    const { data, errors } = await custodian.ask(
      `{ told: person(id: "psn_told") { id } waiting: person(id: "psn_waiting") { id } unknown: person(id: "psn_unknown") { id }
         candidate: person(id: "psn_candidate") { id } persons(ids: ["psn_waiting", "psn_elsewhere", "psn_unknown"]) { id } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      ...{ told: { id: 'psn_told' }, waiting: null, unknown: null, candidate: null },
      persons: [null, { id: 'psn_elsewhere' }, null],
    });
    expect(custodian.reads).toHaveLength(1);
  });

  it('enters in its access log whom somebody asked for by id, whether or not anything was there', async () => {
    await grant({ scopes: ['missing:registered', 'missing:identifying'] });
    const records = async (query: string, id: string, variables = {}) => {
      await custodian.ask(query, { variables, headers: { 'amana-request-id': id } });
      const [entry] = await custodian.storage.query<{ records: string[] }>({
        sql: 'select records from access_log where request_id = $1',
        parameters: [id],
      });
      return entry?.records ?? [];
    };
    const one = await records('{ person(id: "psn_waiting") { id } }', 'persons-1');
    expect(one).toEqual([expect.stringMatching(/^[\w-]{43}$/u)]);
    const many = await records('{ persons(ids: ["psn_waiting", "psn_unknown"]) { id } }', 'persons-2');
    expect(many).toEqual([...one, expect.stringMatching(/^[\w-]{43}$/u)]);
    const entities = 'query ($p: [_Any!]!) { _entities(representations: $p) { ... on Person { id } } }';
    const p = ['psn_unknown', 'psn_waiting'].map((id) => ({ __typename: 'Person', id }));
    expect(await records(entities, 'persons-3', { p })).toEqual(many.toReversed());
    await revoke(custodian.storage, String(given.at(-1)), 'the test');
    expect(await records('{ person(id: "psn_waiting") { id } }', 'persons-4')).toEqual(one);
  });

  it('withholds a person without the tier, whoever it is', async () => {
    await grant({ scopes: ['missing:registered'] });
    const { data, errors } = await custodian.ask(
      '{ a: person(id: "psn_told") { id } b: person(id: "psn_unknown") { id } }',
    );
    expect(data).toEqual({ a: null, b: null });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FIELD_WITHHELD', 'FIELD_WITHHELD']);
    expect(custodian.reads).toEqual([]);
  });

  it('hides decisions, notifications and their persons until the family has been told', async () => {
    const query = `{ identificationDecisions { totalCount nodes { reference person { id identificationDecisions { totalCount } } notification { status person { id } } } }
      familyNotifications { totalCount } filtered: identificationDecisions(filter: { id: "missing:2" }) { totalCount } }`;
    const scopes = ['missing:registered', 'missing:identifying', 'missing:family'];
    await grant({ scopes });
    const decided = (reference: string, id: string, status: string) => ({
      reference,
      person: { id, identificationDecisions: { totalCount: 1 } },
      notification: { status, person: { id } },
    });
    expect((await custodian.ask(query)).data).toEqual({
      identificationDecisions: { totalCount: 1, nodes: [decided('D-1', 'psn_told', 'DELIVERED')] },
      ...{ familyNotifications: { totalCount: 1 }, filtered: { totalCount: 0 } },
    });
    await grant({ scopes, subject: 'officer', organisation: 'missing', clears: ['FAMILY_FIRST'] });
    expect((await custodian.ask(query, { as: 'officer' })).data).toEqual({
      identificationDecisions: {
        totalCount: 2,
        nodes: [decided('D-1', 'psn_told', 'DELIVERED'), decided('D-2', 'psn_waiting', 'PENDING')],
      },
      ...{ familyNotifications: { totalCount: 2 }, filtered: { totalCount: 1 } },
    });
  });

  it('keeps the register to those with its own scope, its persons to those with the tier besides', async () => {
    await grant({ scopes: ['missing:registered', 'missing:links'] });
    const { data } = await custodian.ask(
      '{ links(filter: { state: CANDIDATE }) { nodes { linkedCustodian recordReference person { id } } } }',
    );
    expect(data.links.nodes).toEqual([{ linkedCustodian: 'ngo-a', recordReference: 'B2', person: null }]);
    const answer = await custodian.ask('{ links(filter: { person: "psn_candidate" }) { nodes { id } } }');
    expect([answer.status, codes(answer)]).toEqual([403, ['FILTER_WITHHELD']]);
  });
});

describe('an NGO', () => {
  serving('ngo-a', ngo, async () => {
    const coordinated = await custodian.labelSet('COORDINATED');
    const record = (name: string, label_set: number) => ({
      ...{
        id: `ngo-a:${name}`,
        reference: name,
        label_set,
        labels: label_set === 1 ? [] : ['COORDINATED'],
        review_status: 'PRELIMINARY',
        sort_key: name,
      },
    });
    await custodian.insert('facilities', [HOSPITAL]);
    await custodian.insert('collections', [
      { ...record('open', 1), title: 'released' },
      { ...record('closed', coordinated), title: 'not yet' },
    ]);
    await custodian.insert('depicted_bodies', [
      {
        ...record('b1', 1),
        category: 'DETAINEE',
        facility: 'HO-601',
        detainee_number: '17',
        hospital_number: '6685/ب',
        legibility: 'PARTIAL',
      },
      { ...record('b2', coordinated), category: 'DETAINEE', branch_number: '17' },
    ]);
    await custodian.insert('photographs', [
      ...Array.from({ length: 4 }, (_, n) => ({
        ...record(`p${n}`, 1),
        collection: 'ngo-a:open',
        body: 'ngo-a:b1',
        sha256: `${n}ab`,
      })),
      { ...record('p9', coordinated), collection: 'ngo-a:closed', body: 'ngo-a:b2' },
    ]);
  });
  const scopes = ['ngo:registered', 'ngo:identifying'];
  const QUERY = `{ collections { totalCount nodes { title size photographs { totalCount nodes { id } } } } photographs { totalCount }
    depictedBodies(filter: { number: "17" }) { nodes { id facility { code nameEn aliases } numbers { value series legibility } photographs { nodes { id collection { title } } } } }
    of: photographs(filter: { collection: "ngo-a:closed" }) { totalCount } }`;

  it('shows nothing of a collection that is not released, on any path', async () => {
    await grant({ scopes });
    const { data, errors } = await custodian.ask(QUERY);
    expect(errors).toEqual([]);
    expect(data.collections).toEqual({
      totalCount: 1,
      nodes: [
        {
          title: 'released',
          size: 4,
          photographs: { totalCount: 4, nodes: [0, 1, 2, 3].map((n) => ({ id: `ngo-a:p${n}` })) },
        },
      ],
    });
    expect(data.photographs.totalCount).toBe(4);
    expect(data.of.totalCount).toBe(0);
    expect(data.depictedBodies.nodes).toEqual([
      {
        id: 'ngo-a:b1',
        facility: { code: 'HO-601', nameEn: 'Hospital 601', aliases: ['601'] },
        numbers: [
          { value: '17', series: 'DETAINEE', legibility: 'PARTIAL' },
          { value: '6685/ب', series: 'HOSPITAL', legibility: 'PARTIAL' },
        ],
        photographs: { nodes: [0, 1, 2, 3].map((n) => ({ id: `ngo-a:p${n}`, collection: { title: 'released' } })) },
      },
    ]);
  });

  it('finds a photograph by its hash in capital letters, too', async () => {
    await grant({ scopes: [...scopes, 'ngo:provenance'] });
    const { data } = await custodian.ask('{ photographs(filter: { sha256: "2AB" }) { nodes { id } } }');
    expect(data.photographs.nodes).toEqual([{ id: 'ngo-a:p2' }]);
  });

  it('adds no two half grants up along an edge: one must clear the record and what hangs on it', async () => {
    const sealed = await custodian.labelSet('SEALED');
    const both = await custodian.labelSet('COORDINATED', 'SEALED');
    const closed = { label_set: sealed, labels: ['SEALED'], review_status: 'PRELIMINARY', sort_key: 'z' };
    await custodian.insert('photographs', [
      { ...closed, id: 'ngo-a:ps', reference: 'ps', collection: 'ngo-a:closed', body: 'ngo-a:b2' },
      { ...closed, label_set: both, id: 'ngo-a:pb', reference: 'pb', collection: 'ngo-a:closed', body: 'ngo-a:b2' },
    ]);
    const EDGES = `{ photographs(filter: { id: "ngo-a:ps" }) { nodes { body { id } collection { id } } }
      depictedBodies(filter: { id: "ngo-a:b2" }) { nodes { photographs { totalCount nodes { id } } } }
      collections(filter: { id: "ngo-a:closed" }) { nodes { size photographs { totalCount nodes { id } } } } }`;
    const shown = (ids: string[]) => ({
      totalCount: ids.length,
      nodes: ids.map((id) => ({ id: `ngo-a:${id}` })),
    });
    const half = { scopes, organisation: 'ministry' };
    await grant({ ...half, clears: ['COORDINATED'] });
    await grant({ ...half, clears: ['SEALED'] });
    const apart = await custodian.ask(EDGES);
    expect(apart.errors).toEqual([]);
    expect(apart.data).toEqual({
      photographs: { nodes: [{ body: null, collection: null }] },
      depictedBodies: { nodes: [{ photographs: shown(['p9']) }] },
      collections: { nodes: [{ size: 1, photographs: shown(['p9']) }] },
    });
    await grant({ ...half, clears: ['COORDINATED', 'SEALED'] });
    expect((await custodian.ask(EDGES)).data).toEqual({
      photographs: { nodes: [{ body: { id: 'ngo-a:b2' }, collection: { id: 'ngo-a:closed' } }] },
      depictedBodies: { nodes: [{ photographs: shown(['p9', 'pb', 'ps']) }] },
      collections: { nodes: [{ size: 3, photographs: shown(['p9', 'pb', 'ps']) }] },
    });
    await custodian.storage.query({
      sql: "delete from photographs where id in ('ngo-a:ps', 'ngo-a:pb')",
      parameters: [],
    });
  });

  it('shows it to the Ministry where a grant clears it', async () => {
    await grant({ scopes, organisation: 'ministry', clears: ['COORDINATED'] });
    const { data } = await custodian.ask(QUERY);
    expect(data.collections.totalCount).toBe(2);
    expect(data.depictedBodies.nodes).toHaveLength(2);
    expect(data.of.totalCount).toBe(1);
  });
});
