import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'graphql';
import { planner } from '../../src/gateway/plan.ts';
import { parsePurpose } from '../../src/protocol/purposes.ts';
import { snapshotOf } from './schemas.ts';
import { granted } from './authorize.ts';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await startSmallFederation();
});
afterAll(() => federation.close());

let viewer = 0;
const someone = (): string => `flooder-${(viewer += 1)}`;

const allOfMinistry = [granted(['registered', 'identifying', 'medical', 'sealed'].map((scope) => `ministry:${scope}`))];
afterEach(async () => {
  federation.ministry.grants = allOfMinistry;
  await federation.heal();
});

const many = <Item>(length: number, item: Item): Item[] => Array.from({ length }, () => item);
const codes = (errors: { path?: unknown[]; extensions: { code: string } }[] = []): string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions.code}`);

describe('a custodian that floods the gateway costs only its own part, and no time', () => {
  const row = { id: 'a', cause: null };
  const error = (code: string, path: unknown[]) => ({ message: 'x', path, extensions: { code } });
  test.each<[string, object]>([
    ['errors', { data: { certificates: null }, errors: many(60_000, error('BAD_USER_INPUT', ['certificates'])) }],
    ['errors of other kinds', { data: { certificates: null }, errors: many(30_000, { message: 'x' }) }],
    ['one record more than asked for', { data: { certificates: { nodes: many(201, row) } } }],
    ['records', { data: { certificates: { nodes: many(300_000, row) } } }],
    ['what fits no type', { data: { certificates: { nodes: many(200, {}) } } }],
  ])('with %s', async (_, answer) => {
    federation.ministry.answer = async () => answer;
    const began = performance.now();
    const { json } = await federation.ask(
      '{ certificates(first: 200) { nodes { id title disputed name cause registeredOn { value } } } reports { nodes { id } } }',
      {
        as: someone(),
      },
    );
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(json.data.reports).toEqual({ nodes: [{ id: 'missing:1' }] });
    expect(json.data.certificates).toBeNull();
    expect(codes(json.errors)).toEqual(['certificates CUSTODIAN_UNAVAILABLE']);
    expect(json.extensions.custodians).toContainEqual({ custodian: 'ministry', status: 'UNAVAILABLE', records: 0 });
  });

  test('with fields withheld, which are reported as one', async () => {
    federation.ministry.answer = async () => ({
      data: { certificates: { nodes: many(3, row) } },
      errors: Array.from({ length: 40_000 }, (_, n) => error('FIELD_WITHHELD', ['certificates', 'nodes', n, 'cause'])),
    });
    const began = performance.now();
    const { json } = await federation.ask('{ certificates(first: 3) { nodes { id cause } } }', { as: someone() });
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(json.errors).toBeUndefined();
    expect(json.extensions.withheld).toHaveLength(1);
    expect(json.extensions.custodians).toEqual([{ custodian: 'ministry', status: 'ANSWERED', records: 3 }]);
  });
});

describe('a custodian that is missing on many records', () => {
  const ids = Array.from({ length: 200 }, (_, n) => `p${n}`);
  const fields = Array.from({ length: 20 }, (_, n) => `c${n}: certificates(first: 1) { totalCount }`).join(' ');
  const ask = () =>
    federation.ask(`query ($ids: [ID!]!) { persons(ids: $ids) { id ${fields} } certificates { totalCount } }`, {
      as: someone(),
      variables: { ids },
    });
  const failures: readonly [string, () => void][] = [
    ['gives no answer', () => (federation.ministry.answer = async (_, reply) => reply.code(500).send({}))],
    ['does not say what it grants', () => (federation.ministry.access = async () => 'nonsense')],
  ];

  test.each(failures)(
    'and %s is told of a hundred times, and how often besides, not four thousand',
    async (_, fail) => {
      fail();
      const { json, text } = await ask();
      const errors: { path: (string | number)[]; extensions: { code: string; more?: number } }[] = json.errors;
      const patterns = new Set(errors.map(({ path }) => path.map((key) => (Number.isInteger(key) ? '@' : key)).join()));
      expect(patterns.size).toBe(21);
      expect(errors).toHaveLength(100);
      const more = errors.reduce((sum, { extensions }) => sum + (extensions.more ?? 0), 0);
      expect(errors.length + more).toBe(200 * 20 + 1);
      for (const { path, extensions } of errors) {
        expect(path.reduce((at, key) => at[key], json.data)).toBeNull();
        expect(extensions.code).toBe('CUSTODIAN_UNAVAILABLE');
      }
      expect(json.data.persons.every((person: { id: string }, n: number) => person.id === `p${n}`)).toBe(true);
      expect(text.length - JSON.stringify(json.data).length).toBeLessThan(40_000);
    },
  );
});

describe('a person’s id that is none', () => {
  test.each([[''], ['x'.repeat(101)], ['a\u0000b'], [7], [{ a: 1 }], [null], [undefined]])(
    '%j is nobody, and spoils no question to another custodian',
    async (id) => {
      federation.ministry.answer = async () => ({
        data: { certificates: { nodes: [{ person: { __typename: 'Person', id } }, { person: { id: 'p2' } }] } },
      });
      const { json } = await federation.ask('{ certificates { nodes { person { reports { nodes { id } } } } } }', {
        as: someone(),
      });
      expect(json.data.certificates.nodes).toEqual([
        { person: null },
        { person: { reports: { nodes: [{ id: 'missing:1' }] } } },
      ]);
      expect(codes(json.errors)).toEqual(['certificates.nodes.0.person.id CUSTODIAN_UNAVAILABLE']);
      expect(federation.missing.fetches.map(({ variables }) => variables.representations)).toEqual([
        [{ __typename: 'Person', id: 'p2' }],
      ]);
    },
  );

  test.each(['BAD_USER_INPUT', 'OPERATION_TOO_COSTLY', 'GRAPHQL_VALIDATION_FAILED'])(
    'refused with %s is no answer of the custodian that was asked by it',
    async (code) => {
      federation.ministry.answer = async (_, reply) =>
        reply.code(400).send({ errors: [{ message: 'x', extensions: { code } }] });
      const { json } = await federation.ask('{ persons(ids: ["p1"]) { id certificates { totalCount } } }', {
        as: someone(),
      });
      expect(json.data.persons).toEqual([{ id: 'p1', certificates: null }]);
      expect(codes(json.errors)).toEqual(['persons.0.certificates CUSTODIAN_UNAVAILABLE']);
      expect(json.extensions.custodians).toContainEqual({ custodian: 'ministry', status: 'UNAVAILABLE', records: 0 });
    },
  );
});

describe('a client that asks for much', () => {
  test('of the gateway’s own fields asks each custodian once', async () => {
    const aliases = (name: string, inside: string): string =>
      Array.from({ length: 6 }, (_, n) => `${name}${n}: ${inside}`).join(' ');
    const query = `{ ${aliases('c', `custodians { ${aliases('s', 'status')} }`)} viewer { ${aliases('a', 'accesses { status }')} } }`;
    const { json } = await federation.ask(query, { as: someone() });
    expect(json.errors).toBeUndefined();
    expect(json.data.c5.map(({ s5 }: { s5: string }) => s5)).toEqual(['READY', 'READY']);
    expect([federation.ministry.readyQuestions, federation.missing.readyQuestions]).toEqual([1, 1]);
    expect([federation.ministry.accessQuestions, federation.missing.accessQuestions]).toEqual([1, 1]);
  });

  test('at the same time has what it is granted asked for once', async () => {
    const as = someone();
    const headers = { authorization: `Bearer ${await federation.token(as)}` };
    federation.ministry.access = async () => {
      await pause(100);
      return { custodian: 'ministry', grants: allOfMinistry, otherPurpose: [], expired: [], askedAboutPersons: true };
    };
    const answers = await Promise.all(
      many(5, undefined).map(() => federation.ask('{ certificates { totalCount } }', { headers })),
    );
    for (const { json } of answers) expect(json.data.certificates.totalCount).toBe(2);
    expect(federation.ministry.accessQuestions).toBe(1);
  });

  test('may ask for one list in two places', async () => {
    const { json } = await federation.ask(
      '{ certificates(first: 2) { totalCount } certificates(first: 2) { nodes { id } } }',
      {
        as: someone(),
      },
    );
    expect(json.data.certificates).toEqual({ totalCount: 2, nodes: [{ id: 'ministry:1' }, { id: 'ministry:2' }] });
  });

  test('in a purpose of many spaces is refused at once', () => {
    const began = performance.now();
    expect(parsePurpose(`IDENTIFICATION${' '.repeat(200_000)}x`)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(100);
    const ref = '"'.repeat(64);
    expect(parsePurpose(`CRIMINAL_INVESTIGATION; ref="${'\\"'.repeat(64)}"`)).toEqual({
      purpose: 'CRIMINAL_INVESTIGATION',
      ref,
    });
  });

  test('too often is refused before its document is looked at, told when to come back, and entered in the log', async () => {
    const slow = await startSmallFederation({ requestsPerMinute: 2 });
    try {
      await slow.ask('{ __typename }');
      await slow.ask('{ __typename }');
      const { status, headers, json } = await slow.ask('{ no document', {});
      expect(status).toBe(429);
      expect(headers.get('retry-after')).toBe('30');
      expect(codes(json.errors)).toEqual(['undefined RATE_LIMITED']);
      expect(slow.log().at(-1)).toMatchObject({
        event: 'REFUSED',
        codes: ['RATE_LIMITED'],
        viewer: expect.any(String),
      });
    } finally {
      await slow.close();
    }
  });

  test('is answered in JSON, or not at all, and then nothing is fetched for it', async () => {
    const ask = (accept: string) =>
      federation.ask('{ certificates { totalCount } }', { as: someone(), headers: { accept } });
    for (const accept of ['text/html', 'application/json;q=0', 'image/*, multipart/mixed']) {
      const { status, json } = await ask(accept);
      expect(status).toBe(406);
      expect(codes(json.errors)).toEqual(['undefined NOT_ACCEPTABLE']);
    }
    expect(federation.ministry.fetches).toEqual([]);
    for (const accept of [
      '*/*',
      'application/*',
      'text/html, application/json; charset=utf-8; q=0.5',
      'application/graphql-response+json',
    ])
      expect((await ask(accept)).status).toBe(200);
  });

  test('at an address that is none is refused like any other', async () => {
    const response = await fetch(`${federation.gateway.url}/%`);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
      extensions: { requestId: response.headers.get('amana-request-id') },
    });
    const { port, hostname } = new URL(federation.gateway.url);
    const raw = connect(Number(port), hostname);
    raw.write('nonsense\r\n\r\n');
    expect(await text(raw)).toMatch(/^HTTP\/1\.1 400 [^]*amana-request-id: [^]*"BAD_REQUEST"/u);
  });
});

