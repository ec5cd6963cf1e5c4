import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';
import { times } from './recursive-federation.ts';
import { LONGEST_STALL, longestStall } from './stall.ts';

/** Words of records that nobody here may see. */
const KEPT = /kept secret|R-sealed|psn_waiting/u;

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
  const sealed = await custodian.labelSet('SEALED');
  const familyFirst = await custodian.labelSet('FAMILY_FIRST');
  const certificate = (n: number, more: object = {}) => ({
    ...{ id: `ministry:${100 + n}`, reference: `R-${n}`, label_set: 1, labels: [], review_status: 'PRELIMINARY' },
    ...{ disputed: false, name_key: `خالد ${n}`, sort_key: String(100 + n), stated_cause: 'kept secret', ...more },
  });
  // Every third of the list is hidden, the last ones too.
  await custodian.insert(
    'death_certificates',
    Array.from({ length: 30 }, (_, n) =>
      certificate(n, n % 3 === 2 ? { label_set: sealed, labels: ['SEALED'], reference: `R-sealed-${n}` } : {}),
    ),
  );
  const link = (n: number, person: string, label_set: number) => ({
    ...{ record_id: `ministry:${100 + n}`, record_type: 'DeathCertificate', person, label_set, source: 'DELIVERY' },
  });
  await custodian.insert('links', [link(0, 'psn_told', 1), link(1, 'psn_waiting', familyFirst)]);
  await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
  await custodian.grant({ scopes: ['ministry:registered'], subject: 'registered' });
});
afterAll(() => custodian?.close());
beforeEach(() => {
  custodian.reads.length = 0;
});

const codes = ({ errors }: Answer): string[] => [...new Set(errors.map(({ extensions }) => extensions.code))];

/** Sends a body as it is, with a good token and context. */
const send = async (body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
  custodian.post('/ministry/graphql', body, {
    ...(await custodian.credentials()),
    'content-type': 'application/json',
    ...headers,
  });

function expectRefused(answer: Answer, code: string): void {
  expect(codes(answer)).toEqual([code]);
  expect(answer.data).toBeUndefined();
  expect(answer.text).not.toMatch(KEPT);
  expect(custodian.reads).toEqual([]);
}

describe('a name that every JavaScript object has already (CVE-2026-32621)', () => {
  const NAMES = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'toJSON', '__proto__'];
  const expectClean = (): void => expect(Reflect.get({}, 'polluted')).toBeUndefined();

  it.each(NAMES)('%s as an alias gets around nothing', async (name) => {
    const answer = await custodian.ask(
      `{ ${name}: deathCertificates(first: 1) { ${name}: nodes { ${name}: statedCause } } }`,
    );
    expect(answer.text).not.toMatch(KEPT);
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(answer.text).toContain(`{"${name}":null}`);
    expectClean();
  });

  it.each(NAMES)('%s as a variable is what was given for it', async (name) => {
    const query = `query ($${name}: ID!) { deathCertificates(filter: { id: [$${name}] }) { nodes { id reference } } }`;
    const asked = (id: string): Promise<Answer> =>
      send(`{"query": ${JSON.stringify(query)}, "variables": {"${name}": "${id}"}}`);
    const [seen, hidden] = [await asked('ministry:100'), await asked('ministry:102')];
    if (name === '__proto__') expect([codes(seen), codes(hidden)]).toEqual([['BAD_REQUEST'], ['BAD_REQUEST']]);
    else expect([seen, hidden].map(({ data }) => data.deathCertificates.nodes.length)).toEqual([1, 0]);
    expectClean();
  });

  it.each([
    '{"query": "{ deathCertificates { totalCount } }", "__proto__": {"polluted": true}}',
    '{"query": "{ deathCertificates { totalCount } }", "variables": {"__proto__": {"polluted": true}}}',
    '{"query": "{ deathCertificates { totalCount } }", "variables": {"constructor": {"prototype": {"polluted": true}}}}',
    '{"query": "query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }", "variables": {"f": {"__proto__": {"reference": "R-1"}}}}',
    '{"query": "query ($p: [_Any!]!) { _entities(representations: $p) { ... on Person { id } } }", "variables": {"p": [{"__typename": "Person", "id": "psn_told", "__proto__": {"polluted": true}}]}}',
  ])('as a JSON key is refused: %s', async (body) => {
    expectRefused(await send(body), 'BAD_REQUEST');
    expectClean();
  });
});

