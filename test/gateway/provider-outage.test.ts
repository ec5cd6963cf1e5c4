import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
beforeEach(async () => {
  federation = await startSmallFederation();
});
afterEach(async () => {
  vi.useRealTimers();
  await federation.close();
});

const QUERY = '{ certificates { totalCount } reports { nodes { id } } }';

describe.each<[string, SmallFederation['provider']]>([
  ['does not answer', async (request) => void request.raw.socket.destroy()],
  ['breaks', async (_, reply) => reply.code(500).send({ error: 'secret' })],
  ['answers HTML', async (_, reply) => reply.type('text/html').send('<h1>secret</h1>')],
])('an identity provider that %s', (_, fail) => {
  test('refuses nobody: that it cannot be found out who asks is said of the whole request', async () => {
    const headers = { authorization: `Bearer ${await federation.token('analyst')}` };
    federation.provider = fail;
    // The provider's keys, which were fetched at the start, are held for ten minutes.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
    const { status, json, text } = await federation.ask(QUERY, { headers });
    expect(status).toBe(503);
    expect(json.errors).toMatchObject([{ extensions: { code: 'IDENTITY_PROVIDER_UNAVAILABLE' } }]);
    expect(text).not.toContain('secret');
    expect(federation.log().at(-1)).toMatchObject({ event: 'REFUSED', codes: ['IDENTITY_PROVIDER_UNAVAILABLE'] });
    federation.provider = undefined;
    vi.useRealTimers();
    expect((await federation.ask(QUERY)).json.errors).toBeUndefined();
  });

  test('costs those parts alone for which it is needed, which are not denied, and no custodian is left alone', async () => {
    const headers = { authorization: `Bearer ${await federation.token('analyst')}` };
    await federation.ask('{ certificates { totalCount } }', { headers });
    federation.provider = fail;
    for (let n = 0; n < 4; n += 1) {
      const { status, json } = await federation.ask(QUERY, n === 0 ? { headers } : { as: `other-${n}` });
      expect(status).toBe(200);
      expect(json.data.reports).toBeNull();
      expect(json.data.certificates).toEqual(n === 0 ? { totalCount: 2 } : null);
      expect(json.errors.map(({ extensions }: { extensions: object }) => extensions)).toEqual(
        Array.from({ length: n === 0 ? 1 : 2 }, () => ({ code: 'IDENTITY_PROVIDER_UNAVAILABLE' })),
      );
      expect(json.extensions.custodians).toContainEqual({ custodian: 'missing', status: 'UNAVAILABLE', records: 0 });
      expect(json.extensions.withheld).toEqual([]);
    }
    federation.provider = undefined;
    expect((await federation.ask(QUERY, { as: 'other-9' })).json.errors).toBeUndefined();
  });
});

test('a token that the provider does not exchange is no outage of the provider', async () => {
  await federation.ask(QUERY);
  federation.provider = async (_, reply) => reply.code(400).send({ error: 'invalid_target' });
  const { json } = await federation.ask(QUERY, { as: 'another' });
  expect(json.errors).toMatchObject([
    { extensions: { code: 'CUSTODIAN_UNAVAILABLE' } },
    { extensions: { code: 'CUSTODIAN_UNAVAILABLE' } },
  ]);
});

test('a token of no key of the provider’s is refused as ever', async () => {
  const other = await startSmallFederation();
  try {
    const token = await other.token('analyst');
    const { status } = await federation.ask(QUERY, { headers: { authorization: `Bearer ${token}` } });
    expect(status).toBe(401);
  } finally {
    await other.close();
  }
});
