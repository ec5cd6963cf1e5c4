import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importJWK } from 'jose';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { type RequestContext, signSchemaCredential } from '../../src/protocol/request-context.ts';
import { signLinksExport } from '../../src/protocol/links-export.ts';
import { foreignKey } from './forged-tokens.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  accessToken,
  ask,
  custodianAddress,
  custodianToken,
  federation,
  give,
  keys,
  post,
  requestContext,
  settings,
  startGateway,
} from './harness.ts';
import { expectRefusal, loggedAtCustodian, loggedAtGateway } from './refusals.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const LISTS = { ministry: 'deathCertificates', missing: 'missingPersonReports', 'ngo-a': 'collections' } as const;
const VIEWER: RequestContext = { subject: 'replayed', subjectKind: 'USER', purpose: 'IDENTIFICATION' };
type Replayed = (typeof CUSTODIANS)[number];
const query = (custodian: Replayed): string => `{ ${LISTS[custodian]} { nodes { id } } }`;
const others = (custodian: Custodian): Replayed[] => CUSTODIANS.filter((other) => other !== custodian);

/** What really crossed the wire to each custodian when the gateway asked there for the viewer. */
const wire = {} as Record<Custodian, { authorization: string; context: string }>;
let gateway: OwnGateway;
const proxies: RecordingProxy[] = [];

beforeAll(async () => {
  await Promise.all(
    CUSTODIANS.flatMap((custodian) => [
      give(custodian, 'replayed', ['registered']),
      give(custodian, 'replayed-neighbour', ['registered']),
    ]),
  );
  const addresses: Partial<Record<Custodian, string>> = {};
  for (const custodian of CUSTODIANS) {
    const proxy = await recordingProxy(federation.custodians[custodian]);
    proxies.push(proxy);
    addresses[custodian] = proxy.url;
    proxy.heard = ({ headers }) => {
      wire[custodian] = { authorization: String(headers['authorization']), context: String(headers['amana-context']) };
    };
  }
  gateway = await startGateway(addresses);
  const all = CUSTODIANS.map((custodian) => `${LISTS[custodian]} { nodes { id } }`).join(' ');
  const { errors, withheld } = await ask(`{ ${all} }`, { as: 'replayed', gateway: gateway.url });
  expect([errors, withheld]).toEqual([[], []]);
});
afterAll(async () => {
  await gateway?.stop();
  for (const proxy of proxies) await proxy.close();
});

/** Knocks at a custodian's door with what somebody got hold of; a part that is left out is not sent. */
async function knock(custodian: Replayed, sent: { authorization?: string; context?: string }): Promise<Answer> {
  const headers = {
    'amana-request-id': randomUUID(),
    ...(sent.authorization !== undefined && { authorization: sent.authorization }),
    ...(sent.context !== undefined && { 'amana-context': sent.context }),
  };
  const answer = await post(custodianAddress(custodian), { query: query(custodian) }, headers);
  if (answer.requestId !== '') expect(answer.requestId).toBe(headers['amana-request-id']);
  return answer;
}

/** Refused with the code, nothing shown, and the refusal in the custodian's own log. */
async function expectRefused(custodian: Replayed, sent: Parameters<typeof knock>[1], code: ErrorCode): Promise<void> {
  const answer = await knock(custodian, sent);
  expectRefusal(answer, code);
  expect(await loggedAtCustodian(custodian, answer.requestId)).toMatchObject([
    { outcome: 'REFUSED', code, coordinates: [], records: [] },
  ]);
  const { authorization = '', context = '' } = sent;
  const access = await fetch(`${federation.custodians[custodian]}/access`, {
    headers: { ...(authorization && { authorization }), ...(context && { 'amana-context': context }) },
  });
  expect(access.status).toBe(401);
  expect(await access.text()).not.toMatch(/registered|grants/u);
}

const bearer = async (token: Promise<string>): Promise<string> => `Bearer ${await token}`;
const ownToken = (custodian: Custodian): Promise<string> => bearer(custodianToken(custodian, 'replayed'));