describe('representations that the gateway would not send', () => {
  const asked = (representations: unknown, as = 'analyst'): Promise<Answer> =>
    custodian.ask(
      'query ($p: [_Any!]!) { _entities(representations: $p) { __typename ... on Person { id deathCertificates { totalCount nodes { id } } } } }',
      { as, variables: { p: representations } },
    );
  const person = (id: unknown, more: object = {}) => ({ __typename: 'Person', id, ...more });

  it.each<[string, unknown]>([
    ['no object', ['psn_told']],
    ['a list', [[person('psn_told')]]],
    ['a number', [1]],
    ['no type', [{ id: 'psn_told' }]],
    ['two types', [{ __typename: ['Person', 'DeathCertificate'], id: 'psn_told' }]],
    ['a type that is none', [{ __typename: '__proto__', id: 'x' }]],
    ['a type of introspection', [{ __typename: '__Schema', id: 'x' }]],
    ['a record', [{ __typename: 'DeathCertificate', id: 'ministry:100' }]],
    ['an edge', [{ __typename: 'DeathCertificateConnection', id: 'ministry:100' }]],
    ['the root', [{ __typename: 'Query', id: 'x' }]],
    ['a number for an id', [person(1)]],
    ['a list for an id', [person(['psn_told', 'psn_waiting'])]],
    ['an object for an id', [person({ toString: 'psn_told' })]],
    ['no id', [person(undefined)]],
    ['an empty id', [person('')]],
    ['a long id', [person('p'.repeat(101))]],
    ['a good one and one that is not', [person('psn_told'), person(null)]],
  ])('are refused, and nothing is read: %s', async (_, representations) => {
    expectRefused(await asked(representations), 'BAD_USER_INPUT');
  });

  it('are refused by the thousand', async () => {
    expectRefused(await asked(Array.from({ length: 5_001 }, () => person('psn_told'))), 'OPERATION_TOO_COSTLY');
  });

  it.each<[string, object]>([
    ['a label set', { label_set: 2, labelSet: 2 }],
    ['a parent', { parent_id: 'psn_waiting', person: 'psn_waiting' }],
    ['its records', { deathCertificates: { totalCount: 9, nodes: [{ id: 'ministry:102' }] } }],
    ['a resolver', { deathCertificates: 'psn_waiting', __resolveReference: 'x', constructor: 'x', toString: 'x' }],
  ])('bring nothing with them: %s', async (_, more) => {
    const answer = await asked([person('psn_waiting', more), person('psn_told', more)]);
    expect(answer.data._entities).toEqual([
      { __typename: 'Person', id: 'psn_waiting', deathCertificates: { totalCount: 0, nodes: [] } },
      { __typename: 'Person', id: 'psn_told', deathCertificates: { totalCount: 1, nodes: [{ id: 'ministry:100' }] } },
    ]);
  });

  it('open nothing without the tier, for whomever', async () => {
    const answer = await asked([person('psn_told'), person('psn_waiting'), person('psn_unknown')], 'registered');
    expect(answer.data._entities.map((one: { deathCertificates: unknown }) => one.deathCertificates)).toEqual([
      null,
      null,
      null,
    ]);
    expect(custodian.reads).toEqual([]);
  });
});

describe('the schema', () => {
  it.each([
    '{ _service { sdl } }',
    '{ deathCertificates: _service { reference: sdl } }',
    '{ ...S } fragment S on Query { ... { _service { sdl } } }',
    '{ _service @skip(if: true) { sdl } }',
    '{ __schema { types { name } } }',
    '{ a: __type(name: "DeathCertificate") { fields { name } } }',
    '{ ... on Query { __schema { __typename } } deathCertificates { totalCount } }',
    '{ deathCertificat { totalCount } }',
    '{ deathCertificates { nodes { statedCaus } } }',
    '{ deathCertificates(filter: { nam: "x" }) { totalCount } }',
    'query ($f: DeathCertificateFilte) { deathCertificates(filter: $f) { totalCount } }',
    '{ deathCertificates { totalCount @skp(if: true) } }',
    'mutation { revoke { id } }',
    'subscription { deathCertificates { totalCount } }',
  ])('is told by no door that is for viewers, nor suggested: %s', async (query) => {
    const answer = await custodian.ask(query);
    expectRefused(answer, 'GRAPHQL_VALIDATION_FAILED');
    expect(answer.text).not.toMatch(/did you mean|statedCause|"name"|filter|skip/iu);
  });
});

