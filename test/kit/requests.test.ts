import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ERRORS, isErrorCode } from '../../src/protocol/errors.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

const QUERY = '{ deathCertificates { nodes { id reference } } }';
const JSON_TYPE = { 'content-type': 'application/json' };

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
  await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
  await custodian.insert('death_certificates', [
    {
      id: 'ministry:1',
      reference: 'R-secret',
      label_set: 1,
      labels: [],
      review_status: 'PRELIMINARY',
      disputed: false,
      sort_key: '1',
    },
  ]);
});
afterAll(() => custodian?.close());
beforeEach(() => {
  custodian.reads.length = 0;
});
afterEach(() => {
  custodian.failing = false;
});

const logged = (): Promise<{ outcome: string; code: string | null; purpose: string | null }[]> =>
  custodian.storage.query({ sql: 'select outcome, code, purpose from access_log order by id', parameters: [] });

/** What every refusal looks like: the listed code, its sentence, its status, a request id, and nothing else. */
function expectRefusal(answer: Answer, code: string): void {
  if (!isErrorCode(code)) throw new Error(`${code} is not listed`);
  const [status, message] = ERRORS[code];
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toEqual({
    errors: [{ message, extensions: { code } }],
    extensions: { requestId: expect.stringMatching(/^[\w-]{8,64}$/u) },
  });
  expect(custodian.reads).toEqual([]);
}

it('what is read for a caller that leaves is cancelled, and has its row in the log', async () => {
  const { storage } = custodian;
  const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%death_certificates%'`;
  const before = (await logged()).length;
  const leaving = new AbortController();
  await storage.transaction(async (query) => {
    await query({ sql: 'lock table death_certificates in access exclusive mode', parameters: [] });
    const asked = fetch(`${custodian.url}/ministry/graphql`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...(await custodian.credentials()) },
      body: JSON.stringify({ query: QUERY }),
      signal: leaving.signal,
    });
    await expect.poll(() => storage.query({ sql: waiting, parameters: [] })).toHaveLength(1);
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    await expect.poll(() => storage.query({ sql: waiting, parameters: [] }), { timeout: 1_000 }).toEqual([]);
  });
  await expect.poll(async () => (await logged()).length).toBe(before + 1);
  expect((await custodian.ask(QUERY)).data.deathCertificates.nodes).toHaveLength(1);
});

describe('who asks', () => {
  it.each([
    ['no token', { token: null }, 'UNAUTHENTICATED'],
    ['garbage for a token', { token: 'garbage' }, 'UNAUTHENTICATED'],
    ['no context', { context: null }, 'CONTEXT_INVALID'],
    ['garbage for a context', { context: 'garbage' }, 'CONTEXT_INVALID'],
  ])('is refused with %s', async (_, question, code) => {
    expectRefusal(await custodian.ask(QUERY, question), code);
  });

  it('is refused where token and context name different viewers, and that is logged', async () => {
    const { authorization } = await custodian.credentials({ as: 'journalist' });
    const before = await logged();
    expectRefusal(await custodian.ask(QUERY, { headers: { authorization: authorization ?? '' } }), 'CONTEXT_INVALID');
    expect((await logged()).slice(before.length)).toEqual([
      { outcome: 'REFUSED', code: 'CONTEXT_INVALID', purpose: null },
    ]);
  });
});

