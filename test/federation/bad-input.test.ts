import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, messageOf } from '../../src/protocol/errors.ts';
import { GATEWAY_AUDIENCE, custodianAudience } from '../../src/protocol/identifiers.ts';
import { FORGED_TOKENS } from './forged-tokens.ts';
import {
  type Answer,
  type Custodian,
  accessToken,
  ask,
  askCustodian,
  custodianAddress,
  custodianHeaders,
  federation,
  give,
  post,
  requestContext,
  startGateway,
  withStorage,
} from './harness.ts';
import { expectNothingInside, expectRefusal, loggedAtGateway } from './refusals.ts';

const LIST = '{ deathCertificates(first: 2) { nodes { id } } }';
const SECRET = 'محمد-AlSecretName';
const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const LISTS = { ministry: 'deathCertificates', missing: 'missingPersonReports', 'ngo-a': 'collections' } as const;

beforeAll(async () => {
  for (const viewer of ['bad-input', 'bad-input-neighbour']) {
    for (const custodian of CUSTODIANS) await give(custodian, viewer, ['registered', 'identifying']);
  }
});

const askAs = (query: string, variables: Record<string, unknown> = {}): Promise<Answer> =>
  ask(query, { as: 'bad-input', variables });

/** Sends whatever a client may send to the gateway, as a viewer whom it knows. */
async function send(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  path = '/graphql',
  method = 'POST',
) {
  const response = await fetch(`${federation.gateway}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await accessToken('bad-input')}`,
      'amana-purpose': 'IDENTIFICATION',
      ...headers,
    },
    ...(method !== 'GET' && { body }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  const { data, errors = [], extensions = {} } = json;
  const { requestId = '', withheld = [], custodians = [] } = extensions;
  return { status: response.status, headers: response.headers, data, errors, requestId, withheld, custodians, text };
}

/** Refused, and entered in the gateway's log. */
function expectLoggedRefusal(answer: Answer, code: ErrorCode): void {
  expectRefusal(answer, code);
  expect(answer.headers.get('amana-request-id')).toBe(answer.requestId);
  expect(loggedAtGateway(answer.requestId)).toMatchObject([{ event: 'REFUSED', codes: [code] }]);
}

describe('who asks the gateway', () => {
  it.each(FORGED_TOKENS)('is refused with a token %s', async (_, forge) => {
    expectLoggedRefusal(await ask(LIST, { token: await forge(GATEWAY_AUDIENCE) }), 'UNAUTHENTICATED');
  });

  it.each([
    ['no token', {}],
    ['an empty token', { authorization: 'Bearer ' }],
    ['garbage for a token', { authorization: 'Bearer garbage' }],
    ['a password', { authorization: 'Basic YW5hbHlzdDpzZWNyZXQ=' }],
  ])('is refused with %s', async (_, headers) => {
    expectLoggedRefusal(await ask(LIST, { token: null, headers }), 'UNAUTHENTICATED');
  });

  it('is refused where a good token comes anywhere but in the Authorization header', async () => {
    const token = await accessToken('bad-input');
    for (const headers of [
      { cookie: `access_token=${token}; token=${token}` },
      { 'x-authorization': `Bearer ${token}` },
    ]) {
      expectLoggedRefusal(await ask(LIST, { token: null, headers }), 'UNAUTHENTICATED');
    }
    const query = `access_token=${token}`;
    const body = { query: LIST, access_token: token };
    const purpose = { 'amana-purpose': 'IDENTIFICATION' };
    expectLoggedRefusal(await post(`${federation.gateway}/graphql?${query}`, body, purpose), 'UNAUTHENTICATED');
  });

  it('is refused with two tokens, of which one is good', async () => {
    const both = `Bearer ${await accessToken('bad-input')}, Bearer ${await accessToken('analyst')}`;
    expectLoggedRefusal(await ask(LIST, { token: null, headers: { authorization: both } }), 'UNAUTHENTICATED');
  });

  it('is told how to sign in before what else is missing', async () => {
    expectLoggedRefusal(await ask('{', { token: null, purpose: null }), 'UNAUTHENTICATED');
  });

  it('is served with a good token, under whatever letters the scheme is written', async () => {
    const answer = await ask(LIST, {
      token: null,
      headers: { authorization: `bearer ${await accessToken('bad-input')}` },
    });
    expect(answer.data.deathCertificates.nodes).toHaveLength(2);
  });
});

describe.each(CUSTODIANS)('who asks %s directly', (custodian) => {
  const query = `{ ${LISTS[custodian]} { nodes { id } } }`;
  it.each(FORGED_TOKENS)('is refused with a token %s, at every door', async (_, forge) => {
    const headers = {
      authorization: `Bearer ${await forge(custodianAudience(custodian))}`,
      'amana-context': await requestContext(custodian, {
        subject: 'forged',
        subjectKind: 'USER',
        purpose: 'IDENTIFICATION',
      }),
    };
    expectRefusal(await post(custodianAddress(custodian), { query }, headers), 'UNAUTHENTICATED');
    expect((await fetch(`${federation.custodians[custodian]}/access`, { headers })).status).toBe(401);
  });
});

describe('the purpose', () => {
  it.each<[string, string | null, ErrorCode]>([
    ['none', null, 'PURPOSE_MISSING'],
    ['an empty one', '', 'PURPOSE_UNKNOWN'],
    ['an unknown one', 'CURIOSITY', 'PURPOSE_UNKNOWN'],
    ['one in small letters', 'identification', 'PURPOSE_UNKNOWN'],
    ['two', 'IDENTIFICATION, RESEARCH', 'PURPOSE_UNKNOWN'],
    ['a reference of 65 characters', `IDENTIFICATION; ref="${'x'.repeat(65)}"`, 'PURPOSE_UNKNOWN'],
    ['an empty reference', 'IDENTIFICATION; ref=""', 'PURPOSE_UNKNOWN'],
    ['a reference without quotes', 'IDENTIFICATION; ref=A-17', 'PURPOSE_UNKNOWN'],
    ['a reference that is no ASCII', 'IDENTIFICATION; ref="Älä"', 'PURPOSE_UNKNOWN'],
    ['something beside the reference', 'IDENTIFICATION; ref="A-17"; as="analyst"', 'PURPOSE_UNKNOWN'],
  ])('%s: refused', async (_, purpose, code) => {
    const answer = await ask(LIST, { as: 'bad-input', purpose });
    expectLoggedRefusal(answer, code);
    expect(answer.errors[0]?.message).toBe(messageOf(code));
    expect(loggedAtGateway(answer.requestId)[0]).not.toHaveProperty('ref');
  });

  it('with a reference of 64 characters is taken', async () => {
    const answer = await ask(LIST, { as: 'bad-input', purpose: `IDENTIFICATION; ref="${'x'.repeat(63)}\\""` });
    expect(answer.data.deathCertificates.nodes).toHaveLength(2);
  });

  it('that no grant of the viewer has withholds, and says why', async () => {
    const answer = await ask(LIST, { as: 'bad-input', purpose: 'RESEARCH' });
    expect([answer.status, answer.errors, answer.data]).toEqual([200, [], { deathCertificates: null }]);
    expect(answer.withheld).toMatchObject([
      { coordinate: 'Query.deathCertificates', custodian: 'ministry', reason: 'PURPOSE' },
    ]);
    expect(answer.custodians).toEqual([{ custodian: 'ministry', status: 'REFUSED', records: 0 }]);
  });

  it('is read in the header alone', async () => {
    const answer = await ask(LIST, {
      as: 'bad-input',
      purpose: 'RESEARCH',
      variables: { purpose: 'IDENTIFICATION' },
      extensions: { purpose: 'IDENTIFICATION', amana: { purpose: 'IDENTIFICATION' } },
    });
    expect(answer.data).toEqual({ deathCertificates: null });
  });
});

describe('an id', () => {
  const withoutRequest = ({ text, requestId, status }: Answer) => [status, text.replaceAll(requestId, '')];

  const hiddenAt = (custodian: Custodian, table: string): Promise<string> =>
    withStorage(custodian, async ({ query }) => {
      const [row] = await query<{ id: string }>({
        sql: `select record.id from ${table} record join label_sets set on set.id = label_set where set.labels <> '{}' limit 1`,
        parameters: [],
      });
      if (!row) throw new Error(`${table} hides nothing`);
      return row.id;
    });

  it('of a person: unknown and hidden are answered alike', async () => {
    const hidden = await withStorage('missing', async ({ query }) => {
      const [row] = await query<{ id: string }>({
        sql: `select person as id from identification_decisions decision
          where not exists (select from register_links link where link.person = decision.person and link.label_set = 1)
            and decision.label_set <> 1 limit 1`,
        parameters: [],
      });
      return row?.id;
    });
    expect(hidden).toMatch(/^psn_/u);
    const query =
      'query ($id: ID!) { person(id: $id) { id deathCertificates { totalCount } } persons(ids: [$id]) { id } }';
    const unknown = await askAs(query, { id: 'psn_00000000000000000000' });
    expect(unknown.data).toEqual({ person: null, persons: [null] });
    expect(withoutRequest(await askAs(query, { id: hidden }))).toEqual(withoutRequest(unknown));
    for (const id of ['', 'no id', 'x'.repeat(5000), "psn_' or 1 = 1 --", '\ud800']) {
      expect(withoutRequest(await askAs(query, { id }))).toEqual(withoutRequest(unknown));
    }
  });

  it('of a record: unknown and hidden are answered alike', async () => {
    const hidden = await hiddenAt('ngo-a', 'photographs');
    const query =
      'query ($id: [ID!]) { photographs(filter: { id: $id }) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }';
    const unknown = await askAs(query, { id: [`ngo-a:${'x'.repeat(22)}`] });
    expect(unknown.data.photographs).toMatchObject({ totalCount: 0, nodes: [] });
    expect(withoutRequest(await askAs(query, { id: [hidden] }))).toEqual(withoutRequest(unknown));
    expect(withoutRequest(await askAs(query, { id: ["' or 1 = 1 --"] }))).toEqual(withoutRequest(unknown));
  });

  it('that no database can hold is refused as what it is', async () => {
    const queries = ['person(id: $id) { id }', 'deathCertificates(filter: { id: [$id] }) { totalCount }'];
    for (const query of queries) {
      const answer = await askAs(`query ($id: ID!) { ${query} }`, { id: 'a\u0000b' });
      expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
      expectNothingInside(answer);
    }
  });

  it('of another custodian’s record opens nothing', async () => {
    const [certificate] = (await askAs(LIST)).data.deathCertificates.nodes;
    const answer = await askAs('query ($id: [ID!]) { photographs(filter: { id: $id }) { totalCount } }', {
      id: [certificate.id],
    });
    expect(answer.data).toEqual({ photographs: { totalCount: 0 } });
  });
});

describe('a cursor', () => {
  const PAGE = `query ($after: String, $filter: DeathCertificateFilter) {
    deathCertificates(first: 3, after: $after, filter: $filter) { nodes { id } pageInfo { endCursor } }
  }`;
  let cursor = '';
  beforeAll(async () => {
    cursor = (await askAs(PAGE)).data.deathCertificates.pageInfo.endCursor;
  });

  const expectInvalid = (answer: Answer, field = 'deathCertificates'): void => {
    expect(answer.data).toEqual({ [field]: null });
    expect(answer.errors).toEqual([
      { message: messageOf('CURSOR_INVALID'), path: [field], extensions: { code: 'CURSOR_INVALID' } },
    ]);
    expectNothingInside(answer);
  };
  const flip = (text: string, at: number): string =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

  it('opens the next page for whom it was given to', async () => {
    const [first, second] = [await askAs(PAGE), await askAs(PAGE, { after: cursor })];
    const all = [first, second].flatMap(({ data }) => data.deathCertificates.nodes.map(({ id }: { id: string }) => id));
    expect(new Set(all).size).toBe(6);
  });

  it('that was tampered with, anywhere, is refused', async () => {
    for (const at of [0, 5, 16, Math.floor(cursor.length / 2), cursor.length - 8]) {
      expectInvalid(await askAs(PAGE, { after: flip(cursor, at) }));
    }
  });

  it.each([
    ['cut short', () => cursor.slice(0, -4)],
    ['cut to its beginning', () => cursor.slice(0, 8)],
    ['lengthened', () => `${cursor}AAAA`],
    ['empty', () => ''],
    ['made up', () => Buffer.from('{"parent":"","sortKey":"","id":""}').toString('base64url')],
    ['a number of another API', () => 'b2Zmc2V0OjA='],
    ['a quotation', () => "' or 1 = 1 --"],
    ['endless', () => 'A'.repeat(100_000)],
  ])('%s is refused', async (_, after) => {
    expectInvalid(await askAs(PAGE, { after: after() }));
  });

  it('borrowed from another viewer with the same grants is refused', async () => {
    expectInvalid(await ask(PAGE, { as: 'bad-input-neighbour', variables: { after: cursor } }));
  });

  it('borrowed from a client of the same name is refused', async () => {
    await give('ministry', 'bad-input', ['registered'], { subjectKind: 'CLIENT' });
    const token = await accessToken('bad-input', { client_id: 'bad-input' });
    expectInvalid(await ask(PAGE, { token, variables: { after: cursor } }));
  });

  it('borrowed from another filter is refused', async () => {
    expectInvalid(await askAs(PAGE, { after: cursor, filter: { disputed: false } }));
  });

  it('borrowed from another list, of this custodian or another, is refused', async () => {
    for (const list of ['custodyTransfers', 'missingPersonReports', 'photographs', 'collections']) {
      expectInvalid(
        await askAs(`query ($after: String) { ${list}(after: $after) { nodes { id } } }`, { after: cursor }),
        list,
      );
    }
  });

  it('borrowed from one person’s list for another person is refused', async () => {
    const persons = await withStorage('ministry', ({ query }) =>
      query<{ person: string }>({
        sql: `select person from links where label_set = 1 and record_type = 'DeathCertificate' order by person limit 20`,
        parameters: [],
      }),
    );
    const edge =
      'query ($ids: [ID!]!, $after: String) { persons(ids: $ids) { id deathCertificates(first: 1, after: $after) { pageInfo { endCursor } } } }';
    const first = await askAs(edge, { ids: persons.map(({ person }) => person) });
    const known = first.data.persons.filter(
      (person: { deathCertificates: object } | null) => person?.deathCertificates,
    );
    const [one, other] = known.filter(
      (person: { deathCertificates: { pageInfo: { endCursor: string | null } } }) =>
        person.deathCertificates.pageInfo.endCursor,
    );
    const after = one.deathCertificates.pageInfo.endCursor;
    expect((await askAs(edge, { ids: [one.id], after })).errors).toEqual([]);
    const borrowed = await askAs(edge, { ids: [other.id], after });
    expect(borrowed.data.persons).toEqual([{ id: other.id, deathCertificates: null }]);
    expect(borrowed.errors.map(({ extensions }) => extensions.code)).toEqual(['CURSOR_INVALID']);
  });

  it.each(CUSTODIANS)('borrowed, tampered with or of another custodian is refused by %s itself', async (custodian) => {
    const page = `query ($after: String) { ${LISTS[custodian]}(first: 1, after: $after) { pageInfo { endCursor } } }`;
    const own = (await askCustodian(custodian, page, { as: 'bad-input' })).data[LISTS[custodian]].pageInfo.endCursor;
    expect((await askCustodian(custodian, page, { as: 'bad-input', variables: { after: own } })).errors).toEqual([]);
    for (const after of [flip(own, 20), own.slice(0, -2), custodian === 'ministry' ? 'x' : cursor]) {
      expectRefusal(await askCustodian(custodian, page, { as: 'bad-input', variables: { after } }), 'CURSOR_INVALID');
    }
    expectRefusal(
      await askCustodian(custodian, page, { as: 'bad-input-neighbour', variables: { after: own } }),
      'CURSOR_INVALID',
    );
  });
});

describe('where a row stands among those of all custodians', () => {
  const POSITION = '{ sortKey: "2014", custodian: "ngo-a", id: "ngo-a:1" }';

  it('and how one gathers from them is not in the schema that is shown', async () => {
    const { data, errors } = await askAs(
      '{ __schema { types { name fields { name args { name } } inputFields { name } } directives { name } } }',
    );
    expect(errors).toEqual([]);
    const shown = JSON.stringify(data);
    expect(shown).toContain('DeathCertificateEdge');
    expect(shown).not.toMatch(/afterRecord|sortKey|recordId|ListPosition|GatherRule|\bgather\b|inaccessible/u);
    expect((await askAs('{ __type(name: "ListPosition") { name } }')).data).toEqual({ __type: null });
  });

  it.each([
    ['as a field', '{ deathCertificates(first: 1) { edges { sortKey } } }'],
    ['as a field under another name', '{ deathCertificates(first: 1) { edges { cursor: recordId } } }'],
    ['as an argument', `{ deathCertificates(afterRecord: ${POSITION}) { nodes { id } } }`],
    ['in a variable', 'query ($place: ListPosition) { deathCertificates(afterRecord: $place) { nodes { id } } }'],
    [
      'on a person',
      `query ($id: ID!) { person(id: $id) { ministryEvents(afterRecord: ${POSITION}) { edges { cursor } } } }`,
    ],
  ])('is not to be asked for %s', async (_, query) => {
    const place = { sortKey: '2014', custodian: 'ngo-a', id: 'ngo-a:1' };
    const answer = await askAs(query, { place, id: 'psn_00000000000000000000' });
    expect(answer.status).toBe(400);
    expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expectNothingInside(answer);
  });
});

describe('a page', () => {
  it.each([0, -1, 201, 100_000])('of %i is refused, wherever it is asked for', async (first) => {
    const list = (size: string) => `{ deathCertificates(first: ${size}) { totalCount } }`;
    expectLoggedRefusal(await askAs(list(String(first))), 'PAGE_TOO_LARGE');
    expectLoggedRefusal(await askAs(`query ($first: Int) ${list('$first')}`, { first }), 'PAGE_TOO_LARGE');
    expectLoggedRefusal(await askAs(`query ($first: Int = ${first}) ${list('$first')}`), 'PAGE_TOO_LARGE');
    expectLoggedRefusal(
      await askAs(`{ persons(ids: ["x"]) { deathCertificates(first: ${first}) { totalCount } } }`),
      'PAGE_TOO_LARGE',
    );
    for (const custodian of CUSTODIANS) {
      const asked = askCustodian(custodian, `{ ${LISTS[custodian]}(first: ${first}) { totalCount } }`, {
        as: 'bad-input',
      });
      expectRefusal(await asked, 'PAGE_TOO_LARGE');
    }
  });

  it('of 1, of 200 and of nothing said is served', async () => {
    for (const [first, length] of [
      [1, 1],
      [200, 200],
      [null, 20],
    ] as const) {
      const answer = await askAs('query ($first: Int) { deathCertificates(first: $first) { nodes { id } } }', {
        first,
      });
      expect(answer.data.deathCertificates.nodes).toHaveLength(length);
    }
  });

  it('of more than 200 persons is refused', async () => {
    const answer = await askAs('query ($ids: [ID!]!) { persons(ids: $ids) { id } }', {
      ids: Array.from({ length: 201 }, String),
    });
    expect(answer.data).toEqual({ persons: null });
    expect(answer.errors).toMatchObject([{ path: ['persons'], extensions: { code: 'PAGE_TOO_LARGE' } }]);
  });
});

describe('a request that is none', () => {
  const query = JSON.stringify({ query: LIST });
  it.each<[string, string | Uint8Array, Record<string, string>, ErrorCode]>([
    ['malformed JSON', `{"query": "${SECRET}"`, {}, 'BAD_REQUEST'],
    ['an empty body', '', {}, 'BAD_REQUEST'],
    ['a text', `"${SECRET}"`, {}, 'BAD_REQUEST'],
    ['null', 'null', {}, 'BAD_REQUEST'],
    ['a batch', `[${query}, ${query}]`, {}, 'BAD_REQUEST'],
    ['no query', '{"variables":{}}', {}, 'BAD_REQUEST'],
    ['an empty query', '{"query":""}', {}, 'BAD_REQUEST'],
    ['a query that is no text', `{"query":["${SECRET}"]}`, {}, 'BAD_REQUEST'],
    ['variables that are a list', JSON.stringify({ query: LIST, variables: [SECRET] }), {}, 'BAD_REQUEST'],
    ['variables that are a text', JSON.stringify({ query: LIST, variables: SECRET }), {}, 'BAD_REQUEST'],
    [
      'an operation name that is none',
      JSON.stringify({ query: LIST, operationName: { a: SECRET } }),
      {},
      'BAD_REQUEST',
    ],
    ['extensions that are a list', JSON.stringify({ query: LIST, extensions: [SECRET] }), {}, 'BAD_REQUEST'],
    [
      'an unknown way to be told',
      JSON.stringify({ query: LIST, extensions: { amana: { withheldAs: SECRET } } }),
      {},
      'BAD_REQUEST',
    ],
    ['another unknown way to be told', query, { 'amana-withheld-as': 'silence' }, 'BAD_REQUEST'],
    [
      '__proto__ among the variables',
      `{"query":"{ __typename }","variables":{"__proto__":{"a":1}}}`,
      {},
      'BAD_REQUEST',
    ],
    [
      'constructor.prototype among the variables',
      `{"query":"{ __typename }","variables":{"constructor":{"prototype":{"a":1}}}}`,
      {},
      'BAD_REQUEST',
    ],
    [
      'a persisted query',
      `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'a'.repeat(64)}"}}}`,
      {},
      'BAD_REQUEST',
    ],
    [
      'bytes that are no UTF-8',
      Uint8Array.from([...Buffer.from('{"query":"'), 0xc3, 0x28, ...Buffer.from('"}')]),
      {},
      'BAD_REQUEST',
    ],
    ['plain text', query, { 'content-type': 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form',
      `query=${encodeURIComponent(LIST)}`,
      { 'content-type': 'application/x-www-form-urlencoded' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a form in parts', query, { 'content-type': 'multipart/form-data; boundary=x' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a bare document', LIST, { 'content-type': 'application/graphql' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['another charset', query, { 'content-type': 'application/json; charset=utf-16le' }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'another charset behind a good one',
      query,
      { 'content-type': 'application/json; charset=utf-8; charset=utf-7' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['something compressed', query, { 'content-encoding': 'gzip' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['10 MB', JSON.stringify({ query: LIST, variables: { name: 'x'.repeat(10_000_000) } }), {}, 'PAYLOAD_TOO_LARGE'],
  ])('%s', async (_, body, headers, code) => {
    const answer = await send(body, headers);
    expectRefusal(answer, code);
    expect(answer.text).not.toContain(SECRET);
  });

  it('of another method is refused, and says which is taken', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await send(query, {}, `/graphql?query=${encodeURIComponent(LIST)}`, method);
      expectRefusal(answer, 'METHOD_NOT_ALLOWED');
      expect(answer.headers.get('allow')).toBe('POST');
    }
  });

  it('to another address is refused', async () => {
    for (const path of [
      '/',
      '/graphql/',
      '/Graphql',
      '/ministry/graphql',
      '/access',
      '/..%2fgateway.yaml',
      '/graphql;x',
    ]) {
      const answer = await send(query, {}, path);
      expect([path, answer.status]).toEqual([path, 404]);
      expectRefusal(answer, 'NOT_FOUND');
    }
  });

  it('of a page of another origin is not made possible', async () => {
    const headers = {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await fetch(`${federation.gateway}/graphql`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    const answer = await send(query, { origin: 'https://elsewhere.example' });
    for (const seen of [preflight.headers, answer.headers]) expect(seen.get('access-control-allow-origin')).toBeNull();
  });

  it('that is not even HTTP is refused without a word about the server', async () => {
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(new URL(federation.gateway).port), '127.0.0.1', () =>
        socket.write('GARBAGE \u0000\r\n\r\n'),
      );
      socket.on('data', (part) => (text += part));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(said).toMatch(/^HTTP\/1\.1 400 /u);
    expect(said).not.toMatch(/fastify|node|HPE_|stack|at /iu);
  });

  it('costs the next one nothing', async () => {
    expect((await send(query)).data.deathCertificates.nodes).toHaveLength(2);
  });
});

describe('a document', () => {
  const shapes: [string, string, Record<string, unknown>, ErrorCode][] = [
    ['that is no GraphQL', `{ persons(ids: ["${SECRET}"] { id } }`, {}, 'GRAPHQL_PARSE_FAILED'],
    ['with a text that does not end', `{ persons(ids: ["${SECRET}) { id } }`, {}, 'GRAPHQL_PARSE_FAILED'],
    ['with an unknown character', `{ persons(ids: ["a"]) { id } } ؟${SECRET}`, {}, 'GRAPHQL_PARSE_FAILED'],
    ['of comments alone', `# ${SECRET}`, {}, 'GRAPHQL_PARSE_FAILED'],
    [
      'that asks for an unknown field',
      `{ deathCertificates(filter: { name: "${SECRET}" }) { nods { id } } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a text for a number',
      `{ deathCertificates(first: "${SECRET}") { totalCount } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a word for a number',
      '{ deathCertificates(first: AlSecretName) { totalCount } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a fraction for a number',
      '{ deathCertificates(first: 1.770077) { totalCount } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a number beyond all',
      '{ deathCertificates(first: 99770077999) { totalCount } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with an unknown word of an enum',
      '{ depictedBodies(filter: { category: AlSecretName }) { totalCount } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a text for an input object',
      `{ deathCertificates(filter: "${SECRET}") { totalCount } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with an unknown filter',
      `{ deathCertificates(filter: { born: "${SECRET}" }) { totalCount } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with a text for a condition',
      `{ deathCertificates { totalCount @include(if: "${SECRET}") } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['with a null where none may be', `{ persons(ids: ["${SECRET}", null]) { id } }`, {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'with an unknown fragment',
      `{ deathCertificates(filter: { name: "${SECRET}" }) { ...Nowhere } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with fragments in a circle',
      `{ person(id: "${SECRET}") { ...A } } fragment A on Person { ...B } fragment B on Person { ...A }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['that changes something', `mutation { forget(name: "${SECRET}") }`, {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['that listens', `subscription { told(name: "${SECRET}") }`, {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'with directives of the federation',
      `{ deathCertificates @requiresScopes(scopes: [["${SECRET}"]]) { totalCount } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'for entities',
      `{ _entities(representations: [{ __typename: "Person", id: "${SECRET}" }]) { __typename } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['for the subgraph’s schema', '{ _service { sdl } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'with a variable of a wrong type',
      'query ($first: Int) { deathCertificates(first: $first) { totalCount } }',
      { first: SECRET },
      'BAD_USER_INPUT',
    ],
    [
      'with a variable of a wrong shape',
      'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }',
      { f: { name: { [SECRET]: 1 } } },
      'BAD_USER_INPUT',
    ],
    [
      'with an unknown filter in a variable',
      'query ($f: DeathCertificateFilter) { deathCertificates(filter: $f) { totalCount } }',
      { f: { [SECRET]: SECRET } },
      'BAD_USER_INPUT',
    ],
    [
      'with an unknown word in a variable',
      'query ($f: DepictedBodyFilter) { depictedBodies(filter: $f) { totalCount } }',
      { f: { category: SECRET } },
      'BAD_USER_INPUT',
    ],
    [
      'with a list in a list in a variable',
      'query ($ids: [ID!]!) { persons(ids: $ids) { id } }',
      { ids: [[SECRET]] },
      'BAD_USER_INPUT',
    ],
    [
      'without a variable that is needed',
      'query ($id: ID!) { person(id: $id) { id } }',
      { name: SECRET },
      'BAD_USER_INPUT',
    ],
  ];
  it.each(shapes)('%s is refused, and no value of it is said again', async (_, document, variables, code) => {
    const answer = await askAs(document, variables);
    expectLoggedRefusal(answer, code);
    for (const value of ['AlSecretName', '770077', 'محمد']) expect(answer.text).not.toContain(value);
  });

  it('with a day that is none is refused by the custodian, and it is not said again', async () => {
    for (const day of [SECRET, '2014-02-30', '14.3.2014']) {
      const answer = await askAs(
        'query ($d: ArchiveDate) { deathCertificates(filter: { registeredTo: $d }) { totalCount } }',
        { d: day },
      );
      expect(answer.data).toEqual({ deathCertificates: null });
      expect(answer.errors).toEqual([
        { message: messageOf('BAD_USER_INPUT'), path: ['deathCertificates'], extensions: { code: 'BAD_USER_INPUT' } },
      ]);
      expectNothingInside(answer);
    }
  });

  it.each([
    ['{ deathCertificate { totalCount } }', 'deathCertificates'],
    ['{ deathCertificates { nodes { statedCaus } } }', 'statedCause'],
    ['{ deathCertificates(firs: 1) { totalCount } }', '"first"'],
    ['query ($f: DeathCertificateFilte) { deathCertificates(filter: $f) { totalCount } }', '"DeathCertificateFilter"'],
    ['{ deathCertificates { totalCount @includ(if: true) } }', '"@include"'],
    ['{ depictedBodies(filter: { category: DETAINE }) { totalCount } }', 'DETAINEE'],
    ['{ deathCertificates(filter: { nam: "x" }) { totalCount } }', '"name"'],
  ])('%s is refused without telling what else there is', async (document, other) => {
    const answer = await askAs(document);
    expectLoggedRefusal(answer, 'GRAPHQL_VALIDATION_FAILED');
    const message = answer.errors[0]?.message ?? '';
    expect(message).not.toMatch(/did you mean/iu);
    expect(message.split(/[\s.,]+/u)).not.toContain(other);
  });

  it.each([
    ['an unknown operation name', 'query A { __typename } query B { __typename }', 'C'],
    ['no operation name among several', 'query A { __typename } query B { __typename }', undefined],
    ['a name of JavaScript’s own', 'query A { __typename } query B { __typename }', '__proto__'],
    ['an operation name of a fragment', 'query A { ...F } fragment F on Query { __typename }', 'F'],
  ])('with %s is refused', async (_, query, operationName) => {
    expectLoggedRefusal(await send(JSON.stringify({ query, operationName })), 'OPERATION_RESOLUTION_FAILURE');
  });

  it('of several operations is served where one is named', async () => {
    const query = 'query A { a: __typename } query B { b: __typename }';
    expect((await send(JSON.stringify({ query, operationName: 'B' }))).data).toEqual({ b: 'Query' });
  });
});

describe('an operation that asks for too much', () => {
  const person = (inside: string): string => `deathCertificates(first: 1) { nodes { person { ${inside} } } }`;
  const nested = (levels: number): string => (levels === 0 ? 'id' : person(nested(levels - 1)));
  const doubled = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Person { ...F${n + 1} ...F${n + 1} }`).join(
    '\n',
  );
  it.each([
    ['too many levels', `{ person(id: "x") { ${nested(5)} } }`],
    ['too many aliases', `{ ${Array.from({ length: 61 }, (_, n) => `a${n}: __typename`).join(' ')} }`],
    ['too many words', `{ ${'__typename '.repeat(5000)} }`],
    [
      'too many records',
      `{ ${person(person('id')).replaceAll('first: 1', 'first: 200')} a: ${person(person('id')).replaceAll('first: 1', 'first: 200')} }`.replaceAll(
        'nodes { person { id } }',
        'nodes { person { id } id custodian }',
      ),
    ],
    ['fragments that double', `{ person(id: "x") { ...F0 } } ${doubled} fragment F40 on Person { id }`],
  ])('%s is refused at once', async (_, document) => {
    const began = performance.now();
    expectLoggedRefusal(await askAs(document), 'OPERATION_TOO_COSTLY');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('an introspection that goes in circles is refused at once', async () => {
    const circle = (levels: number): string => (levels === 0 ? 'name' : `fields { type { ${circle(levels - 1)} } }`);
    const began = performance.now();
    const answer = await askAs(`{ __schema { types { ${circle(8)} } } }`);
    expect(answer.status).toBe(400);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(
      (await askAs('{ __type(name: "Person") { fields { name type { name } } } }')).data.__type.fields[0].name,
    ).toBe('id');
  });
});

it('a viewer who asks too often is refused until later, and nobody else is', async () => {
  const limits = { depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 3 };
  const gateway = await startGateway({}, { limits });
  try {
    const askFrom = (as: string): Promise<Answer> => ask(LIST, { as, gateway: gateway.url });
    const answers = await Promise.all(Array.from({ length: 10 }, () => askFrom('bad-input')));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(7);
    for (const answer of refused) {
      expectRefusal(answer, 'RATE_LIMITED');
      expect(loggedAtGateway(answer.requestId, gateway.log)).toMatchObject([
        { event: 'REFUSED', codes: ['RATE_LIMITED'] },
      ]);
    }
    expect((await askFrom('bad-input-neighbour')).status).toBe(200);
  } finally {
    await gateway.stop();
  }
});

describe('a name of JavaScript’s own', () => {
  const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'then', 'toJSON'];

  it.each(NAMES)('%s is an alias like any other', async (name) => {
    const answer = await askAs(`{ ${name}: deathCertificates(first: 1) { ${name}: nodes { ${name}: id } } }`);
    expect(answer.errors).toEqual([]);
    expect(answer.data[name][name][0][name]).toMatch(/^ministry:/u);
  });

  it.each(NAMES)('%s is a variable like any other, with its default and without', async (name) => {
    const document = (type: string) =>
      `query ($${name}: ${type}) { deathCertificates(first: $${name}) { nodes { id } } }`;
    expect((await askAs(document('Int = 3'))).data.deathCertificates.nodes).toHaveLength(3);
    expect((await askAs(document('Int'))).data.deathCertificates.nodes).toHaveLength(20);
    expect((await askAs(document('Int'), { [name]: 2 })).data.deathCertificates.nodes).toHaveLength(2);
  });

  it('__proto__ is refused as an alias', async () => {
    for (const document of [
      '{ __proto__: deathCertificates { totalCount } }',
      '{ deathCertificates { __proto__: totalCount } }',
    ]) {
      expectLoggedRefusal(await askAs(document), 'GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('__proto__ as a variable holds what it was given, and nothing outlives the request', async () => {
    const document = 'query ($__proto__: Int = 3) { deathCertificates(first: $__proto__) { nodes { id } } }';
    const answer = await askAs(document);
    if (answer.status === 200) expect(answer.data.deathCertificates.nodes).toHaveLength(3);
    else expectRefusal(answer, 'BAD_USER_INPUT');
    expect((await askAs(LIST)).data.deathCertificates.nodes).toHaveLength(2);
  });
});

it('where records are asked for at a custodian directly, the headers of another request do not do', async () => {
  const { authorization } = await custodianHeaders('ministry', {
    subject: 'bad-input',
    subjectKind: 'USER',
    purpose: 'IDENTIFICATION',
  });
  const answer = await post(
    custodianAddress('ministry'),
    { query: LIST },
    { authorization: authorization ?? '', 'amana-purpose': 'IDENTIFICATION' },
  );
  expectRefusal(answer, 'CONTEXT_INVALID');
});
