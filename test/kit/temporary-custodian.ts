import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Server, createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { custodianAudience } from '../../src/protocol/identifiers.ts';
import { LABELS, type Label } from '../../src/protocol/labels.ts';
import { NO_TRACES } from '../../src/protocol/traces.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import {
  type ContextSigner,
  type RequestContext,
  signRequestContext,
  signSchemaCredential,
} from '../../src/protocol/request-context.ts';
import { accessLog } from '../../src/subgraphs/kit/access-log.ts';
import { buildSubgraph } from '../../src/subgraphs/kit/build-schema.ts';
import type { CustodianConfiguration } from '../../src/subgraphs/kit/configuration.ts';
import { Cursors } from '../../src/subgraphs/kit/cursor.ts';
import type { CustodianDefinition } from '../../src/subgraphs/kit/custodian-definition.ts';
import { type GrantRequest, grant } from '../../src/subgraphs/kit/grants.ts';
import { custodianMetrics } from '../../src/subgraphs/kit/observe/custodian-metrics.ts';
import { ImageVault } from '../../src/subgraphs/kit/images/image-vault.ts';
import { MediaLinks } from '../../src/subgraphs/kit/images/media-links.ts';
import { startGraphqlServer } from '../../src/subgraphs/kit/graphql-server.ts';
import { readPinnedKeys } from '../../src/protocol/read-keys.ts';
import { providerKeys } from '../../src/subgraphs/kit/provider-keys.ts';
import { readinessCheck } from '../../src/subgraphs/kit/readiness.ts';
import { createServer } from '../../src/subgraphs/kit/server.ts';
import { labelSetNumber } from '../../src/subgraphs/kit/label-sets.ts';
import type { Storage } from '../../src/subgraphs/kit/storage.ts';
import { requestVerifier } from '../../src/subgraphs/kit/verify-request.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { temporaryStorage } from './temporary-storage.ts';

/** Who asks the custodian what, past any gateway. `null` sends no token, or no context. */
export interface Question {
  readonly as?: string;
  readonly purpose?: Purpose;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string | null;
  readonly context?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as it came over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly data: any;
  readonly errors: readonly { message: string; path?: (string | number)[]; extensions: { code: string } }[];
  readonly text: string;
}

