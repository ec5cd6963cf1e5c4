import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type CryptoKey,
  SignJWT,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  importJWK,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PEOPLE } from '../../src/demo/people.ts';
import { clientToken, signIn } from '../../src/demo/identity-provider/sign-in.ts';
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../../src/demo/identity-provider/start-identity-provider.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const REDIRECT = 'http://127.0.0.1:4000/signed-in';
const GATEWAY = { id: 'amana-gateway', secret: 'the gateway proves itself with this, in tests only' };
const DASHBOARD = { id: 'dashboard', secret: 'the dashboard proves itself with this, in tests only' };

let directory: string;
let provider: IdentityProvider;

const start = (port = 0): Promise<IdentityProvider> =>
  startIdentityProvider({
    host: '127.0.0.1',
    port,
    directory,
    people: PEOPLE,
    clients: { console: { id: 'amana-console', redirectUris: [REDIRECT] }, gateway: GATEWAY, dashboards: [DASHBOARD] },
    custodians: ['ministry', 'missing'],
  });

const tokenFor = (person: string): Promise<string> =>
  signIn({ issuer: provider.issuer, person, clientId: 'amana-console', redirectUri: REDIRECT });

const dashboardToken = (): Promise<string> => clientToken({ issuer: provider.issuer, ...DASHBOARD });

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(parameters: Record<string, string>, client?: { id: string; secret: string }): Promise<Answer> {
  const credentials = client && `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    ...(credentials && { headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const exchange = (subjectToken: string, changes: Record<string, string> = {}, client = GATEWAY): Promise<Answer> =>
  post(
    {
      grant_type: TOKEN_EXCHANGE,
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      audience: 'urn:amana:custodian:ministry',
      ...changes,
    },
    client,
  );

interface Forging {
  readonly typ?: string;
  readonly key?: CryptoKey;
}

/** A token like the provider's own, with one thing different; signed by the provider's key unless another is given. */
async function forge(claims: Record<string, unknown>, { typ = 'at+jwt', key }: Forging = {}): Promise<string> {
  const { keys } = JSON.parse(readFileSync(join(directory, 'signing-keys.json'), 'utf8'));
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: provider.issuer,
    sub: 'analyst',
    aud: 'urn:amana:gateway',
    client_id: 'amana-console',
    iat: now,
    nbf: now,
    exp: now + 600,
    jti: 'forged',
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: keys[0].kid, typ })
    .sign(key ?? (await importJWK(keys[0])));
}

const verify = (token: string, audience: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${provider.issuer}/jwks`)), {
    issuer: provider.issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'client_id'],
  });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'amana-idp-'));
  provider = await start();
});

afterAll(async () => {
  await provider.close();
  rmSync(directory, { recursive: true });
});

