import { beforeAll, describe, expect, it } from 'vitest';
import { delivered } from './delivered.ts';
import {
  type Answer,
  type Custodian,
  ask,
  askCustodian,
  custodianAddress,
  custodianHeaders,
  give,
  post,
  withStorage,
  withoutRequestId,
} from './harness.ts';

const TOLD = 'psn_03d0cba4e5f2978fb82b';
const PENDING = 'psn_70539857a00d3c26df80';
const UNKNOWN = 'psn_00000000000000000000';
const CAUSES = new Set(delivered('ministry/death_certificates.csv').map(({ cause }) => cause));

const codes = ({ errors }: Answer): string[] => [...new Set(errors.map(({ extensions }) => extensions.code))];
const paths = ({ errors }: Answer): string[] => errors.map(({ path = [] }) => path.join('.'));

const OFFICER = { organisation: 'ministry', recipientKind: 'GOVERNMENT' } as const;

beforeAll(async () => {
  await give('ministry', 'direct:registered', ['registered']);
  await give('missing', 'direct:registered', ['registered']);
  await give('ngo-a', 'direct:registered', ['registered']);

  await give('ministry', 'direct:identifying', ['registered', 'identifying']);
  await give('missing', 'direct:identifying', ['registered', 'identifying']);
  await give('ngo-a', 'direct:identifying', ['registered', 'identifying'], { ...OFFICER, clears: ['COORDINATED'] });

  await give('ministry', 'direct:halves', ['registered']);
  await give('ministry', 'direct:halves', ['identifying']);
  await give('missing', 'direct:halves', ['registered', 'identifying'], { organisation: 'missing' });
  await give('missing', 'direct:halves', ['registered', 'family'], {
    organisation: 'missing',
    clears: ['FAMILY_FIRST'],
  });
  await give('ngo-a', 'direct:halves', ['registered'], { ...OFFICER, clears: ['COORDINATED'] });
  await give('ngo-a', 'direct:halves', ['registered', 'identifying', 'medical']);
});

/** Documents within one subgraph, so that gateway and custodian can be asked the same; ids and cursors are random, and left out. */
const DOCUMENTS: readonly { readonly custodian: Custodian; readonly what: string; readonly query: string }[] = [
  {
    custodian: 'ministry',
    what: 'certificates',
    query: `{ deathCertificates(first: 30) { totalCount pageInfo { hasNextPage } nodes { id disputed labels reference name { asWritten }
      mother statedCause person { id } cause: statedCause } edges { node { id statedCause } } } }`,
  },
  {
    custodian: 'ministry',
    what: 'transfers',
    query: `{ custodyTransfers(first: 30) { totalCount nodes { id from { code } date { value } detaineeNumber
      conditionOnArrival person { id custodyTransfers { totalCount nodes { id } } } } } }`,
  },
  {
    custodian: 'missing',
    what: 'reports, decisions, notifications and the register',
    query: `{ missingPersonReports(first: 30) { totalCount nodes { id status reference name { ism } circumstances person { id } } }
      identificationDecisions(first: 30) { totalCount nodes { id method notification { id status person { id } } } }
      familyNotifications(first: 30) { totalCount nodes { id status } }
      links(first: 30) { totalCount nodes { id state person { id } } } }`,
  },
  {
    custodian: 'missing',
    what: 'persons',
    query: `{ person(id: "${TOLD}") { id identificationDecisions { totalCount nodes { id method } } }
      persons(ids: ["${PENDING}", "${TOLD}", "${UNKNOWN}"]) { id missingPersonReports { totalCount nodes { id reference } } } }`,
  },
  {
    custodian: 'ngo-a',
    what: 'collections, bodies and photographs',
    query: `{ collections { totalCount nodes { id title size reference photographs(first: 3) { totalCount nodes { id sha256 body { id reference } } } } }
      depictedBodies(first: 20) { totalCount nodes { id category labels reference observations numbers { value } person { id }
        photographs(first: 2) { totalCount nodes { id reference collection { id title } } } } } }`,
  },
];

const VIEWERS = ['direct:nobody', 'direct:registered', 'direct:identifying', 'direct:halves'];

describe.each(VIEWERS)('to %s a custodian says no more past the gateway', (as) => {
  it.each(DOCUMENTS)('of $what', async ({ custodian, query }) => {
    const [through, past] = await Promise.all([ask(query, { as }), askCustodian(custodian, query, { as })]);
    expect(through.status).toBe(200);
    expect(past.status).toBe(200);
    expect(past.data).toEqual(through.data);
    expect(codes(past)).toEqual(through.withheld.length > 0 ? ['FIELD_WITHHELD'] : []);
  });
});

it('and these viewers differ in what they are told', async () => {
  for (const { query } of DOCUMENTS) {
    const answers = await Promise.all(VIEWERS.map((as) => ask(query, { as })));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBeGreaterThan(1);
  }
});

