import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { granted } from './authorize.ts';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await startSmallFederation();
});
afterAll(() => federation.close());

let viewer = 0;
/** A viewer whom no cache knows. */
const someone = (): string => `viewer-${(viewer += 1)}`;

afterEach(() => federation.heal());

const BOTH =
  '{ persons(ids: ["p1", "p2"]) { id certificates { nodes { id cause } } } certificates { totalCount } reports { nodes { id } } }';

const codes = (errors: { path?: unknown[]; extensions: { code: string } }[] = []): string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions.code}`).sort();

const reply = (status: number, type: string, body: string) => async (_request: unknown, answer: FastifyReply) =>
  answer.code(status).type(type).send(body);

describe('all is well', () => {
  test('an answer joins the custodians, each asked once for a level, and says who answered', async () => {
    const { status, json, headers } = await federation.ask(BOTH, { as: someone() });
    expect(status).toBe(200);
    expect(json.errors).toBeUndefined();
    expect(json.data.persons[1]).toEqual({
      id: 'p2',
      certificates: {
        nodes: [
          { id: 'ministry:1', cause: 'C' },
          { id: 'ministry:2', cause: 'C' },
        ],
      },
    });
    expect(json.extensions.custodians).toEqual([
      { custodian: 'missing', status: 'ANSWERED', records: 1 },
      { custodian: 'ministry', status: 'ANSWERED', records: 4 },
    ]);
    expect(federation.ministry.fetches).toHaveLength(2);
    expect(federation.missing.fetches).toHaveLength(1);
    expect(headers.get('amana-request-id')).toBe(json.extensions.requestId);
  });

  test('custodians get credentials made for them, and never the viewer’s own token', async () => {
    const as = someone();
    const { json } = await federation.ask(BOTH, { as });
    const [fetched] = federation.ministry.fetches;
    const claims = JSON.parse(
      Buffer.from(String(fetched?.headers.authorization).split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(claims).toMatchObject({ sub: as, aud: 'urn:amana:custodian:ministry', client_id: 'gateway' });
    const context = JSON.parse(
      Buffer.from(String(fetched?.headers['amana-context']).split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(context).toMatchObject({
      sub: as,
      subject_kind: 'USER',
      purpose: 'IDENTIFICATION',
      aud: 'urn:amana:custodian:ministry',
    });
    expect(fetched?.headers['amana-request-id']).toBe(json.extensions.requestId);
  });

  test('what was cut is null in the original shape, and its value and variables never leave', async () => {
    federation.ministry.grants = [granted(['ministry:registered'])];
    const query = `query ($after: String) { list: certificates(after: $after) { nodes { ...F x: name ... on Certificate { cause } } } }
      fragment F on Certificate { id person { id } }`;
    const { json } = await federation.ask(query, { as: someone(), variables: { after: 'x' } });
    federation.ministry.grants = [
      granted(['registered', 'identifying', 'medical', 'sealed'].map((scope) => `ministry:${scope}`)),
    ];
    expect(JSON.stringify(json.data)).toBe(
      '{"list":{"nodes":[{"id":"ministry:1","person":null,"x":null,"cause":null},{"id":"ministry:2","person":null,"x":null,"cause":null}]}}',
    );
    expect(federation.ministry.fetches.map((fetch) => fetch.query.replaceAll(/\s/gu, ''))).toEqual([
      'query($after:String){list:certificates(after:$after){nodes{id}}}',
    ]);
  });

  test('abstract types come through, narrowed', async () => {
    const { json } = await federation.ask(
      '{ papers { id ... on CourtFile { kind: __typename title } } things { ... on Verdict { text } ... on Certificate { c: id } } }',
      { as: someone() },
    );
    expect(json.data).toEqual({
      papers: [{ id: 'ministry:1' }, { id: 'ministry:3', kind: 'CourtFile', title: 'B' }],
      things: [{ c: 'ministry:1' }, { text: 'T' }],
    });
  });

  test('access is asked once for a page of requests, and only of who is touched', async () => {
    const as = someone();
    for (let n = 0; n < 5; n += 1) await federation.ask('{ certificates { totalCount } }', { as });
    expect(federation.ministry.accessQuestions).toBe(1);
    expect(federation.missing.accessQuestions).toBe(0);
    await federation.ask('{ viewer { subject } custodians { id status } }', { as });
    expect(federation.missing.accessQuestions).toBe(0);
    const { json } = await federation.ask(
      '{ viewer { subject kind purpose reference accesses { custodian status scopes until } } }',
      { as, headers: { 'amana-purpose': 'RESEARCH; ref="A-1"' } },
    );
    expect(json.data.viewer).toMatchObject({
      subject: as,
      kind: 'USER',
      purpose: 'RESEARCH',
      reference: 'A-1',
      accesses: [
        { custodian: 'ministry', status: 'ANSWERED' },
        { custodian: 'missing', until: '2099-01-01T00:00:00.000Z' },
      ],
    });
  });
});

describe('a custodian that fails costs only its own part', () => {
  const failures: readonly [string, SmallFederation['ministry']['answer'], string, string][] = [
    [
      'it breaks',
      reply(500, 'application/json', '{"errors":[{"message":"secret","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}'),
      'CUSTODIAN_UNAVAILABLE',
      'UNAVAILABLE',
    ],
    ['it answers HTML', reply(200, 'text/html', '<h1>secret</h1>'), 'CUSTODIAN_UNAVAILABLE', 'UNAVAILABLE'],
    [
      'it answers half of JSON',
      reply(200, 'application/json', '{"data": {"certificates": '),
      'CUSTODIAN_UNAVAILABLE',
      'UNAVAILABLE',
    ],
    ['it answers something else', reply(200, 'application/json', '[1, 2]'), 'CUSTODIAN_UNAVAILABLE', 'UNAVAILABLE'],
    [
      'it redirects',
      async (_, answer) => answer.redirect('http://127.0.0.1:9/secret'),
      'CUSTODIAN_UNAVAILABLE',
      'UNAVAILABLE',
    ],
    [
      'it is not done in time',
      async (_, answer) => {
        await pause(1_500);
        return answer.send({ data: {} });
      },
      'CUSTODIAN_TIMED_OUT',
      'TIMED_OUT',
    ],
    [
      'it never ends',
      async (_, answer) => {
        answer.raw.writeHead(200, { 'content-type': 'application/json' });
        answer.raw.write('{"data":');
        return new Promise(() => {});
      },
      'CUSTODIAN_TIMED_OUT',
      'TIMED_OUT',
    ],
    ['it hangs up', async (request) => request.raw.socket.destroy(), 'CUSTODIAN_UNAVAILABLE', 'UNAVAILABLE'],
    [
      'it answers 9 MB',
      async (_, answer) => answer.type('application/json').send(`{"data":{"x":"${'x'.repeat(9_000_000)}"}}`),
      'CUSTODIAN_UNAVAILABLE',
      'UNAVAILABLE',
    ],
    [
      'it refuses',
      reply(403, 'application/json', '{"errors":[{"message":"secret","extensions":{"code":"UNAUTHENTICATED"}}]}'),
      'CUSTODIAN_REFUSED',
      'REFUSED',
    ],
  ];
  test.each(failures)('%s', async (_name, answer, code, status) => {
    federation.ministry.answer = answer;
    const { status: http, json, text } = await federation.ask(BOTH, { as: someone() });
    expect(http).toBe(200);
    expect(json.data).toEqual({
      persons: [
        { id: 'p1', certificates: null },
        { id: 'p2', certificates: null },
      ],
      certificates: null,
      reports: { nodes: [{ id: 'missing:1' }] },
    });
    expect(codes(json.errors)).toEqual([
      `certificates ${code}`,
      `persons.0.certificates ${code}`,
      `persons.1.certificates ${code}`,
    ]);
    expect(json.extensions.custodians).toEqual([
      { custodian: 'missing', status: 'ANSWERED', records: 1 },
      { custodian: 'ministry', status, records: 0 },
    ]);
    expect(text).not.toMatch(/secret|127\.0\.0\.1|serviceName|valueCompletion/u);
  });

  test('one that does not say what it grants is sent nothing, and has withheld nothing', async () => {
    federation.ministry.access = async () => {
      await pause(700);
      return {};
    };
    const { json } = await federation.ask(BOTH, { as: someone() });
    expect(codes(json.errors)).toEqual([
      'certificates CUSTODIAN_UNAVAILABLE',
      'persons.0.certificates CUSTODIAN_UNAVAILABLE',
      'persons.1.certificates CUSTODIAN_UNAVAILABLE',
    ]);
    expect(json.extensions.withheld).toEqual([]);
    expect(json.extensions.custodians[1]).toEqual({ custodian: 'ministry', status: 'UNAVAILABLE', records: 0 });
    expect(federation.ministry.fetches).toEqual([]);
  });

  test('nor does one count that speaks for another, or says what cannot be', async () => {
    for (const answer of [
      {
        custodian: 'missing',
        grants: federation.missing.grants,
        otherPurpose: [],
        expired: [],
        askedAboutPersons: true,
      },
      { custodian: 'ministry', grants: 'all' },
    ]) {
      federation.ministry.access = async () => answer;
      const { json } = await federation.ask('{ certificates { totalCount } }', { as: someone() });
      expect(codes(json.errors)).toEqual(['certificates CUSTODIAN_UNAVAILABLE']);
    }
    expect(federation.ministry.fetches).toEqual([]);
  });

  test('where what leads to a custodian is missing, it does not look as if it had nothing', async () => {
    federation.missing.answer = reply(500, 'application/json', '{}');
    const { json } = await federation.ask('{ persons(ids: ["p1"]) { certificates { totalCount } } }', {
      as: someone(),
    });
    expect(json.data).toEqual({ persons: null });
    expect(json.extensions.custodians.map(({ status }: { status: string }) => status)).toEqual([
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    federation.missing.answer = undefined;
    const nobody = await federation.ask('{ persons(ids: ["unknown"]) { certificates { totalCount } } }', {
      as: someone(),
    });
    expect(nobody.json.extensions.custodians.map(({ status }: { status: string }) => status)).toEqual([
      'ANSWERED',
      'ANSWERED',
    ]);
  });

  test('values that fit no type become null with an error, fields that nobody asked for go nowhere', async () => {
    federation.ministry.answer = async () => ({
      data: {
        certificates: {
          totalCount: 'many',
          extra: 'secret',
          nodes: [{ id: 'a', disputed: 'yes', registeredOn: { value: null, precision: 'SECRET' } }, 'b', null],
        },
        secret: 1,
      },
    });
    const { json, text } = await federation.ask(
      '{ certificates { totalCount nodes { id disputed registeredOn { precision } } pageInfo { hasNextPage } } reports { nodes { id } } }',
      { as: someone() },
    );
    expect(text).not.toContain('secret');
    expect(json.data.reports).toEqual({ nodes: [{ id: 'missing:1' }] });
    expect(codes(json.errors)).toContain('certificates.totalCount CUSTODIAN_UNAVAILABLE');
    expect(codes(json.errors)).toContain('certificates.nodes.0.disputed CUSTODIAN_UNAVAILABLE');
    expect(codes(json.errors)).toContain('certificates.nodes.0.registeredOn.precision CUSTODIAN_UNAVAILABLE');
    expect(codes(json.errors)).toContain('certificates.nodes.1 CUSTODIAN_UNAVAILABLE');
  });

  test.each([
    ['an object', '{"toString":1,"valueOf":1}'],
    ['a deep list', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('the name of a type that is %s is no name, and that is the custodian’s failure', async (_, name) => {
    federation.ministry.answer = reply(200, 'application/json', `{"data":{"things":[{"__typename":${name}}]}}`);
    const { json } = await federation.ask('{ things { ... on Verdict { text } } reports { nodes { id } } }', {
      as: someone(),
    });
    expect(json.data.reports).toEqual({ nodes: [{ id: 'missing:1' }] });
    expect(codes(json.errors)).toEqual(['things.0 CUSTODIAN_UNAVAILABLE']);
  });

  test('entities that do not match what was asked by number join nothing', async () => {
    federation.ministry.answer = async () => ({ data: { _entities: [{ certificates: { totalCount: 7 } }] } });
    const { json } = await federation.ask('{ persons(ids: ["p1", "p2"]) { id certificates { totalCount } } }', {
      as: someone(),
    });
    expect(json.data).toEqual({
      persons: [
        { id: 'p1', certificates: null },
        { id: 'p2', certificates: null },
      ],
    });
    expect(codes(json.errors)).toEqual([
      'persons.0.certificates CUSTODIAN_UNAVAILABLE',
      'persons.1.certificates CUSTODIAN_UNAVAILABLE',
    ]);
  });

  test('of its errors only a listed code and a path count', async () => {
    const error = (code: unknown, path?: unknown[]) => ({
      message: 'secret',
      path,
      locations: [{ line: 1, column: 1 }],
      extensions: { code, coordinate: 'secret', stacktrace: ['secret'] },
    });
    federation.ministry.answer = async () => ({
      data: { certificates: null },
      errors: [
        error('CURSOR_INVALID', ['certificates']),
        error('MADE_UP', ['certificates']),
        error('LOG_UNAVAILABLE', ['nowhere', 3]),
        error(7),
      ],
    });
    const { json, text } = await federation.ask('{ certificates(after: "x") { totalCount } }', { as: someone() });
    expect(text).not.toContain('secret');
    expect(codes(json.errors)).toEqual([
      'certificates CURSOR_INVALID',
      'certificates CUSTODIAN_UNAVAILABLE',
      'undefined CUSTODIAN_UNAVAILABLE',
      'undefined CUSTODIAN_UNAVAILABLE',
    ]);
  });

  test('a refusal of the whole request that is the client’s own doing keeps its code', async () => {
    federation.ministry.answer = reply(
      403,
      'application/json',
      '{"errors":[{"message":"x","extensions":{"code":"FILTER_WITHHELD"}}]}',
    );
    const { json } = await federation.ask('{ certificates { totalCount } }', { as: someone() });
    expect(codes(json.errors)).toEqual(['certificates FILTER_WITHHELD']);
  });
});

describe('what a custodian withholds after all', () => {
  const late = async () => ({
    data: {
      _entities: [
        {
          askedBy_id: 'p1',
          certificates: {
            nodes: [
              { id: 'a', secretly: null },
              { id: 'b', secretly: null },
            ],
          },
        },
        null,
      ],
    },
    errors: [0, 1].map((index) => ({
      message: 'x',
      path: ['_entities', 0, 'certificates', 'nodes', index, 'secretly'],
      extensions: { code: 'FIELD_WITHHELD', coordinate: 'Person.lie' },
    })),
  });
  const asked = '{ persons(ids: ["p1", "p2"]) { certificates { nodes { id secretly: cause } } } }';

  test('is reported once, by the pattern and the coordinate that were asked for, and is no error', async () => {
    federation.ministry.answer = late;
    const { json } = await federation.ask(asked, { as: someone() });
    expect(json.errors).toBeUndefined();
    expect(json.extensions.withheld).toEqual([
      {
        path: ['persons', '@', 'certificates', 'nodes', '@', 'secretly'],
        coordinate: 'Certificate.cause',
        custodian: 'ministry',
        requires: [['ministry:medical']],
        reason: 'EXPIRED',
        contact: 'records@ministry.example',
      },
    ]);
  });

  test('is an error, or refuses, where the client wants that', async () => {
    federation.ministry.answer = late;
    const errors = await federation.ask(asked, { as: someone(), headers: { 'amana-withheld-as': 'errors' } });
    expect(codes(errors.json.errors)).toEqual(['persons.@.certificates.nodes.@.secretly UNAUTHORIZED_FIELD_OR_TYPE']);
    const reject = await federation.ask(asked, { as: someone(), extensions: { amana: { withheldAs: 'reject' } } });
    expect(reject.status).toBe(403);
    expect(reject.json.data).toBeUndefined();
    expect(codes(reject.json.errors)).toEqual(['undefined OPERATION_WITHHELD']);
    expect(federation.log().at(-1)).toMatchObject({ event: 'REFUSED', codes: ['OPERATION_WITHHELD'] });
  });

  test('makes the gateway ask again what is granted', async () => {
    const as = someone();
    federation.ministry.answer = late;
    await federation.ask(asked, { as });
    await federation.ask(asked, { as });
    expect(federation.ministry.accessQuestions).toBe(2);
  });
});

describe('the account', () => {
  test('opens before anything is fetched, closes before the answer leaves, and names nobody', async () => {
    const as = someone();
    let openedBefore = false;
    federation.ministry.answer = async () => {
      openedBefore = federation
        .log()
        .some((entry) => entry.event === 'OPENED' && JSON.stringify(entry.custodians).includes('Certificate.name'));
      return { data: { certificates: { nodes: [{ name: 'محمد' }] } } };
    };
    const { json } = await federation.ask('{ certificates(filter: { name: "محمد" }) { nodes { name } } }', {
      as,
      headers: { 'amana-purpose': 'IDENTIFICATION; ref="A-17"' },
    });
    expect(openedBefore).toBe(true);
    const mine = federation.log().filter(({ id }) => id === json.extensions.requestId);
    expect(mine).toEqual([
      {
        event: 'OPENED',
        id: expect.any(String),
        at: expect.any(String),
        viewer: expect.any(String),
        kind: 'USER',
        purpose: 'IDENTIFICATION',
        ref: expect.any(String),
        custodians: { ministry: ['Query.certificates', 'CertificateConnection.nodes', 'Certificate.name'] },
        withheld: [],
      },
      {
        event: 'ANSWERED',
        id: expect.any(String),
        at: expect.any(String),
        custodians: [{ custodian: 'ministry', status: 'ANSWERED', records: 1 }],
        withheld: [],
        codes: [],
      },
    ]);
    const whole = readFileSync(federation.logFile, 'utf8') + federation.operatorLog();
    for (const said of ['محمد', as, 'A-17', 'ministry:1']) expect(whole).not.toContain(`"${said}"`);
  });

  test('has every refusal', async () => {
    const before = federation.log().length;
    await federation.ask('{ nonsense }', { as: someone() });
    await federation.ask('{ certificates(first: 999) { totalCount } }', { as: someone() });
    await federation.ask('{ certificates { totalCount } }', { as: someone(), headers: { 'amana-purpose': 'FUN' } });
    await federation.ask('{ certificates { totalCount } }', { headers: { authorization: 'Bearer x.y.z' } });
    expect(
      federation
        .log()
        .slice(before)
        .map(({ event, codes: [code] = [] }: { event?: string; codes?: string[] }) => `${event} ${code}`),
    ).toEqual([
      'REFUSED GRAPHQL_VALIDATION_FAILED',
      'REFUSED PAGE_TOO_LARGE',
      'REFUSED PURPOSE_UNKNOWN',
      'REFUSED UNAUTHENTICATED',
    ]);
  });

  test('that cannot be written refuses, before anything is fetched', async () => {
    const whole = readFileSync(federation.logFile);
    appendFileSync(federation.logFile, 'somebody else');
    const { status, json, text } = await federation.ask('{ certificates { nodes { name } } }', { as: someone() });
    expect(status).toBe(503);
    expect(codes(json.errors)).toEqual(['undefined LOG_UNAVAILABLE']);
    expect(text).not.toContain('"N"');
    expect(federation.ministry.fetches).toEqual([]);
    writeFileSync(federation.logFile, whole);
    expect((await federation.ask('{ certificates { totalCount } }', { as: someone() })).status).toBe(200);
  });

  test('that cannot be closed keeps the answer back', async () => {
    const whole = readFileSync(federation.logFile);
    let between = whole;
    federation.ministry.answer = async () => {
      between = readFileSync(federation.logFile);
      appendFileSync(federation.logFile, 'somebody else');
      return { data: { certificates: { nodes: [{ name: 'secret' }] } } };
    };
    const { status, json, text } = await federation.ask('{ certificates { nodes { name } } }', { as: someone() });
    writeFileSync(federation.logFile, between);
    expect(status).toBe(503);
    expect(codes(json.errors)).toEqual(['undefined LOG_UNAVAILABLE']);
    expect(text).not.toContain('secret');
  });
});

describe('requests do not mix', () => {
  test('fifty viewers with different grants at once get each his own', async () => {
    federation.ministry.access = async (request) => {
      const { sub } = JSON.parse(
        Buffer.from(String(request.headers.authorization).split('.')[1] ?? '', 'base64url').toString(),
      );
      const scopes = [
        'ministry:registered',
        ...(Number(sub.slice(1)) % 2 === 0 ? ['ministry:identifying'] : []),
        ...(Number(sub.slice(1)) % 3 === 0 ? ['ministry:medical'] : []),
      ];
      return {
        custodian: 'ministry',
        grants: [granted(scopes)],
        otherPurpose: [],
        expired: [],
        askedAboutPersons: true,
      };
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_unused, n) =>
        federation.ask('{ certificates { nodes { id name cause } } }', { as: `v${n}` }),
      ),
    );
    for (const [n, { json }] of answers.entries()) {
      expect(json.data.certificates.nodes[0]).toEqual({
        id: 'ministry:1',
        name: n % 2 === 0 ? 'N' : null,
        cause: n % 3 === 0 ? 'C' : null,
      });
    }
  });

  test('a request in flight when the gateway is told to end is answered, and a new one refused', async () => {
    const other = await startSmallFederation();
    other.ministry.answer = async () => {
      await pause(300);
      return { data: { certificates: { totalCount: 5 } } };
    };
    const inFlight = other.ask('{ certificates { totalCount } }');
    await pause(150);
    const closing = other.close();
    expect((await inFlight).json.data).toEqual({ certificates: { totalCount: 5 } });
    await closing;
    await expect(other.ask('{ __typename }')).rejects.toThrow();
  });
});