describe.each(CUSTODIANS)('at %s', (custodian) => {
  it('what was meant for it is served, so that the rest of these tests can fail', async () => {
    const served = await knock(custodian, wire[custodian]);
    expect(served.data[LISTS[custodian]].nodes.length).toBeGreaterThan(0);
    const authorization = await ownToken(custodian);
    const made = await knock(custodian, { authorization, context: await requestContext(custodian, VIEWER) });
    expect(made.data).toEqual(served.data);
  });

  it.each(others(custodian))('the token of %s is refused, with and without a context', async (other) => {
    const { authorization } = wire[other];
    await expectRefused(custodian, { authorization }, 'UNAUTHENTICATED');
    await expectRefused(custodian, wire[other], 'UNAUTHENTICATED');
    await expectRefused(custodian, { authorization, context: wire[custodian].context }, 'UNAUTHENTICATED');
  });

  it.each(others(custodian))('the context of %s is refused beside a good token', async (other) => {
    const { authorization } = wire[custodian];
    await expectRefused(custodian, { authorization, context: wire[other].context }, 'CONTEXT_INVALID');
  });

  it('the viewer’s own token for the gateway is refused', async () => {
    const authorization = await bearer(accessToken('replayed'));
    await expectRefused(custodian, { authorization, context: wire[custodian].context }, 'UNAUTHENTICATED');
  });

  it('a context alone, or a token alone, is refused', async () => {
    const { authorization, context } = wire[custodian];
    await expectRefused(custodian, { context }, 'UNAUTHENTICATED');
    await expectRefused(custodian, { authorization }, 'CONTEXT_INVALID');
    await expectRefused(custodian, { authorization: `Bearer ${context}`, context }, 'UNAUTHENTICATED');
  });

  it('the context of another viewer is refused, and the token of another beside a good context', async () => {
    const neighbour = { ...VIEWER, subject: 'replayed-neighbour' };
    const { authorization, context } = wire[custodian];
    const borrowed = await requestContext(custodian, neighbour);
    await expectRefused(custodian, { authorization, context: borrowed }, 'CONTEXT_INVALID');
    const theirs = await bearer(custodianToken(custodian, 'replayed-neighbour'));
    await expectRefused(custodian, { authorization: theirs, context }, 'CONTEXT_INVALID');
  });

  it.each([
    [
      'signed by another key under the gateway’s key id',
      async () => ({ key: await foreignKey(String(keys.gateway().kid)) }),
    ],
    ['signed by another key under an id of its own', async () => ({ key: await foreignKey('own') })],
    ['signed by the identity provider', async () => ({ key: keys.provider() })],
    ['signed by the link register', async () => ({ key: keys.linkRegister() })],
    ['more than a minute old', async () => ({ now: Date.now() - 63_000 })],
    ['of last week', async () => ({ now: Date.now() - 7 * 86_400_000 })],
    ['of the future', async () => ({ now: Date.now() + 120_000 })],
  ])('a context %s is refused', async (_, how) => {
    const context = await requestContext(custodian, VIEWER, await how());
    await expectRefused(custodian, { authorization: await ownToken(custodian), context }, 'CONTEXT_INVALID');
  });

  it('a context that was changed after it was signed is refused', async () => {
    const [header = '', payload = '', signature = ''] = wire[custodian].context.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const changes = [
      { purpose: 'CRIMINAL_INVESTIGATION' },
      { subject_kind: 'CLIENT' },
      { ref: 'A-17/2026' },
      { exp: claims.exp + 600 },
    ];
    for (const change of changes) {
      const changed = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url');
      const context = [header, changed, signature].join('.');
      await expectRefused(custodian, { ...wire[custodian], context }, 'CONTEXT_INVALID');
    }
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'amana-context+jwt' })).toString('base64url');
    await expectRefused(custodian, { ...wire[custodian], context: `${none}.${payload}.` }, 'CONTEXT_INVALID');
  });

  it('what the same keys signed for something else is no context', async () => {
    const signer = async (key: ReturnType<typeof keys.gateway>) => {
      const imported = await importJWK(key, 'ES256');
      if (imported instanceof Uint8Array) throw new TypeError('a private key is needed');
      const issuer = String(settings('gateway')['issuer']);
      return { issuer, key: imported, kid: String(key.kid), alg: 'ES256', now: Date.now };
    };
    const credential = await signSchemaCredential(await signer(keys.gateway()), custodian);
    const links = await signLinksExport(await signer(keys.linkRegister()), custodian, { links: [], persons: [] });
    for (const context of [credential, links]) {
      await expectRefused(custodian, { authorization: await ownToken(custodian), context }, 'CONTEXT_INVALID');
    }
    const schema = `${federation.custodians[custodian]}/${custodian === 'ngo-a' ? 'ngo' : custodian}/schema`;
    const opened = await fetch(schema, { headers: { 'amana-context': credential } });
    expect([opened.status, await opened.text()]).toEqual([200, expect.stringContaining('type Query')]);
    for (const context of [wire[custodian].context, links]) {
      const refused = await fetch(schema, { headers: { ...wire[custodian], 'amana-context': context } });
      expect([refused.status, await refused.text()]).toEqual([401, expect.not.stringContaining('type Query')]);
    }
    for (const other of others(custodian)) {
      const { url } = { url: schema.replace(federation.custodians[custodian], federation.custodians[other]) };
      const refused = await fetch(url.replace(/\/[a-z]+\/schema$/u, `/${other === 'ngo-a' ? 'ngo' : other}/schema`), {
        headers: { 'amana-context': credential },
      });
      expect(refused.status).toBe(401);
    }
  });

  it('its own token opens nothing at the gateway', async () => {
    const answer = await ask(query(custodian), { token: wire[custodian].authorization.replace('Bearer ', '') });
    expectRefusal(answer, 'UNAUTHENTICATED');
    expect(loggedAtGateway(answer.requestId)).toMatchObject([{ event: 'REFUSED', codes: ['UNAUTHENTICATED'] }]);
  });

  it('what the gateway sends is for this custodian alone, for a minute and a few, and not the viewer’s own', async () => {
    const claims = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
    const [token, context] = [claims(wire[custodian].authorization), claims(wire[custodian].context)];
    for (const { aud } of [token, context]) expect(aud).toBe(`urn:amana:custodian:${custodian}`);
    expect(token).toMatchObject({ sub: 'replayed', client_id: 'amana-gateway' });
    expect(context).toMatchObject({ sub: 'replayed', subject_kind: 'USER', purpose: 'IDENTIFICATION' });
    expect(context.exp - context.iat).toBeLessThanOrEqual(60);
    expect(token.exp - token.iat).toBeLessThanOrEqual(300);
  });
});

it('a gateway’s credentials open no door where they are sent in other headers', async () => {
  const { authorization, context } = wire.ministry;
  const url = `${custodianAddress('ministry')}?access_token=${authorization.slice(7)}&context=${context}`;
  const cookie = `access_token=${authorization.slice(7)}; amana-context=${context}`;
  expectRefusal(await post(url, { query: query('ministry') }, { cookie }), 'UNAUTHENTICATED');
  expectRefusal(await post(url, { query: query('ministry') }, { cookie, authorization }), 'CONTEXT_INVALID');
});