describe('a field that is withheld', () => {
  it.each([
    ['under an alias', '{ deathCertificates { nodes { remark: statedCause } } }'],
    ['under the name of one that is not', '{ deathCertificates { nodes { reference: statedCause } } }'],
    [
      'in fragments',
      '{ deathCertificates { ...a } } fragment a on DeathCertificateConnection { nodes { ...b } } fragment b on DeathCertificate { statedCause }',
    ],
    ['on edges', '{ deathCertificates { edges { node { statedCause } } } }'],
    [
      'by a directive',
      'query ($yes: Boolean = true) { deathCertificates { nodes { statedCause @include(if: $yes) @skip(if: false) } } }',
    ],
    [
      'behind a person',
      `{ _entities(representations: [{ __typename: "Person", id: "${TOLD}" }]) { ... on Person { deathCertificates { nodes { statedCause } } } } }`,
    ],
  ])('is withheld %s', async (_, query) => {
    const answer = await askCustodian('ministry', query, { as: 'direct:identifying' });
    expect(answer.status).toBe(200);
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    for (const cause of CAUSES) if (cause) expect(answer.text).not.toContain(cause);
  });

  it('is named by the response key that it was asked by, once for each record', async () => {
    const answer = await askCustodian(
      'ministry',
      '{ all: deathCertificates(first: 2) { nodes { remark: statedCause } } }',
      { as: 'direct:identifying' },
    );
    expect(answer.data).toEqual({ all: { nodes: [{ remark: null }, { remark: null }] } });
    expect(paths(answer)).toEqual(['all.nodes.0.remark', 'all.nodes.1.remark']);
  });

  it('is counted, listed and paged through for nobody without a grant', async () => {
    for (const [custodian, list] of [
      ['ministry', 'deathCertificates'],
      ['ministry', 'custodyTransfers'],
      ['missing', 'missingPersonReports'],
      ['missing', 'links'],
      ['ngo-a', 'photographs'],
    ] as const) {
      const query = `{ ${list} { totalCount nodes { __typename } edges { cursor } pageInfo { hasNextPage endCursor } } }`;
      const answer = await askCustodian(custodian, query, { as: 'direct:nobody' });
      expect(answer.data).toEqual({ [list]: null });
      expect(paths(answer)).toEqual([list]);
    }
  });

  it('is withheld for a purpose that the grants do not have', async () => {
    const query = '{ deathCertificates(first: 1) { totalCount } }';
    const right = await askCustodian('ministry', query, { as: 'direct:registered' });
    expect(right.data.deathCertificates.totalCount).toBeGreaterThan(500);
    const wrong = await askCustodian('ministry', query, { as: 'direct:registered', purpose: 'STATISTICS' });
    expect(wrong.data).toEqual({ deathCertificates: null });
    expect(codes(wrong)).toEqual(['FIELD_WITHHELD']);
  });
});

describe('a filter by what may not be seen', () => {
  it.each([
    ['as a literal', '{ deathCertificates(filter: { name: "ق" }) { totalCount } }'],
    [
      'under an alias',
      '{ a: deathCertificates { totalCount } b: deathCertificates(filter: { name: "ق" }) { totalCount } }',
    ],
    [
      'by the default of a variable',
      'query ($name: String = "ق") { deathCertificates(filter: { name: $name }) { totalCount } }',
    ],
    [
      'in a fragment',
      '{ ...part } fragment part on Query { deathCertificates(filter: { reference: "2012/1" }) { totalCount } }',
    ],
    [
      'behind a person',
      `{ _entities(representations: [{ __typename: "Person", id: "${TOLD}" }]) { ... on Person { deathCertificates(filter: { name: "ع" }) { totalCount } } } }`,
    ],
  ])('is refused with the whole request %s', async (_, query) => {
    const answer = await askCustodian('ministry', query, { as: 'direct:registered' });
    expect(answer.status).toBe(403);
    expect(answer.data).toBeUndefined();
    expect(codes(answer)).toEqual(['FILTER_WITHHELD']);
  });

  it('is refused in a variable, and the refusal is the same whether it would have found anything or not', async () => {
    const query = 'query ($filter: DeathCertificateFilter) { deathCertificates(filter: $filter) { totalCount } }';
    const asked = (reference: string) =>
      askCustodian('ministry', query, { as: 'direct:registered', variables: { filter: { reference } } });
    const [known, unknown] = await Promise.all([asked('2018/43'), asked('9999/1')]);
    expect(known.status).toBe(403);
    expect(withoutRequestId(known)).toBe(withoutRequestId(unknown));
  });

  it('may be used by somebody with one grant for the list and the field, and not with a grant for each', async () => {
    const query = '{ deathCertificates(filter: { reference: "2018/43" }) { totalCount } }';
    const whole = await askCustodian('ministry', query, { as: 'direct:identifying' });
    expect(whole.data.deathCertificates.totalCount).toBe(1);
    const halves = await askCustodian('ministry', query, { as: 'direct:halves' });
    expect(halves.status).toBe(403);
    expect(codes(halves)).toEqual(['FILTER_WITHHELD']);
  });
});

