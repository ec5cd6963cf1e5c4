import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JWK, SignJWT, importJWK } from 'jose';
import { afterAll, inject } from 'vitest';
import { parse, stringify } from 'yaml';
import { type RunningProcess, startProcess } from '../../src/demo/start-process.ts';
import { GATEWAY_AUDIENCE, custodianAudience } from '../../src/protocol/identifiers.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import { type RequestContext, signRequestContext } from '../../src/protocol/request-context.ts';
import { loadCustodianConfiguration } from '../../src/subgraphs/kit/configuration.ts';
import { type GrantRequest, grant, revoke } from '../../src/subgraphs/kit/grants.ts';
import { openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import type { Storage } from '../../src/subgraphs/kit/storage.ts';
import type { SharedFederation } from './global-setup.ts';

export type Custodian = keyof SharedFederation['custodians'];

const SUBGRAPH: Readonly<Record<Custodian, string>> = {
  ministry: 'ministry',
  missing: 'missing',
  'ngo-a': 'ngo',
  'ngo-b': 'ngo',
};

/** The real federation that the tests of this folder share. */
export const federation: SharedFederation = inject('federation');

/** A GraphQL answer with its HTTP status; `data` and `extensions` are read freely by tests. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly data: any;
  readonly errors: readonly { message: string; path?: (string | number)[]; extensions: { code: string } }[];
  readonly withheld: readonly Withheld[];
  readonly custodians: readonly { custodian: string; status: string; records: number }[];
  readonly requestId: string;
  readonly text: string;
}

export interface Withheld {
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly custodian: string;
  readonly requires: readonly (readonly string[])[];
  readonly reason: string;
  readonly contact: string;
  readonly partial?: boolean;
}

/** Who asks what of whom. A `token` or `purpose` of null sends none. */
export interface Question {
  readonly as?: string;
  readonly token?: string | null;
  readonly purpose?: Purpose | (string & {}) | null;
  readonly variables?: Record<string, unknown>;
  readonly gateway?: string;
  readonly headers?: Record<string, string>;
  readonly extensions?: Record<string, unknown>;
  readonly signal?: AbortSignal;
}

/** Asks the gateway as somebody would. */
export async function ask(query: string, question: Question = {}): Promise<Answer> {
  const { as = 'analyst', purpose = 'IDENTIFICATION', variables, gateway = federation.gateway, extensions } = question;
  const token = question.token === undefined ? await accessToken(as) : question.token;
  return post(
    `${gateway}/graphql`,
    { query, variables, extensions },
    {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(purpose !== null && { 'amana-purpose': purpose }),
      ...question.headers,
    },
    question.signal,
  );
}

/** Posts JSON and reads a GraphQL answer, whatever its status. */
export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return {
    status: response.status,
    headers: response.headers,
    data: json.data,
    errors: json.errors ?? [],
    withheld: json.extensions?.withheld ?? [],
    custodians: json.extensions?.custodians ?? [],
    requestId: json.extensions?.requestId ?? '',
    text,
  };
}

/** The text of an answer but for the request's id, so that two answers can be compared to the byte. */
export const withoutRequestId = ({ text }: Answer): string => text.replace(/"requestId":"[^"]*"/u, '"requestId":""');

/** What a token is made of when a test wants other claims than the provider would write. */
export interface TokenClaims {
  readonly aud?: string;
  readonly iss?: string;
  readonly client_id?: string;
  readonly expiresIn?: number;
  readonly typ?: string;
  /** Claims that override those of a good token. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly without?: readonly string[];
  /** The key that signs; the provider's by default. */
  readonly key?: JWK;
}

const privateKey = (file: string): JWK => {
  const json = JSON.parse(readFileSync(join(federation.directory, file), 'utf8'));
  return json.keys?.[0] ?? json;
};

/** The provider's, the gateway's and the Authority's private keys, as the demo keeps them. */
export const keys = {
  provider: (): JWK => privateKey('identity-provider/signing-keys.json'),
  gateway: (): JWK => privateKey('keys/gateway.jwk.json'),
  linkRegister: (): JWK => privateKey('keys/link-register.jwk.json'),
};

/** An access token for anybody, signed with the provider's own key, so that tests can have viewers of their own. */
export async function accessToken(subject: string, claims: TokenClaims = {}): Promise<string> {
  const key = claims.key ?? keys.provider();
  const now = Math.floor(Date.now() / 1000);
  const payload: Record<string, unknown> = {
    iss: claims.iss ?? federation.issuer,
    aud: claims.aud ?? GATEWAY_AUDIENCE,
    sub: subject,
    client_id: claims.client_id ?? 'amana-console',
    iat: now,
    nbf: now - 1,
    exp: now + (claims.expiresIn ?? 600),
    jti: randomUUID(),
    ...claims.with,
  };
  for (const name of claims.without ?? []) delete payload[name];
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: String(key.kid), typ: claims.typ ?? 'at+jwt' })
    .sign(await importJWK(key, 'ES256'));
}

/** The token that the gateway would hold for a viewer at one custodian. */
export const custodianToken = (custodian: Custodian, subject: string, claims: TokenClaims = {}): Promise<string> =>
  accessToken(subject, { aud: custodianAudience(custodian), client_id: 'amana-gateway', ...claims });

