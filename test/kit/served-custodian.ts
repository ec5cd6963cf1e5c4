import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { stringify } from 'yaml';
import { custodianAudience } from '../../src/protocol/identifiers.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import { signRequestContext } from '../../src/protocol/request-context.ts';
import { AMANA, type Outcome, runAmana } from '../cli/run-amana.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { type TemporaryStorage, temporaryStorage } from './temporary-storage.ts';

/** A key that signs, and how it is pinned. */
export interface TestKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Who asks a process what, past any gateway. */
export interface ProcessQuestion {
  readonly as?: string;
  readonly purpose?: Purpose;
  readonly reference?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The gateway's key that signs the context. */
  readonly gatewayKey?: TestKey;
}

/** A custodian as its operator has it: a directory with its configuration, keys and secrets, a database, and the command. */
export interface ServedCustodian {
  readonly directory: string;
  readonly configuration: string;
  readonly storage: TemporaryStorage['storage'];
  readonly environment: Readonly<Record<string, string>>;
  readonly issuer: Issuer;
  readonly gatewayKey: TestKey;
  /** Writes the configuration file, with these settings in the place of the usual ones. */
  configure(settings?: Readonly<Record<string, unknown>>): void;
  /** Pins these keys, and no others, as the gateway's. */
  pin(...keys: readonly TestKey[]): void;
  /** Writes a file with secrets, one a line. */
  writeSecrets(name: 'log' | 'cursor' | 'image', ...secrets: readonly Buffer[]): void;
  /** Runs `amana <command> <custodian> …` on its configuration. */
  amana(command: string, ...words: readonly string[]): Promise<Outcome>;
  /** Starts it, perhaps on another way to its database. */
  start(databaseUrl?: string): Promise<CustodianProcess>;
  headers(question?: ProcessQuestion): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** A running `amana custodian`. */
export interface CustodianProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** The lines of its log so far. */
  readonly log: readonly string[];
  readonly ended: Promise<number | null>;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  ask(query: string, question?: ProcessQuestion): Promise<{ status: number; body: any }>;
  stop(): Promise<void>;
}

/** An identity provider's key set over HTTP, whose keys change. */
export interface Issuer {
  readonly url: string;
  /** The keys published, of which the first signs. */
  keys: readonly TestKey[];
  /** Whether it answers with an error. */
  failing: boolean;
  /** How often it was asked. */
  asked: number;
  close(): Promise<void>;
}

const GATEWAY = 'urn:amana:test:gateway';

/** A custodian ready to be served, with an identity provider and a gateway's key of the test's own. */
export async function servedCustodian(custodian: string, subgraph: 'ministry' | 'ngo'): Promise<ServedCustodian> {
  const { storage, request, close: removeDatabase } = await temporaryStorage({ custodian, subgraph });
  const { directory, remove } = await temporaryDirectory();
  const issuer = await startIssuer();
  const gatewayKey = await testKey('gateway-1');
  const configuration = join(directory, `${custodian}.yaml`);
  const environment = { DATABASE_URL: request.environment['DATABASE_URL'] ?? '' };
  const running = new Set<CustodianProcess>();

  const writeSecrets = (name: string, ...secrets: readonly Buffer[]): void =>
    writeFileSync(
      join(directory, `${name}.secret`),
      secrets.map((secret) => `${secret.toString('base64url')}\n`).join(''),
      { mode: 0o600 },
    );
  const pin = (...keys: readonly TestKey[]): void =>
    writeFileSync(
      join(directory, 'gateway.jwks.json'),
      JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    );
  const configure = (settings: Readonly<Record<string, unknown>> = {}): void =>
    writeFileSync(
      configuration,
      stringify({
        ...{ mode: 'demo', custodian, name: { en: 'A custodian', ar: 'جهة' }, contact: 'records@custodian.example' },
        ...{ listen: { host: '127.0.0.1', port: 0 }, storage: { kind: 'database' } },
        identityProvider: { issuer: issuer.url, jwksUri: `${issuer.url}/jwks` },
        gateway: { issuer: GATEWAY, keysFile: 'gateway.jwks.json' },
        secrets: { logKeyFile: 'log.secret', cursorKeyFile: 'cursor.secret' },
        publicOrigin: 'https://custodian.example',
        ...(subgraph === 'ngo' && { media: { originals: 'leave', keyFile: 'image.secret' } }),
        linkRegister: { role: 'reader', keysFile: 'link-register.jwks.json' },
        ...settings,
      }),
    );
  for (const name of ['log', 'cursor', 'image']) writeSecrets(name, randomBytes(32));
  pin(gatewayKey);
  configure();

  const headers = async (question: ProcessQuestion = {}): Promise<Record<string, string>> => {
    const { as = 'analyst', purpose = 'IDENTIFICATION', reference, gatewayKey: key = gatewayKey } = question;
    const signer = { issuer: GATEWAY, key: key.privateKey, kid: key.kid, alg: 'ES256', now: Date.now };
    const viewer = {
      subject: as,
      subjectKind: 'USER',
      purpose,
      ...(reference !== undefined && { ref: reference }),
    } as const;
    return {
      authorization: `Bearer ${await tokenOf(issuer, as, custodian)}`,
      'amana-context': await signRequestContext(signer, custodian, viewer),
    };
  };

  const start = async (databaseUrl = environment.DATABASE_URL): Promise<CustodianProcess> => {
    const child = spawn(AMANA, ['custodian', custodian, '--config', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DATABASE_URL: databaseUrl },
    });
    const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const listening = once(createInterface({ input: child.stdout }), 'line');
    const [line] = await Promise.race([
      listening,
      ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${log.join('\n')}`))),
    ]);
    const url = String(line).replace('listening ', '');
    const started: CustodianProcess = {
      ...{ url, child, log, ended },
      ask: async (query, question = {}) => {
        const response = await fetch(`${url}/${subgraph}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(await headers(question)) },
          body: JSON.stringify({ query, variables: question.variables }),
        });
        return { status: response.status, body: await response.json() };
      },
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
    running.add(started);
    return started;
  };

  return {
    ...{ directory, configuration, storage, environment, issuer, gatewayKey },
    ...{ configure, pin, writeSecrets, start, headers },
    amana: (command, ...words) =>
      runAmana([command, custodian, '--config', configuration, ...words], { env: environment }),
    close: async () => {
      await Promise.all([...running].map((one) => one.stop()));
      await issuer.close();
      await removeDatabase();
      await remove();
    },
  };
}

/** A new key pair. */
export async function testKey(kid: string): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}

async function startIssuer(): Promise<Issuer> {
  const server: Server = createServer((_request, response) => {
    issuer.asked += 1;
    const keys = issuer.keys.map(({ publicJwk }) => publicJwk);
    response.statusCode = issuer.failing ? 500 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer: Issuer = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, failing: false, asked: 0 },
    keys: [await testKey('provider-1')],
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return issuer;
}

function tokenOf({ url, keys }: Issuer, subject: string, custodian: string): Promise<string> {
  const [key] = keys;
  if (!key) throw new Error('the provider has no key');
  return new SignJWT({ client_id: 'gateway', jti: randomBytes(8).toString('hex') })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' })
    .setIssuer(url)
    .setAudience(custodianAudience(custodian))
    .setSubject(subject)
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('5m')
    .sign(key.privateKey);
}