describe('persons brought as representations', () => {
  const entities = (selection: string) =>
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Person { id ${selection} } } }`;
  const person = (id: string, more: Record<string, unknown> = {}) => ({ __typename: 'Person', id, ...more });
  const bring = (
    custodian: Custodian,
    representations: readonly unknown[],
    selection: string,
    as = 'direct:identifying',
  ) => askCustodian(custodian, entities(selection), { as, variables: { representations } });

  it('open no edge to somebody without the tier', async () => {
    for (const [custodian, edge] of [
      ['ministry', 'deathCertificates'],
      ['ministry', 'custodyTransfers'],
      ['missing', 'missingPersonReports'],
      ['missing', 'identificationDecisions'],
      ['ngo-a', 'depictedBodies'],
    ] as const) {
      const answer = await bring(
        custodian,
        [person(TOLD), person(PENDING)],
        `${edge} { totalCount }`,
        'direct:registered',
      );
      expect(answer.data._entities).toEqual([
        { id: TOLD, [edge]: null },
        { id: PENDING, [edge]: null },
      ]);
      expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    }
  });

  it('have the same empty edges where their families are yet to be told as where nobody has the id', async () => {
    const selection =
      'deathCertificates { totalCount nodes { id } pageInfo { hasNextPage endCursor } } custodyTransfers { totalCount edges { cursor } }';
    const [told, hidden, unknown] = await Promise.all(
      [TOLD, PENDING, UNKNOWN].map((id) => bring('ministry', [person(id)], selection)),
    );
    expect(told?.data._entities[0].deathCertificates.totalCount).toBe(1);
    expect(withoutRequestId(hidden!).replaceAll(PENDING, '')).toBe(withoutRequestId(unknown!).replaceAll(UNKNOWN, ''));
    expect(hidden?.data._entities[0].deathCertificates).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it('are answered in their order, each by its own records', async () => {
    const answer = await bring(
      'ministry',
      [person(PENDING), person(TOLD), person(UNKNOWN), person(TOLD)],
      'deathCertificates { nodes { reference } }',
    );
    expect(
      answer.data._entities.map((one: { deathCertificates: { nodes: unknown } }) => one.deathCertificates.nodes),
    ).toEqual([[], [{ reference: '2018/43' }], [], [{ reference: '2018/43' }]]);
  });

  it('bring nothing with them but their id', async () => {
    const forged = {
      deathCertificates: { totalCount: 77, nodes: [{ statedCause: 'forged' }] },
      statedCause: 'forged',
      label_set: 1,
    };
    const answer = await bring(
      'ministry',
      [person(PENDING, forged)],
      'deathCertificates { totalCount nodes { statedCause } }',
    );
    expect(answer.data._entities).toEqual([{ id: PENDING, deathCertificates: { totalCount: 0, nodes: [] } }]);
  });

  it('are the only entities: a record, or anything else, is refused and said alike', async () => {
    const { data } = await askCustodian('ministry', '{ deathCertificates(first: 1) { nodes { id } } }', {
      as: 'direct:identifying',
    });
    const [{ id }] = data.deathCertificates.nodes;
    const refused = await Promise.all(
      [
        { __typename: 'DeathCertificate', id },
        { __typename: 'DeathCertificate', id: 'ministry:none' },
        { __typename: 'Query' },
        { __typename: 'Person' },
        person(TOLD).id,
      ].map((representation) => bring('ministry', [representation], '')),
    );
    for (const answer of refused) {
      expect(answer.status).toBe(400);
      expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
      expect(withoutRequestId(answer)).toBe(withoutRequestId(refused[0]!));
    }
  });
});

it('a custodian serves one query at a time by POST, and no mutation', async () => {
  const headers = await custodianHeaders('ministry', {
    subject: 'direct:identifying',
    subjectKind: 'USER',
    purpose: 'IDENTIFICATION',
  });
  const query = '{ deathCertificates { totalCount } }';
  const batch = await post(custodianAddress('ministry'), JSON.stringify([{ query }, { query }]), headers);
  expect(batch.status).toBe(400);
  expect(batch.text).not.toContain('totalCount');
  const mutation = await post(custodianAddress('ministry'), { query: 'mutation { revoke { id } }' }, headers);
  expect(mutation.status).toBe(400);
  expect(codes(mutation)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  const byGet = await fetch(`${custodianAddress('ministry')}?query=${encodeURIComponent(query)}`, { headers });
  expect(byGet.status).toBeGreaterThanOrEqual(400);
  expect(await byGet.text()).not.toContain('588');
});

it('what is asked past the gateway stands in the custodian’s log with all that was withheld, and no record in the clear', async () => {
  const { data } = await askCustodian('ministry', '{ deathCertificates(first: 1) { nodes { id statedCause } } }', {
    as: 'direct:identifying',
  });
  const [row] = await withStorage('ministry', ({ query }) =>
    query<{ withheld: string[]; coordinates: string[]; records: string[]; text: string }>({
      sql: `select l.*, l::text as text from access_log l where withheld = array['DeathCertificate.statedCause'] order by l.id desc limit 1`,
      parameters: [],
    }),
  );
  expect(row?.coordinates).toContain('DeathCertificate.statedCause');
  expect(row?.records).toHaveLength(1);
  expect(row?.text).not.toContain(data.deathCertificates.nodes[0].id);
  expect(row?.text).not.toContain('direct:identifying');
});