test('what was reported as withheld on some records does not make the gateway ask again what is granted', async () => {
  const as = someone();
  const medical = ['ministry:registered', 'ministry:medical'];
  federation.ministry.grants = [granted(medical), { ...granted(['ministry:registered']), clears: ['SEALED'] }];
  federation.ministry.answer = async () => ({
    data: { certificates: { nodes: [{ cause: null }] } },
    errors: [{ message: 'x', path: ['certificates', 'nodes', 0, 'cause'], extensions: { code: 'FIELD_WITHHELD' } }],
  });
  for (let n = 0; n < 2; n += 1) {
    const { json } = await federation.ask('{ certificates { nodes { cause } } }', { as });
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Certificate.cause', partial: true }]);
  }
  expect(federation.ministry.accessQuestions).toBe(1);
});

test('plans are remembered for so much of documents, the oldest leaving first', () => {
  const snapshot = snapshotOf();
  const one = parse('{ certificates { totalCount } }');
  const other = parse('{ reports { nodes { id } } }');
  const roomy = planner({ mostText: 200 });
  expect(roomy(snapshot, one)).toBe(roomy(snapshot, one));
  const narrow = planner({ mostText: 50 });
  const first = narrow(snapshot, one);
  expect(narrow(snapshot, one)).toBe(first);
  narrow(snapshot, other);
  expect(narrow(snapshot, one)).not.toBe(first);
  const none = planner({ mostText: 10 });
  expect(none(snapshot, one)).not.toBe(none(snapshot, one));
});
