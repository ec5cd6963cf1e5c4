import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, createLocalJWKSet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessTokenVerifier } from '../../src/protocol/access-token.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { granted } from '../gateway/authorize.ts';
import { type SmallFederation, startSmallFederation } from '../gateway/small-federation.ts';
import { type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';

/** Several requests in a row on one connection, as they are sent, and all that comes back. */
async function overOneConnection(url: string, requests: readonly { path: string; headers: object; body: string }[]) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  for (const [index, { path, headers, body }] of requests.entries()) {
    const lines = Object.entries({
      host: hostname,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      connection: index === requests.length - 1 ? 'close' : 'keep-alive',
      ...headers,
    });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n${body}`);
  }
  const answers = (await text(socket)).split(/(?=HTTP\/1\.1 \d{3} )/u);
  return answers.map((answer) => ({
    status: Number(answer.slice(9, 12)),
    json: JSON.parse(/\{.*\}/su.exec(answer)?.[0] ?? 'null'),
  }));
}

describe('at the gateway', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    federation = await startSmallFederation();
    // What is granted follows from who asks and for what, as the credentials say it.
    federation.ministry.access = async ({ headers }) => {
      const { sub, subject_kind: kind, purpose } = decodeJwt(String(headers['amana-context']));
      const scopes = [
        'registered',
        ...(sub === 'seer' && kind === 'USER' ? ['identifying'] : []),
        ...(purpose === 'RESEARCH' ? ['medical'] : []),
      ];
      const grants = [granted(scopes.map((scope) => `ministry:${scope}`))];
      return { custodian: 'ministry', grants, otherPurpose: [], expired: [], askedAboutPersons: true };
    };
  });
  afterAll(() => federation?.close());
  beforeEach(() => federation.forget());

  const QUERY = '{ certificates(first: 2) { nodes { id name cause } } }';
  const seen = async (as: string, { purpose = 'IDENTIFICATION', token }: { purpose?: string; token?: string } = {}) => {
    const headers = { 'amana-purpose': purpose, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const { json } = await federation.ask(QUERY, { as, headers });
    const { name, cause } = json.data.certificates.nodes[0];
    return [name, cause];
  };

  test('a grant of one viewer is none of another whose name, kind or purpose looks like his', async () => {
    const client = await federation.token('seer', 'seer');
    const others: [string, { purpose?: string; token?: string }?][] = [
      ['seer '],
      ['SEER'],
      ['seer","USER","IDENTIFICATION","ministry"]'],
      ['["seer"'],
      ['seer\\'],
      ['seer\u0000'],
      ['constructor'],
      ['__proto__'],
      ['seer', { token: client }],
    ];
    for (let round = 0; round < 2; round += 1) {
      expect(await seen('seer')).toEqual(['N', null]);
      for (const [as, more] of others) expect([as, await seen(as, more)]).toEqual([as, [null, null]]);
      expect(await seen('seer', { purpose: 'RESEARCH' })).toEqual(['N', 'C']);
      expect(await seen('other', { purpose: 'RESEARCH' })).toEqual([null, 'C']);
    }
  });

  test('nor while the question for it is under way', async () => {
    const asked = Array.from({ length: 24 }, (_, n) => ['seer', 'other'][n % 2]!);
    const purposes = ['IDENTIFICATION', 'RESEARCH', 'STATISTICS; ref="1"', 'STATISTICS; ref="2"'];
    const answers = await Promise.all(
      asked.map((as, n) => seen(as, { purpose: purposes[n % 4]! }).then((found) => [as, n, found] as const)),
    );
    for (const [as, n, found] of answers) expect(found).toEqual([as === 'seer' ? 'N' : null, n % 4 === 1 ? 'C' : null]);
  });

  test('each fetch carries the credentials of the one who asks, for his purpose and reference', async () => {
    const questions = ['seer', 'other', 'third'].flatMap((as) =>
      ['A-1', 'A-2'].map((ref) => ({ as, ref, purpose: `IDENTIFICATION; ref="${ref}"` })),
    );
    for (let round = 0; round < 2; round += 1) {
      federation.forget();
      for (const { as, purpose } of questions) await seen(as, { purpose });
      const carried = federation.ministry.fetches.map(({ headers }) => {
        const token = decodeJwt(String(headers['authorization']).slice('Bearer '.length));
        const context = decodeJwt(String(headers['amana-context']));
        expect(token['aud']).toBe('urn:amana:custodian:ministry');
        return [token['sub'], context['sub'], context['ref']];
      });
      expect(carried).toEqual(questions.map(({ as, ref }) => [as, as, ref]));
    }
  });

  test('a second token of one viewer is exchanged for itself', async () => {
    const [first, second] = [await federation.token('seer'), await federation.token('seer', 'another-client')];
    await seen('seer', { token: first });
    await seen('seer', { token: second });
    await seen('seer', { token: first });
    const [one, other, again] = federation.ministry.fetches.map(({ headers }) => headers['authorization']);
    expect(other).not.toBe(one);
    expect(again).toBe(one);
  });

  test('a token that was taken once is none where a letter of it is another, or its end is gone', async () => {
    const token = await federation.token('seer');
    expect(await seen('seer', { token })).toEqual(['N', null]);
    federation.forget();
    const [header, payload, signature = ''] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'other' })).toString('base64url');
    for (const forged of [
      `${header}.${claims}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}.`,
      `${token}${token}`,
    ]) {
      const { status } = await federation.ask(QUERY, { headers: { authorization: `Bearer ${forged}` } });
      expect(status).toBe(401);
    }
    expect(federation.ministry.fetches).toEqual([]);
  });

  test('a document that was found valid makes no other valid: not with another value, or beside something that is not', async () => {
    const valid = 'query A { certificates(first: 1, filter: { disputed: true }) { nodes { id } } }';
    expect((await federation.ask(valid)).status).toBe(200);
    federation.forget();
    for (const [query, code] of [
      [valid.replace('first: 1', 'first: "1"'), undefined],
      [valid.replace('first: 1', 'first: {a: 1}'), undefined],
      [valid.replace('disputed: true', 'disputed: "true"'), undefined],
      [valid.replace('disputed: true', 'undisputed: true'), 'GRAPHQL_VALIDATION_FAILED'],
      [valid.replace('{ id }', '{ id secret }'), 'GRAPHQL_VALIDATION_FAILED'],
      [`${valid} fragment F on Certificate { secret }`, 'GRAPHQL_VALIDATION_FAILED'],
    ] as const) {
      const { status, json } = await federation.ask(query);
      expect([query, status]).toEqual([query, 400]);
      if (code !== undefined) expect(json.errors[0].extensions.code).toBe(code);
    }
    expect(federation.ministry.fetches).toEqual([]);
    expect((await federation.ask(valid)).status).toBe(200);
  });

  test('a plan is shared by those alone who may ask for the same, and holds no value of anybody’s', async () => {
    const query = 'query ($n: Int) { certificates(first: $n, filter: { id: ["ministry:1"] }) { nodes { id name } } }';
    for (const [as, n] of [
      ['seer', 3],
      ['other', 4],
      ['seer', 5],
      ['third', 6],
    ] as const) {
      federation.forget();
      await federation.ask(query.replace('ministry:1', `ministry:${as}`), { as, variables: { n } });
      const [fetched] = federation.ministry.fetches;
      expect(fetched?.query.includes('name')).toBe(as === 'seer');
      expect(Object.values(fetched?.variables ?? {})).toEqual(expect.arrayContaining([n, { id: [`ministry:${as}`] }]));
      expect(fetched?.query).not.toContain(as);
    }
  });

  test('a connection holds nothing of the request before it', async () => {
    const token = async (as: string) => ({
      authorization: `Bearer ${await federation.token(as)}`,
      'amana-purpose': 'IDENTIFICATION',
    });
    const body = JSON.stringify({ query: QUERY });
    const asked = (headers: object) => ({ path: '/graphql', headers, body });
    const answers = await overOneConnection(federation.gateway.url, [
      asked(await token('seer')),
      asked({}),
      asked(await token('other')),
      asked({ authorization: (await token('seer')).authorization }),
      asked(await token('seer')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 400, 200]);
    expect(answers.map(({ json }) => json.data?.certificates.nodes[0].name)).toEqual([
      'N',
      undefined,
      null,
      undefined,
      'N',
    ]);
  });
});

describe('at a custodian', () => {
  let custodian: TemporaryCustodian;
  beforeAll(async () => {
    custodian = await temporaryCustodian('ministry', ministry);
    const sealed = await custodian.labelSet('SEALED');
    await custodian.insert(
      'death_certificates',
      Array.from({ length: 6 }, (_, n) => ({
        ...{ id: `ministry:${n}`, reference: `R-${n}`, review_status: 'PRELIMINARY', disputed: n % 2 === 0 },
        ...{ sort_key: `${n}`, label_set: n < 3 ? 1 : sealed, labels: n < 3 ? [] : ['SEALED'] },
      })),
    );
    const scopes = ['ministry:registered', 'ministry:identifying'];
    await custodian.grant({ scopes, subject: 'outsider' });
    await custodian.grant({ scopes, subject: 'cleared', clears: ['SEALED'] });
    await custodian.grant({ scopes: ['ministry:registered'], subject: 'registered', clears: ['SEALED'] });
  });
  afterAll(() => custodian?.close());

  const QUERY = '{ deathCertificates { totalCount nodes { id reference } } }';
  const SEES: Readonly<Record<string, readonly [count: number, reference: string | null]>> = {
    outsider: [3, 'R-0'],
    cleared: [6, 'R-0'],
    registered: [6, null],
  };
  const seenIn = (list: { totalCount: number; nodes: { reference: string | null }[] }) => [
    list.totalCount,
    list.nodes[0]?.reference,
  ];

  test('viewers at the same time, or one after the other, share no page, count or grant', async () => {
    const viewers = Object.keys(SEES);
    for (let round = 0; round < 2; round += 1) {
      const asked = Array.from({ length: 30 }, (_, n) => viewers[(n * 7 + round) % 3]!);
      const answers = await Promise.all(asked.map(async (as) => [as, await custodian.ask(QUERY, { as })] as const));
      for (const [as, { data }] of answers) expect([as, seenIn(data.deathCertificates)]).toEqual([as, SEES[as]]);
    }
  });

  test('within a request, one list asked for in several ways is each as it was asked for', async () => {
    const { data, errors } = await custodian.ask(
      `{ all: deathCertificates { totalCount nodes { id } } two: deathCertificates(first: 2) { totalCount nodes { id } }
         disputed: deathCertificates(filter: { disputed: true }) { totalCount nodes { id } }
         settled: deathCertificates(filter: { disputed: false }) { totalCount nodes { id } }
         none: deathCertificates(filter: { disputed: null }) { totalCount nodes { id } }
         one: deathCertificates(filter: { reference: "R-1" }) { totalCount nodes { id } }
         both: deathCertificates(filter: { reference: "R-1", disputed: true }) { totalCount nodes { id } } }`,
      { as: 'outsider' },
    );
    expect(errors).toEqual([]);
    const found = Object.entries<{ totalCount: number; nodes: { id: string }[] }>(data).map(
      ([name, { totalCount, nodes }]) => [name, totalCount, nodes.map(({ id }) => id.slice(-1)).join('')],
    );
    expect(found).toEqual([
      ['all', 3, '012'],
      ['two', 3, '01'],
      ['disputed', 2, '02'],
      ['settled', 1, '1'],
      ['none', 3, '012'],
      ['one', 1, '1'],
      ['both', 0, ''],
    ]);
  });

  test('a token that was taken once opens nothing beside another’s context, nor with another’s name in it', async () => {
    const good = await custodian.credentials({ as: 'cleared' });
    const token = (good['authorization'] ?? '').slice('Bearer '.length);
    expect(seenIn((await custodian.ask(QUERY, { as: 'cleared', token })).data.deathCertificates)).toEqual(
      SEES['cleared'],
    );
    expect((await custodian.ask(QUERY, { as: 'outsider', token })).status).toBe(401);
    const [header, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'outsider' })).toString('base64url');
    expect((await custodian.ask(QUERY, { as: 'outsider', token: `${header}.${claims}.${signature}` })).status).toBe(
      401,
    );
    const outsider = await custodian.credentials({ as: 'outsider' });
    const crossed = await custodian.ask(QUERY, { as: 'cleared', token, context: outsider['amana-context'] ?? '' });
    expect(crossed.status).toBe(401);
  });

  test('a connection holds nothing of the request before it', async () => {
    const body = JSON.stringify({ query: QUERY });
    const asked = (headers: object) => ({ path: '/ministry/graphql', headers, body });
    const of = (as: string) => custodian.credentials({ as });
    const { authorization } = await of('cleared');
    const answers = await overOneConnection(custodian.url, [
      asked(await of('cleared')),
      asked({}),
      asked(await of('outsider')),
      asked({ authorization }),
      asked(await of('registered')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 401, 200]);
    expect(answers.flatMap(({ json }) => (json.data ? [seenIn(json.data.deathCertificates)] : []))).toEqual([
      SEES['cleared'],
      SEES['outsider'],
      SEES['registered'],
    ]);
  });
});

test('a verified token is remembered until it expires and no longer, and for one audience alone', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] });
  const clock = { now: Date.now() };
  const verifierFor = (audience: string) =>
    accessTokenVerifier({ issuer: 'https://issuer.example', audience, keys, now: () => clock.now });
  const [own, other] = [verifierFor('urn:one'), verifierFor('urn:other')];
  const seconds = Math.floor(clock.now / 1000);
  const token = await new SignJWT({ client_id: 'console' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
    .setIssuer('https://issuer.example')
    .setSubject('viewer')
    .setAudience('urn:one')
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 60)
    .sign(privateKey);
  expect(await own(token)).toMatchObject({ sub: 'viewer' });
  await expect(other(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  clock.now += 59_000;
  expect(await own(token)).toMatchObject({ sub: 'viewer' });
  clock.now += 2_000;
  await expect(own(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