describe('an oracle over what is hidden (CVE-2026-54698)', () => {
  const visible = Array.from({ length: 30 }, (_, n) => n)
    .filter((n) => n % 3 !== 2)
    .map((n) => `ministry:${100 + n}`);
  const PAGE =
    'query ($first: Int, $after: String, $f: DeathCertificateFilter) { deathCertificates(first: $first, after: $after, filter: $f) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
  const page = async (variables: Readonly<Record<string, unknown>>) =>
    (await custodian.ask(PAGE, { variables })).data.deathCertificates;

  it.each([1, 2, 3, 5, 7, 19, 20, 21])(
    'is no page: those of %i are full, whatever lies between, and the last says so',
    async (first) => {
      const seen: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { nodes, pageInfo, totalCount } = await page({ first, after });
        seen.push(...nodes.map(({ id }: { id: string }) => id));
        expect(totalCount).toBe(visible.length);
        expect(pageInfo.hasNextPage).toBe(seen.length < visible.length);
        if (!pageInfo.hasNextPage) break;
        expect(nodes).toHaveLength(first);
        after = pageInfo.endCursor;
      }
      expect(seen).toEqual(visible);
    },
  );

  it('is no cursor: all are of one length, and those of neighbours are no nearer where nothing lies between', async () => {
    const { edges } = await page({ first: 20 });
    const cursors: string[] = edges.map(({ cursor }: { cursor: string }) => cursor);
    expect(new Set(cursors.map(({ length }) => length)).size).toBe(1);
    const common = (one: string, other: string): number =>
      [...one].filter((char, index) => char === other[index]).length;
    for (const [index, cursor] of cursors.slice(1).entries())
      expect(common(cursor, cursors[index]!)).toBeLessThan(cursor.length / 4);
  });

  it('is no argument: there is none to order, skip, group or count backwards by', async () => {
    for (const argument of [
      'orderBy: "reference"',
      'sort: ASC',
      'offset: 2',
      'skip: 2',
      'last: 2',
      'before: "x"',
      'where: {}',
      'groupBy: "name"',
    ])
      expectRefused(
        await custodian.ask(`{ deathCertificates(${argument}) { totalCount } }`),
        'GRAPHQL_VALIDATION_FAILED',
      );
  });

  it.each<[string, object, object]>([
    ['number', { reference: 'R-sealed-2' }, { reference: 'R-nothing' }],
    ['id', { id: ['ministry:102'] }, { id: ['ministry:999'] }],
    ['name', { name: 'خالد 20' }, { name: 'خالد 99' }],
    ['id and link', { id: ['ministry:101'], linked: true }, { id: ['ministry:999'], linked: true }],
  ])('is no filter by %s: hidden and absent are answered with the same bytes', async (_, hidden, absent) => {
    const workOf = async (f: object) => {
      custodian.reads.length = 0;
      const { text, status } = await custodian.ask(PAGE, { variables: { first: 5, f } });
      return { text, status, reads: [...custodian.reads] };
    };
    expect(await workOf(hidden)).toEqual(await workOf(absent));
  });

  it('is no beginning of a name: others that begin so are seen, and no hidden one among them', async () => {
    const { nodes, totalCount } = await page({ first: 20, f: { name: 'خالد 2' } });
    const expected = visible.filter((id) => /^ministry:1(?:02|2\d)$/u.test(id));
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(expected);
    expect(totalCount).toBe(expected.length);
  });

  it('is no text of a refusal: with a value that would find something as with one that would not', async () => {
    const refused = await Promise.all(
      ['R-0', 'R-sealed-2', 'R-nothing'].map((reference) =>
        custodian.ask(PAGE, { as: 'registered', variables: { f: { reference } } }),
      ),
    );
    const said = refused.map(({ text }) => text.replace(/"requestId":"[^"]*"/u, ''));
    expect(new Set(said).size).toBe(1);
    expect(refused.map(codes)).toEqual([['FILTER_WITHHELD'], ['FILTER_WITHHELD'], ['FILTER_WITHHELD']]);
    expect(custodian.reads).toEqual([]);
  });

  it('is no filter that is there twice, nested, or beside one that may be used', async () => {
    for (const query of [
      '{ a: deathCertificates { totalCount } b: deathCertificates(filter: { disputed: false, reference: "R-sealed-2" }) { totalCount } }',
      'query ($r: String = "R-sealed-2") { deathCertificates(filter: { reference: $r }) { totalCount } }',
      'query ($f: DeathCertificateFilter = { reference: "R-sealed-2" }) { deathCertificates(filter: $f) { totalCount } }',
      '{ deathCertificates(filter: { reference: "R-sealed-2" }) @skip(if: true) { totalCount } }',
    ]) {
      expectRefused(await custodian.ask(query, { as: 'registered' }), 'FILTER_WITHHELD');
    }
  });
});