describe('a request that is none', () => {
  const send = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = JSON_TYPE) =>
    custodian.post('/ministry/graphql', body, { ...(await custodian.credentials()), ...headers });
  it.each([
    ['malformed JSON', '{"query":', JSON_TYPE, 'BAD_REQUEST'],
    ['a batch', JSON.stringify([{ query: QUERY }]), JSON_TYPE, 'BAD_REQUEST'],
    ['no query', '{"variables":{}}', JSON_TYPE, 'BAD_REQUEST'],
    ['a persisted query', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', JSON_TYPE, 'BAD_REQUEST'],
    [
      'bytes that are no UTF-8',
      new Uint8Array(Buffer.from('{"query":"{ \xe9 }"}', 'latin1')),
      JSON_TYPE,
      'BAD_REQUEST',
    ],
    [
      'another charset',
      JSON.stringify({ query: QUERY }),
      { 'content-type': 'application/json; charset=utf-16' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['text', QUERY, { 'content-type': 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['10 MB', JSON.stringify({ query: 'x'.repeat(10_000_000) }), JSON_TYPE, 'PAYLOAD_TOO_LARGE'],
    ['no GraphQL', JSON.stringify({ query: '{ R-secret' }), JSON_TYPE, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', JSON.stringify({ query: '{ deathCertificate }' }), JSON_TYPE, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'introspection',
      JSON.stringify({ query: '{ __schema { types { name } } }' }),
      JSON_TYPE,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'the schema by the side door',
      JSON.stringify({ query: '{ _service { sdl } }' }),
      JSON_TYPE,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a wrong variable',
      JSON.stringify({
        query: 'query ($n: Int) { deathCertificates(first: $n) { totalCount } }',
        variables: { n: 'R-secret' },
      }),
      JSON_TYPE,
      'BAD_USER_INPUT',
    ],
    [
      'a day that is none',
      JSON.stringify({
        query: 'query ($d: ArchiveDate) { deathCertificates(filter: { registeredTo: $d }) { totalCount } }',
        variables: { d: '2014-02-30' },
      }),
      JSON_TYPE,
      'BAD_USER_INPUT',
    ],
    [
      'two operations and no name',
      JSON.stringify({ query: 'query A { __typename } query B { __typename }' }),
      JSON_TYPE,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a representation of no entity',
      JSON.stringify({
        query: 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
        variables: { r: [{ __typename: 'DeathCertificate', id: 'ministry:1' }] },
      }),
      JSON_TYPE,
      'BAD_USER_INPUT',
    ],
    [
      'too many fields',
      JSON.stringify({ query: `{ ${Array.from({ length: 2001 }, (_, n) => `a${n}: __typename`).join(' ')} }` }),
      JSON_TYPE,
      'OPERATION_TOO_COSTLY',
    ],
    [
      'too many levels',
      JSON.stringify({
        query: `{ deathCertificates { nodes { person { ${'deathCertificates { nodes { person { '.repeat(6)} id ${'} } }'.repeat(6)} } } } }`,
      }),
      JSON_TYPE,
      'OPERATION_TOO_COSTLY',
    ],
  ])('%s', async (_, body, headers, code) => {
    const answer = await send(body, headers);
    expectRefusal(answer, code);
    expect(answer.text).not.toContain('R-secret');
  });

  it('another method, another address', async () => {
    const headers = await custodian.credentials();
    const got = await fetch(`${custodian.url}/ministry/graphql?query=${encodeURIComponent(QUERY)}`, { headers });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${custodian.url}/missing/graphql`, { headers, method: 'POST' })).status).toBe(404);
  });

  it('the schema without the credential for it', async () => {
    const headers = await custodian.credentials();
    expect((await fetch(`${custodian.url}/ministry/schema`, { headers })).status).toBe(401);
    expect((await fetch(`${custodian.url}/ministry/schema`)).status).toBe(401);
  });
});

it('an answer that cannot be logged is not given', async () => {
  custodian.failing = true;
  const answer = await custodian.ask(QUERY);
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('LOG_UNAVAILABLE');
  expect(answer.text).not.toContain('R-secret');
  custodian.failing = false;
  expect((await custodian.ask(QUERY)).data.deathCertificates.nodes).toEqual([
    { id: 'ministry:1', reference: 'R-secret' },
  ]);
});

it('what is no HTTP at all is refused in the same form', async () => {
  const { hostname, port } = new URL(custodian.url);
  const socket = connect(Number(port), hostname);
  socket.end('R-secret\r\n\r\n');
  const text = Buffer.concat(await socket.toArray()).toString();
  expect(text).toMatch(/^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/u);
  expect(text).not.toContain('R-secret');
});

it('a running request is finished while the custodian stops, and no other is begun', async () => {
  const stopping = await temporaryCustodian('ministry', ministry);
  await stopping.grant({ scopes: ['ministry:registered'] });
  const { answer, closed } = await stopping.storage
    .transaction(async (query) => {
      await query({ sql: 'lock table death_certificates in access exclusive mode', parameters: [] });
      const running = stopping.ask('{ deathCertificates { totalCount } }');
      await expect.poll(() => stopping.reads.length).toBe(1);
      const closing = stopping.close();
      await expect(fetch(`${stopping.url}/health/live`)).rejects.toThrow();
      return { answer: running, closed: closing };
    })
    .then(async ({ answer, closed }) => ({ answer: await answer, closed }));
  expect(answer.data).toEqual({ deathCertificates: { totalCount: 0 } });
  await closed;
});

it('an answer is not kept by anybody on its way', async () => {
  expect((await custodian.ask(QUERY)).headers.get('cache-control')).toBe('no-store');
});

it('health is told without asking who wants to know', async () => {
  expect((await fetch(`${custodian.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${custodian.url}/health/ready`)).status).toBe(200);
});
