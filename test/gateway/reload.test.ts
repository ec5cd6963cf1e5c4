import { decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GatewayConfiguration } from '../../src/gateway/configuration.ts';
import { type Answer, type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
beforeEach(async () => {
  federation = await startSmallFederation({ deadlines: { request: 4_000, custodian: 3_000, access: 2_000 } });
});
afterEach(() => federation.close());

const CERTIFICATES = '{ certificates { nodes { id } } }';
const REPORTS = '{ reports { nodes { id } } }';

const reload = (changes: Partial<GatewayConfiguration>): ReturnType<SmallFederation['gateway']['reload']> =>
  federation.gateway.reload({ ...federation.configuration, ...changes });
const only = (id: string): GatewayConfiguration['custodians'] =>
  federation.configuration.custodians.filter((custodian) => custodian.id === id);
const codes = ({ json }: Answer): unknown[] =>
  (json.errors ?? []).map((error: Answer['json']) => error.extensions.code);
const kids = (): unknown[] =>
  federation.ministry.fetches.map(({ headers }) => decodeProtectedHeader(String(headers['amana-context'])).kid);

/** Asks without a pause until told to stop; answers everything that was answered. */
function askOn(query: string): () => Promise<Answer[]> {
  const stopping = new AbortController();
  const answers: Answer[] = [];
  const asking = (async () => {
    while (!stopping.signal.aborted) answers.push(await federation.ask(query));
  })();
  return async () => {
    stopping.abort();
    await asking;
    return answers;
  };
}

describe('a configuration that is read again', () => {
  test('takes a custodian out for requests to come, and not from those under way', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    federation.missing.answer = async () => {
      await held;
      return { data: { person: { __typename: 'Person', id: 'p1' } } };
    };
    // The Authority is fetched from first, and the Ministry only after it has been taken out.
    const underWay = federation.ask('{ person(id: "p1") { certificates { totalCount } } }');
    await vi.waitFor(() => expect(federation.missing.fetches).toHaveLength(1), 5_000);
    expect(await reload({ custodians: only('missing') })).toEqual({ taken: ['custodians'], refused: [] });
    expect(codes(await federation.ask(CERTIFICATES))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect((await federation.ask('{ custodians { id } }')).json.data.custodians).toEqual([{ id: 'missing' }]);
    release();
    expect((await underWay).json).toMatchObject({ data: { person: { certificates: { totalCount: 2 } } } });
    // What is no longer needed is closed once no request can need it any more.
    await vi.waitFor(
      () =>
        new Promise<void>((resolve, reject) => {
          federation.ministry.server.server.getConnections((_, count) =>
            count === 0 ? resolve() : reject(new Error(`${count}`)),
          );
        }),
      { timeout: 10_000, interval: 100 },
    );

    federation.missing.answer = undefined;
    await federation.gateway.reload(federation.configuration);
    expect((await federation.ask(CERTIFICATES)).json.errors).toBeUndefined();
  });

  test('takes another address and contact of a custodian without failing a request', async () => {
    const stop = askOn(CERTIFICATES);
    for (const contact of ['a@ministry.example', 'b@ministry.example', 'c@ministry.example']) {
      const custodians = federation.configuration.custodians.map((one) => ({ ...one, contact }));
      expect((await reload({ custodians })).taken).toEqual(['custodians']);
    }
    for (const answer of await stop()) expect(answer.json.errors).toBeUndefined();
    const { json } = await federation.ask('{ custodians { contact } }');
    expect(json.data.custodians[0]).toEqual({ contact: 'c@ministry.example' });
  });

  test('takes limits and operators', async () => {
    const limits = { ...federation.configuration.limits, depth: 3 };
    expect(await reload({ limits, operators: ['analyst'] })).toEqual({
      taken: ['limits.depth', 'operators'],
      refused: [],
    });
    const deeper = '{ certificates { nodes { person { id } } } }';
    expect(codes(await federation.ask(deeper))).toEqual(['OPERATION_TOO_COSTLY']);
    const { json } = await federation.ask('{ custodians { schema { isReached } } }', { as: 'analyst' });
    expect(json.data.custodians[0].schema).toEqual({ isReached: true });
  });

  test('refuses by name what needs a restart, and takes the rest', async () => {
    const { refused, taken } = await reload({
      mode: 'production',
      issuer: 'urn:test:other',
      listen: { host: '127.0.0.1', port: 1 },
      limits: { ...federation.configuration.limits, tokens: 1, depth: 13 },
      log: { ...federation.configuration.log, directory: '/elsewhere' },
    });
    expect(refused.sort()).toEqual(['issuer', 'limits.tokens', 'listen.port', 'log.directory', 'mode']);
    expect(taken).toEqual(['limits.depth']);
    expect((await federation.ask(CERTIFICATES)).json.errors).toBeUndefined();
  });

  test('changes nothing where it cannot be used', async () => {
    const [ministry] = only('ministry');
    await expect(reload({ custodians: [ministry!, ministry!], operators: ['x'] })).rejects.toThrow(/two have the id/u);
    await expect(reload({ signingKeyFile: '/nowhere', custodians: only('missing') })).rejects.toThrow(
      /cannot be read/u,
    );
    expect((await federation.ask(CERTIFICATES)).json.errors).toBeUndefined();
  });
});

describe('keys rotate while requests run, and none fails', () => {
  test("the gateway's: what it signs carries the new key as soon as the file is read again", async () => {
    const stop = askOn(CERTIFICATES);
    await vi.waitFor(() => expect(kids()).toContain('g'), 5_000);
    await federation.replaceSigningKey('g2');
    expect(await federation.gateway.reload(federation.configuration)).toEqual({
      taken: ['signingKeyFile'],
      refused: [],
    });
    const signedBefore = federation.ministry.fetches.length;
    await vi.waitFor(() => expect(kids().length).toBeGreaterThan(signedBefore + 5), 5_000);
    for (const answer of await stop()) expect(answer.json.errors).toBeUndefined();
    // One request may have been on its way with the old one.
    expect(new Set(kids().slice(signedBefore + 1))).toEqual(new Set(['g2']));
  });

  test("the provider's: a token signed with a key just published is taken", async () => {
    expect((await federation.ask(REPORTS)).status).toBe(200);
    // Keys are fetched again once the last time is five seconds ago, however many unknown keys are named.
    await new Promise((resolve) => setTimeout(resolve, 5_200));
    await federation.rotateProviderKey();
    for (const as of ['analyst', 'another']) expect((await federation.ask(REPORTS, { as })).status).toBe(200);
  });
});