/** A custodian that serves HTTP from a fresh database; `reads` are the reading statements it ran since they were cleared. */
export interface TemporaryCustodian {
  readonly url: string;
  readonly storage: Storage;
  readonly reads: string[];
  /** While set, storage statements of the login role (the access log's among them) fail. */
  failing: boolean;
  /** How far its clock is ahead, in milliseconds. */
  ahead: number;
  /** Under which its images are sealed. */
  readonly imageSecret: Buffer;
  ask(query: string, question?: Question): Promise<Answer>;
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  credentials(question?: Question): Promise<Record<string, string>>;
  /** With which the gateway asks for the schema. */
  schemaCredential(): Promise<string>;
  grant(given: Partial<GrantRequest> & Pick<GrantRequest, 'scopes'>): Promise<string>;
  insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  /** The number of these labels; what is no label is to whom CONSENT_LIMITED may be shown. */
  labelSet(...labels: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const DAY = 86_400_000;

/** Starts a custodian in this process, with an issuer of tokens and a gateway's key of the test's own. */
export async function temporaryCustodian(
  custodian: string,
  definition: CustodianDefinition,
  log = pino({ level: 'silent' }),
): Promise<TemporaryCustodian> {
  const { subgraph: name } = definition;
  if (name !== 'ministry' && name !== 'missing' && name !== 'ngo') throw new Error(`no migrations known of ${name}`);
  const { storage, request, close: removeDatabase } = await temporaryStorage({ custodian, subgraph: name });
  const { directory, remove } = await temporaryDirectory();
  const issuer = await startIssuer();
  const gateway = await keyPair('gateway-1');
  const keysFile = join(directory, 'gateway-keys.json');
  await writeFile(keysFile, JSON.stringify({ keys: [gateway.publicJwk] }));
  const signer: ContextSigner = {
    issuer: 'test-gateway',
    key: gateway.privateKey,
    kid: 'gateway-1',
    alg: 'ES256',
    now: Date.now,
  };
  const configuration = {
    ...{
      mode: 'demo',
      custodian,
      logLevel: 'info',
      name: { en: custodian, ar: custodian },
      contact: 'records@custodian.example',
    },
    ...{ listen: { host: '127.0.0.1', port: 0 }, storage: { kind: 'database' } },
    identityProvider: { issuer: 'http://127.0.0.1/issuer', jwksUri: issuer.jwksUri },
    gateway: { issuer: signer.issuer, keysFile },
    secrets: { logKeyFile: '', cursorKeyFile: '' },
    publicOrigin: 'https://custodian.example',
    askedAboutPersons: [],
    linkRegister: { role: 'reader', keysFile: '' },
  } satisfies CustodianConfiguration;

  const reads: string[] = [];
  const temporary = { failing: false, ahead: 0 };
  const watched: Storage = {
    ...storage,
    read: (labelSets, statement, signal) => {
      reads.push(statement.sql);
      return storage.read(labelSets, statement, signal);
    },
    query: (statement) => {
      if (temporary.failing && statement.sql.includes('insert into access_log')) throw new Error('disk full');
      return storage.query(statement);
    },
  };
  const now = (): number => Date.now() + temporary.ahead;
  const imageSecret = randomBytes(32);
  const links = new MediaLinks({ origin: configuration.publicOrigin, now });
  const { images } = definition.delivery;
  const subgraph = buildSubgraph(definition);
  const graphql = await startGraphqlServer(subgraph.schema, log);
  const provider = providerKeys(issuer.jwksUri);
  const server = createServer({
    ...{ custodian, name, subgraph, graphql, storage: watched, log, now },
    instruments: { metrics: custodianMetrics(), tracer: NO_TRACES },
    media: images && { images, links, vault: new ImageVault(imageSecret) },
    verifier: requestVerifier(
      configuration,
      { provider: provider.verify, gateway: readPinnedKeys(keysFile) },
      Date.now,
    ),
    readiness: readinessCheck({ storage: watched, plan: { ...request, custodian }, provider, now }),
    cursors: new Cursors(randomBytes(32)),
    askedAboutPersons: () => configuration.askedAboutPersons,
    accessLog: accessLog(watched, randomBytes(32)),
  });
  const url = await server.listen(configuration.listen);

  const credentials = async ({ as = 'analyst', purpose = 'IDENTIFICATION', token, context }: Question = {}): Promise<
    Record<string, string>
  > => {
    const viewer: RequestContext = { subject: as, subjectKind: 'USER', purpose };
    const bearer = token === undefined ? await issuer.token(as, custodian) : token;
    const signed = context === undefined ? await signRequestContext(signer, custodian, viewer) : context;
    return {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(signed !== null && { 'amana-context': signed }),
    };
  };
  const post = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body, headers });
    const text = await response.text();
    const { data, errors = [] } = JSON.parse(text);
    return { status: response.status, headers: response.headers, data, errors, text };
  };

  return Object.assign(temporary, {
    ...{ url, storage, reads, credentials, post, imageSecret },
    ask: async (query: string, question: Question = {}) =>
      post(`/${name}/graphql`, JSON.stringify({ query, variables: question.variables }), {
        'content-type': 'application/json',
        ...(await credentials(question)),
        ...question.headers,
      }),
    grant: (given: Partial<GrantRequest> & Pick<GrantRequest, 'scopes'>) =>
      grant(storage, {
        ...{
          subject: 'analyst',
          subjectKind: 'USER',
          organisation: 'commission',
          recipientKind: 'NAMED_ORGANISATIONS',
        },
        ...{ purposes: ['IDENTIFICATION'], until: new Date(Date.now() + DAY), reason: 'a test', grantedBy: 'the test' },
        ...given,
      }),
    insert: async (table: string, rows: readonly Readonly<Record<string, unknown>>[]) => {
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].join(', ');
      await storage.query({
        sql: `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
        parameters: [JSON.stringify(rows)],
      });
    },
    schemaCredential: () => signSchemaCredential(signer, custodian),
    labelSet: async (...labels: readonly string[]) => {
      const [hiding, consent] = [labels.filter(isLabel), labels.filter((word) => !isLabel(word))];
      return labelSetNumber(storage.query, hiding, consent);
    },
    close: async () => {
      await server.close();
      await graphql.stop();
      await issuer.close();
      await removeDatabase();
      await remove();
    },
  });
}

const isLabel = (word: string): word is Label => LABELS.some((label) => label === word);

async function startIssuer() {
  const { privateKey, publicJwk } = await keyPair('issuer-1');
  const server: Server = createHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [publicJwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the issuer has no port');
  return {
    jwksUri: `http://127.0.0.1:${address.port}/jwks`,
    token: (subject: string, custodian: string) =>
      new SignJWT({ client_id: 'gateway' })
        .setProtectedHeader({ alg: 'ES256', kid: 'issuer-1', typ: 'at+jwt' })
        .setIssuer('http://127.0.0.1/issuer')
        .setAudience(custodianAudience(custodian))
        .setSubject(subject)
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime('5m')
        .sign(privateKey),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function keyPair(kid: string): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}