/** The context that the gateway would sign; `key` and `now` (milliseconds since 1970) for those it would not. */
export async function requestContext(
  custodian: Custodian,
  context: RequestContext,
  { key = keys.gateway(), now = Date.now() }: { key?: JWK; now?: number } = {},
): Promise<string> {
  const signing = await importJWK(key, 'ES256');
  if (signing instanceof Uint8Array) throw new TypeError('a private key is needed');
  const issuer = settings('gateway')['issuer'] as string;
  return signRequestContext(
    { issuer, key: signing, kid: String(key.kid), alg: 'ES256', now: () => now },
    custodian,
    context,
  );
}

/** Headers with which a custodian accepts a request straight at its door, past the gateway. */
export async function custodianHeaders(custodian: Custodian, context: RequestContext): Promise<Record<string, string>> {
  return {
    authorization: `Bearer ${await custodianToken(custodian, context.subject)}`,
    'amana-context': await requestContext(custodian, context),
    'amana-request-id': randomUUID(),
  };
}

/** Asks a custodian directly, with a valid token and context. */
export async function askCustodian(
  custodian: Custodian,
  query: string,
  { as = 'analyst', purpose = 'IDENTIFICATION' as Purpose, variables = {} as Record<string, unknown> } = {},
): Promise<Answer> {
  const headers = await custodianHeaders(custodian, { subject: as, subjectKind: 'USER', purpose });
  return post(custodianAddress(custodian), { query, variables }, headers);
}

/** Where a custodian's subgraph is. */
export const custodianAddress = (custodian: Custodian): string =>
  `${federation.custodians[custodian]}/${SUBGRAPH[custodian]}/graphql`;

/** The databases that this file's tests have opened, kept until they are through. */
const opened = new Map<Custodian, Promise<Storage>>();
afterAll(async () => {
  for (const storage of opened.values()) await (await storage).close();
});

/** Runs something in a custodian's database, as its own administrator would. */
export async function withStorage<Result>(
  custodian: Custodian,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const subgraph = SUBGRAPH[custodian];
  const storage =
    opened.get(custodian) ??
    openStorage({
      configuration: loadCustodianConfiguration(join(federation.directory, `${custodian}.yaml`)),
      subgraphs: [subgraph],
      migrations: new URL(`../../src/subgraphs/${subgraph}/migrations/`, import.meta.url),
      use: 'administer',
      environment: process.env,
    });
  opened.set(custodian, storage);
  return work(await storage);
}

/** Gives a grant to a viewer of the test's own; answers its id. Scopes are named without the custodian's namespace. */
export function give(
  custodian: Custodian,
  subject: string,
  scopes: readonly string[],
  more: Partial<GrantRequest> = {},
): Promise<string> {
  return withStorage(custodian, (storage) =>
    grant(storage, {
      subject,
      subjectKind: 'USER',
      organisation: 'commission',
      recipientKind: 'NAMED_ORGANISATIONS',
      scopes: scopes.map((name) => `${SUBGRAPH[custodian]}:${name}`),
      purposes: ['IDENTIFICATION'],
      until: new Date(Date.now() + 3_600_000),
      reason: 'test',
      grantedBy: 'test',
      ...more,
    }),
  );
}

/** Takes a grant back. */
export const takeBack = (custodian: Custodian, id: string): Promise<void> =>
  withStorage(custodian, (storage) => revoke(storage, id, 'test'));

/** The settings that a process of the federation runs with. */
export const settings = (name: Custodian | 'gateway'): Record<string, unknown> =>
  parse(readFileSync(join(federation.directory, `${name}.yaml`), 'utf8'));

/** A gateway of a test's own in front of the shared custodians. */
export interface OwnGateway extends RunningProcess {
  /** The folder with its log. */
  readonly log: string;
}

/** Starts another gateway, with custodians at other addresses (recording proxies, say) and changed settings. */
export async function startGateway(
  addresses: Partial<Record<Custodian, string>> = {},
  changes: Record<string, unknown> = {},
): Promise<OwnGateway> {
  const name = `gateway-${randomUUID()}`;
  const log = join(federation.directory, name);
  mkdirSync(log, { mode: 0o700 });
  const base = settings('gateway');
  const custodians = (base['custodians'] as { id: Custodian; url: string }[]).map((one) => ({
    ...one,
    url: addresses[one.id] ?? one.url,
  }));
  const config = join(federation.directory, `${name}.yaml`);
  const own = {
    ...base,
    custodians,
    listen: { host: '127.0.0.1', port: 0 },
    log: { ...(base['log'] as object), directory: log },
    ...changes,
  };
  writeFileSync(config, stringify(own), { mode: 0o600 });
  const running = await startProcess({
    name,
    main: new URL('../../src/gateway/main.ts', import.meta.url),
    arguments: ['--config', config],
    log: join(federation.directory, 'logs', `${name}.log`),
    environment: process.env,
    signal: new AbortController().signal,
  });
  return { ...running, log };
}

/** The entries of a gateway's log, oldest first. */
export const logEntries = (directory: string, text: string = readLog(directory)): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function readLog(directory: string): string {
  return readFileSync(join(directory, 'gateway.jsonl'), 'utf8');
}