describe('signing in', () => {
  it.each(PEOPLE.map(({ id }) => id))(
    '%s gets an access token for the gateway that lives an hour at most',
    async (id) => {
      const { payload } = await verify(await tokenFor(id), 'urn:amana:gateway');
      expect(payload).toMatchObject({ sub: id, client_id: 'amana-console', aud: 'urn:amana:gateway' });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(3600);
      expect(payload.nbf).toBe(payload.iat);
    },
  );

  it('refuses who is not among its people', async () => {
    await expect(tokenFor('nobody')).rejects.toThrow('Nobody with the id nobody');
    await expect(tokenFor('dashboard')).rejects.toThrow('Nobody with the id dashboard');
  });

  const authorize = (changes: Record<string, string | undefined>): Promise<Response> => {
    const parameters = {
      client_id: 'amana-console',
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...changes,
    };
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const url = `${provider.issuer}/auth?${new URLSearchParams(given)}`;
    return fetch(url, { redirect: 'manual', headers: { 'accept-language': 'ar,en;q=0.5' } });
  };

  const redirected = async (changes: Record<string, string | undefined>): Promise<URLSearchParams> =>
    new URL((await authorize(changes)).headers.get('location') ?? '').searchParams;

  it('refuses a request without PKCE', async () => {
    const without = await redirected({ code_challenge: undefined, code_challenge_method: undefined });
    expect(without.get('error')).toBe('invalid_request');
    expect((await redirected({ code_challenge_method: 'plain' })).get('error')).toBe('invalid_request');
  });

  it('never redirects to an address that is not the console', async () => {
    const response = await authorize({ redirect_uri: 'http://127.0.0.1:4001/signed-in' });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(await response.text()).toContain('dir="rtl"');
  });

  it('gives no code for an audience that is not the gateway', async () => {
    expect((await redirected({ resource: 'urn:amana:custodian:ministry' })).get('error')).toBe('invalid_target');
  });

  /** Goes through the pages by hand, so that the code is left to the test. */
  const codeFor = async (person: string): Promise<string> => {
    const first = await authorize({});
    const cookies = first.headers.getSetCookie();
    const choice = { method: 'POST', body: new URLSearchParams({ person }) };
    let response = await follow(first, cookies, choice);
    cookies.push(...response.headers.getSetCookie());
    response = await follow(response, cookies);
    return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };

  const follow = (response: Response, cookies: string[], init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(response.headers.get('location') ?? '', provider.issuer), {
      ...init,
      redirect: 'manual',
      headers: { cookie: cookies.map((text) => text.split(';')[0]).join('; ') },
    });

  const redeem = (code: string, changes: Record<string, string> = {}): Promise<Answer> =>
    post({
      grant_type: 'authorization_code',
      client_id: 'amana-console',
      code,
      redirect_uri: REDIRECT,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      ...changes,
    });

  it('gives tokens for a code once, and only to whoever holds its verifier', async () => {
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    const code = await codeFor('analyst');
    expect(await redeem(code, { code_verifier: 'x'.repeat(43) })).toMatchObject(refused);
    expect(await redeem(code, { redirect_uri: 'http://127.0.0.1:4001/signed-in' })).toMatchObject(refused);
    const { status, body } = await redeem(code);
    expect(status).toBe(200);
    expect(decodeJwt(String(body.id_token))).toMatchObject({ name: 'Lina Darwish', 'name#ar': 'لينا درويش' });
    expect(await redeem(code)).toMatchObject(refused);
  });

  it('shows its people in both languages, without scripts, and keeps other sites from framing the page', async () => {
    const first = await authorize({});
    const cookie = first.headers
      .getSetCookie()
      .map((text) => text.split(';')[0])
      .join('; ');
    const url = new URL(first.headers.get('location') ?? '', provider.issuer);
    const page = await fetch(url, { headers: { cookie, 'accept-language': 'ar' } });
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).toContain('<html lang="ar" dir="rtl">');
    for (const { name } of PEOPLE) {
      expect(html).toContain(name.ar);
      expect(html).toContain(name.en);
    }
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/u);
    expect(page.headers.get('cache-control')).toBe('no-store');

    expect((await fetch(url)).status).toBe(400);
    const large = { method: 'POST', headers: { cookie }, body: 'x'.repeat(2_000) };
    expect((await fetch(url, large)).status).toBe(413);
  });
});