describe('a body that the gateway would not send', () => {
  const BODY = JSON.stringify({ query: '{ deathCertificates { totalCount } }' });
  it.each([
    ['application/x-www-form-urlencoded', BODY],
    ['text/plain', BODY],
    ['text/json', BODY],
    ['application/graphql', '{ deathCertificates { totalCount } }'],
    ['application/json, text/plain', BODY],
    ['application/json; charset=utf-16', BODY],
    ['application/json; charset=utf-8; charset=utf-16', BODY],
    ['application/json; charset=', BODY],
    ['application/graphql+json', BODY],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${BODY}\r\n--x--\r\n`,
    ],
  ])('is not taken as if it were JSON (CVE-2025-64166, CVE-2026-23897): %s', async (type, body) => {
    expectRefused(await send(body, { 'content-type': type }), 'UNSUPPORTED_MEDIA_TYPE');
  });

  it.each([
    `[${BODY}, ${BODY}]`,
    `[${BODY}]`,
    '[]',
    '{}',
    'null',
    '"{ deathCertificates { totalCount } }"',
    JSON.stringify({ query: ['{ deathCertificates { totalCount } }'] }),
    `${BODY}\n${BODY}`,
  ])('is refused where it is several, or none (GMS-2022-6226): %s', async (body) => {
    expectRefused(await send(body), 'BAD_REQUEST');
  });

  it('is not unpacked (CVE-2024-28101)', async () => {
    const bomb = gzipSync(JSON.stringify({ query: '{ __typename }', variables: { x: ' '.repeat(20_000_000) } }));
    for (const encoding of ['gzip', 'deflate', 'br', 'x-gzip']) {
      const answer = await send(new Uint8Array(bomb), { 'content-encoding': encoding });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(custodian.reads).toEqual([]);
  });

  it('is not one at all: no query is taken from an address (GHSA-9q82-xgwf-vj6h)', async () => {
    const headers = await custodian.credentials();
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(
        `${custodian.url}/ministry/graphql?query=${encodeURIComponent('{ deathCertificates { totalCount } }')}`,
        { method, headers: { ...headers, 'content-type': 'text/plain', 'apollo-require-preflight': 'x' } },
      );
      expect([405, 415]).toContain(response.status);
    }
    const posted = await fetch(
      `${custodian.url}/ministry/graphql?query=${encodeURIComponent('{ deathCertificates { totalCount } }')}`,
      { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' },
    );
    expect(posted.status).toBe(400);
    expect(custodian.reads).toEqual([]);
  });
});

describe('what would keep a custodian busy', () => {
  const nested = (levels: number, open: string, inside: string, close: string): string =>
    open.repeat(levels) + inside + close.repeat(levels);
  const certificates = 'deathCertificates { nodes { person { ';
  const BOMBS: readonly (readonly [how: string, query: string])[] = [
    [
      'fragments that double (CVE-2025-32030)',
      `{ deathCertificates { ...F0 } } ${times(40, (n) => `fragment F${n} on DeathCertificateConnection { ...F${n + 1} ...F${n + 1} }`)} fragment F40 on DeathCertificateConnection { totalCount }`,
    ],
    [
      'fragments that double through fields (CVE-2025-32032)',
      `{ deathCertificates { nodes { ...F0 } } } ${times(60, (n) => `fragment F${n} on DeathCertificate { person { deathCertificates { a: nodes { ...F${n + 1} } b: nodes { ...F${n + 1} } } } }`)} fragment F60 on DeathCertificate { id }`,
    ],
    [
      'fragments in a circle',
      '{ deathCertificates { ...F } } fragment F on DeathCertificateConnection { ...G } fragment G on DeathCertificateConnection { ...F }',
    ],
    ['one field again and again (CVE-2025-32380)', `{ deathCertificates { nodes { ${'id '.repeat(9_900)} } } }`],
    ['one field with others below', `{ ${'deathCertificates { totalCount } '.repeat(2_400)} }`],
    ['unknown fields', `{ ${times(3_000, (n) => `x${n}: unknown`)} }`],
    [
      'operations that all spread a chain of fragments',
      `${times(1_000, (n) => `query Q${n} { ...F0 }`)} ${times(400, (n) => `fragment F${n} on Query { ...F${n + 1} }`)} fragment F400 on Query { __typename }`,
    ],
    [
      'operations that all spread many fragments',
      `${times(900, (n) => `query Q${n} { ...F }`)} fragment F on Query { ${times(300, (n) => `...F${n}`)} } ${times(300, (n) => `fragment F${n} on Query { __typename }`)}`,
    ],
    [
      'variables',
      `query (${times(1_900, (n) => `$v${n}: ID!`)}) { deathCertificates(filter: { id: [${times(1_900, (n) => `$v${n}`)}] }) { totalCount } }`,
    ],
    ['aliases', `{ ${times(1_000, (n) => `x${n}: deathCertificates { totalCount }`)} }`],
    ['directives', `{ deathCertificates { totalCount ${'@include(if: true) '.repeat(1_400)} } }`],
    ['unknown directives', `{ deathCertificates { totalCount ${'@x '.repeat(4_000)} } }`],
    ['tokens', `{ ${'__typename '.repeat(20_000)} }`],
    ['depth (CVE-2024-43414)', `{ ${nested(900, certificates, 'id', ' } } }')} }`],
    ['depth of braces', `{ ${nested(3_000, '... { ', '__typename', ' }')} }`],
    ['depth of a literal', `{ deathCertificates(filter: { id: ${nested(4_900, '[', '', ']')} }) { totalCount } }`],
    ['depth of an object', `{ deathCertificates(filter: ${nested(2_400, '{ id: ', '1', ' }')}) { totalCount } }`],
    [
      'depth of a representation',
      `{ _entities(representations: [{ __typename: "Person", id: "x", more: ${nested(2_400, '{ a: ', '1', ' }')} }]) { ... on Person { id } } }`,
    ],
    [
      'depth of a type',
      `query ($v: ${nested(4_900, '[', 'Int', ']')}) { deathCertificates(first: $v) { totalCount } }`,
    ],
    ['pages within pages', `{ ${nested(6, 'deathCertificates(first: 200) { nodes { person { ', 'id', ' } } }')} }`],
    ['a counter that wraps (CVE-2025-32033)', '{ deathCertificates(first: 2147483647) { totalCount } }'],
    ['a counter that counts down', '{ deathCertificates(first: -2147483648) { totalCount } }'],
    ['a counter beyond numbers', '{ deathCertificates(first: 1e308) { totalCount } }'],
  ];

  it.each(BOMBS)('does not, and is refused or answered: %s', async (_, query) => {
    let answer: Answer | undefined;
    const operation = query.startsWith('query Q0') ? { operationName: 'Q0' } : {};
    const body = JSON.stringify({ query, ...operation });
    const stall = await longestStall(async () => {
      answer = await send(body);
    });
    expect(answer?.status).toBeLessThan(500);
    if (answer?.status !== 200) expect(codes(answer!)).toHaveLength(1);
    expect(answer?.text).not.toMatch(KEPT);
    expect(stall).toBeLessThan(LONGEST_STALL);
  });

  it('does not as a body, however deep', async () => {
    for (const variables of [nested(200_000, '[', '', ']'), nested(100_000, '{"a":', '1', '}')]) {
      for (const query of [
        '{ __typename }',
        'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }',
        'query ($p: [_Any!]!) { _entities(representations: $p) { ... on Person { id } } }',
      ]) {
        const stall = await longestStall(async () => {
          const answer = await send(
            `{"query": ${JSON.stringify(query)}, "variables": {"f": ${variables}, "p": [{"__typename": "Person", "id": "x", "more": ${variables}}]}}`,
          );
          expect(answer.status).toBeLessThan(500);
        });
        expect(stall).toBeLessThan(LONGEST_STALL);
      }
    }
  });
});

describe('a purpose', () => {
  it('that no grant has opens nothing, though the token is good', async () => {
    const answer = await custodian.ask('{ deathCertificates { totalCount } }', { purpose: 'STATISTICS' });
    expect(answer.data).toEqual({ deathCertificates: null });
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(custodian.reads).toEqual([]);
  });

  it('is read in the context and nowhere else', async () => {
    const { 'amana-context': context = '' } = await custodian.credentials({ purpose: 'STATISTICS' });
    const answer = await custodian.ask('{ deathCertificates { totalCount } }', {
      context,
      headers: { 'amana-purpose': 'IDENTIFICATION', 'x-amana-context': context },
    });
    expect(answer.data).toEqual({ deathCertificates: null });
  });
});