describe('a client of its own', () => {
  it('gets a token whose subject is itself', async () => {
    const { payload } = await verify(await dashboardToken(), 'urn:amana:gateway');
    expect(payload).toMatchObject({ sub: 'dashboard', client_id: 'dashboard' });
  });

  it('is refused with a wrong secret, and for another audience', async () => {
    const grant = { grant_type: 'client_credentials' };
    const wrong = await post(grant, { ...DASHBOARD, secret: 'guessed' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const elsewhere = await post({ ...grant, resource: 'urn:amana:custodian:ministry' }, DASHBOARD);
    expect(elsewhere).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('is refused the grants of others', async () => {
    for (const client of [GATEWAY, { id: 'amana-console', secret: '' }]) {
      const answer = await post({ grant_type: 'client_credentials' }, client);
      expect(answer.body.access_token).toBeUndefined();
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('token exchange', () => {
  it("gives the gateway a short token for one custodian with the viewer's subject", async () => {
    const { status, body } = await exchange(await tokenFor('analyst'));
    expect({ status, ...body }).toMatchObject({
      status: 200,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 300,
    });
    const { payload } = await verify(String(body.access_token), 'urn:amana:custodian:ministry');
    expect(payload).toMatchObject({ sub: 'analyst', client_id: 'amana-gateway', act: { sub: 'amana-gateway' } });
    expect(payload.aud).toBe('urn:amana:custodian:ministry');
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
    expect(decodeProtectedHeader(String(body.access_token))).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
  });

  it("exchanges a dashboard's own token too", async () => {
    const { body } = await exchange(await dashboardToken(), { audience: 'urn:amana:custodian:missing' });
    expect(decodeJwt(String(body.access_token))).toMatchObject({ sub: 'dashboard', client_id: 'amana-gateway' });
  });

  it('never outlives the token it was exchanged for', async () => {
    const exp = Math.floor(Date.now() / 1000) + 40;
    const { body } = await exchange(await forge({ exp }));
    expect(decodeJwt(String(body.access_token)).exp).toBe(exp);
    expect(body.expires_in).toBeLessThanOrEqual(40);
  });

  it('refuses an audience that is not one custodian', async () => {
    const token = await tokenFor('analyst');
    for (const audience of ['urn:amana:custodian:ngo-x', 'urn:amana:gateway', '']) {
      expect(await exchange(token, { audience })).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    }
    const both = await exchange(token, { resource: 'urn:amana:gateway' });
    expect(both).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('refuses every client but the gateway', async () => {
    const token = await tokenFor('analyst');
    const dashboard = await exchange(token, {}, DASHBOARD);
    expect(dashboard.status).toBe(400);
    expect(dashboard.body.access_token).toBeUndefined();
    const guessed = await exchange(token, {}, { ...GATEWAY, secret: 'guessed' });
    expect(guessed).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const console = await post({ grant_type: TOKEN_EXCHANGE, client_id: 'amana-console', subject_token: token });
    expect(console.body.access_token).toBeUndefined();
  });

  it('refuses to exchange an exchanged token again', async () => {
    const first = await exchange(await tokenFor('analyst'));
    const second = await exchange(String(first.body.access_token), { audience: 'urn:amana:custodian:missing' });
    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const dressedUp = await exchange(await forge({ client_id: 'amana-gateway' }));
    expect(dressedUp).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('refuses a subject token that is expired, early, foreign, unsigned, of another kind, or incomplete', async () => {
    const now = Math.floor(Date.now() / 1000);
    const { privateKey } = await generateKeyPair('ES256');
    const good = await forge({});
    const bad: Record<string, string> = {
      expired: await forge({ exp: now - 1 }),
      early: await forge({ nbf: now + 60 }),
      'another issuer': await forge({ iss: 'http://127.0.0.1:1' }),
      'another audience': await forge({ aud: 'urn:amana:custodian:ministry' }),
      'another key': await forge({}, { key: privateKey }),
      'another kind': await forge({}, { typ: 'JWT' }),
      'no subject': await forge({ sub: undefined }),
      'no client': await forge({ client_id: undefined }),
      'issued in the future': await forge({ nbf: undefined, iat: now + 60 }),
      unsigned: `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${good.split('.')[1]}.`,
      garbage: 'x',
      empty: '',
    };
    expect((await exchange(good)).status).toBe(200);
    for (const [what, token] of Object.entries(bad)) {
      expect([what, await exchange(token)]).toMatchObject([what, { status: 400, body: { error: 'invalid_request' } }]);
    }
  });

  it('refuses what it does not support rather than ignore it', async () => {
    const token = await tokenFor('analyst');
    const unsupported = { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' };
    expect((await exchange(token, unsupported)).body.error).toBe('invalid_request');
    expect((await exchange(token, { requested_token_type: 'urn:x' })).body.error).toBe('invalid_request');
    expect((await exchange(token, { actor_token: token })).body.error).toBe('invalid_request');
    expect((await exchange(token, { scope: 'missing:links' })).body.error).toBe('invalid_scope');
  });

  it('serves many at once, each with its own subject', async () => {
    const tokens = await Promise.all(PEOPLE.map(({ id }) => tokenFor(id)));
    const jobs = Array.from({ length: 60 }, (_, index) => index % PEOPLE.length);
    const subjects = await Promise.all(
      jobs.map(async (index) => decodeJwt(String((await exchange(tokens[index] ?? '')).body.access_token)).sub),
    );
    expect(subjects).toEqual(jobs.map((index) => PEOPLE[index]?.id));
  });
});

describe('across origins', () => {
  const tokenRequest = (origin: string, client: string): Promise<Response> =>
    fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: client,
        code: 'x',
        redirect_uri: REDIRECT,
      }),
    });

  it('answers the console, and nobody else', async () => {
    const allowed = await tokenRequest('http://127.0.0.1:4000', 'amana-console');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:4000');
    const foreign = await tokenRequest('http://127.0.0.1:4001', 'amana-console');
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('over restarts', () => {
  it('keeps tokens valid, and its keys to itself', async () => {
    const token = await tokenFor('analyst');
    const port = Number(new URL(provider.issuer).port);
    await provider.close();
    provider = await start(port);
    // The first try may find the connections of the provider that has gone.
    await vi.waitFor(async () => expect((await exchange(token)).status).toBe(200));
    expect(statSync(join(directory, 'signing-keys.json')).mode & 0o777).toBe(0o600);
    const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('refuses a person and a client with one id', async () => {
    const dashboards = [{ ...DASHBOARD, id: 'analyst' }];
    const clients = { console: { id: 'amana-console', redirectUris: [REDIRECT] }, gateway: GATEWAY, dashboards };
    const clash = startIdentityProvider({
      host: '127.0.0.1',
      port: 0,
      directory,
      people: PEOPLE,
      clients,
      custodians: [],
    });
    await expect(clash).rejects.toThrow('bear the id analyst');
  });
});

describe('as a process', () => {
  const run = (port: number): ChildProcess => {
    const secret = join(directory, 'secret');
    writeFileSync(secret, 'k'.repeat(43));
    const program = 'src/demo/identity-provider/main.ts';
    const given = ['--directory', join(directory, 'process'), '--port', String(port), '--redirect-uri', REDIRECT];
    const rest = ['--gateway-secret-file', secret, '--dashboard-secret-file', secret, '--custodian', 'ministry'];
    return spawn(process.execPath, ['--import', './bin/register.mjs', program, ...given, ...rest]);
  };

  it('says in one line where it listens, and ends on SIGTERM', async () => {
    const child = run(0);
    const lines: string[] = [];
    const exited = once(child, 'exit');
    if (!child.stdout) throw new Error('no standard output');
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
    await once(reader, 'line');
    const issuer = lines[0]?.replace('listening ', '') ?? '';
    const token = await signIn({ issuer, person: 'journalist', clientId: 'amana-console', redirectUri: REDIRECT });
    expect(decodeJwt(token)).toMatchObject({ sub: 'journalist', iss: issuer });
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(lines).toHaveLength(1);
    expect(existsSync(join(directory, 'process', 'signing-keys.json'))).toBe(true);
  });

  it('says so when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const child = run(typeof address === 'object' && address ? address.port : 0);
    let complaint = '';
    child.stderr?.on('data', (chunk) => (complaint += chunk));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(complaint).toContain('in use');
    other.close();
  });
});
