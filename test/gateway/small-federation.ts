import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type DocumentNode, execute, parse } from 'graphql';
import { SignJWT, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { pino } from 'pino';
import type { AccessAnswer } from '../../src/protocol/access-answer.ts';
import { GATEWAY_AUDIENCE } from '../../src/protocol/identifiers.ts';
import type { GatewayConfiguration } from '../../src/gateway/configuration.ts';
import { SCHEMA_CONFIRMED_HEADER, SchemaVerdict, digestOf } from '../../src/protocol/schema-verdict.ts';
import { type ReloadableGateway, serveGateway } from '../../src/gateway/serve-gateway.ts';
import { granted } from './authorize.ts';
import { MINISTRY, MISSING } from './schemas.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** A custodian of which a test may change what it says and how it answers, and see what it was asked. */
export interface SmallCustodian {
  grants: AccessAnswer['grants'];
  /** Answers `/graphql` instead of the schema; undefined goes back to it. */
  answer: Handler | undefined;
  /** Answers `/access` instead of `grants`. */
  access: Handler | undefined;
  /** Comes before it says that it is ready. */
  ready: () => Promise<unknown>;
  /** Every fetch that came in. */
  readonly fetches: { query: string; variables: Record<string, unknown>; headers: Record<string, unknown> }[];
  accessQuestions: number;
  readyQuestions: number;
  /** What it serves as its schema, and resolves by. */
  sdl: string;
  /** The digest of the schema that it has confirmed. */
  confirmed: string | undefined;
  /** Whether it breaks every connection off. */
  isAway: boolean;
  /** What it was told of its schemas. */
  readonly verdicts: SchemaVerdict[];
  schemaQuestions: number;
  readonly server: FastifyInstance;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly json: any;
}

interface Asking {
  readonly variables?: object;
  readonly as?: string;
  readonly headers?: Record<string, string>;
  readonly extensions?: object;
  readonly signal?: AbortSignal;
}

export interface SmallFederation {
  readonly gateway: ReloadableGateway;
  readonly configuration: GatewayConfiguration;
  readonly directory: string;
  /** From now on the provider signs with another key, and publishes it beside those it had. */
  rotateProviderKey(): Promise<void>;
  /** A signing key of the gateway's under another name, in the file of the first. */
  replaceSigningKey(kid: string): Promise<void>;
  /** Stops the gateway, and starts it on what it has kept. */
  restart(between?: () => void): Promise<void>;
  readonly ministry: SmallCustodian;
  readonly missing: SmallCustodian;
  /** Answers whatever the identity provider is asked, instead of it; undefined goes back to it. */
  provider: Handler | undefined;
  readonly logFile: string;
  log(): Record<string, unknown>[];
  /** What the operator's log holds. */
  operatorLog(): string;
  /** Lets go of what it keeps of the requests so far for tests to look at. */
  forget(): void;
  token(subject: string, client?: string): Promise<string>;
  ask(query: string, more?: Asking): Promise<Answer>;
  /** Lets both custodians answer as they are, until the gateway has seen them do so, and forgets what they were asked. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

const certificate = {
  __typename: 'Certificate',
  id: 'ministry:1',
  title: 'A',
  disputed: false,
  registeredOn: { value: '2020', precision: 'YEAR' },
  name: 'N',
  cause: 'C',
  person: { __typename: 'Person', id: 'p1' },
};
const certificates = {
  nodes: [certificate, { ...certificate, id: 'ministry:2' }],
  totalCount: 2,
  pageInfo: { hasNextPage: false, endCursor: null },
};
const reports = {
  nodes: [{ id: 'missing:1', reportedOn: { value: '2019', precision: 'YEAR' }, name: 'N', circumstances: 'S' }],
  pageInfo: { hasNextPage: false, endCursor: null },
};

const ROOTS: Record<string, object> = {
  ministry: {
    certificates,
    papers: [certificate, { __typename: 'CourtFile', id: 'ministry:3', title: 'B' }],
    things: [certificate, { __typename: 'Verdict', id: 'ministry:4', text: 'T' }],
  },
  missing: {
    person: ({ id }: { id: string }) => ({ id, reports }),
    persons: ({ ids }: { ids: string[] }) => ids.map((id) => (id === 'unknown' ? null : { id, reports })),
    reports,
  },
};
const EDGES: Record<string, object> = { ministry: { certificates }, missing: { reports } };

/** A gateway before two small custodians and a small identity provider, all real servers on free ports. */
export async function startSmallFederation(
  settings: Partial<{
    deadlines: { request: number; custodian: number; access: number };
    requestsPerMinute: number;
    gateway: Partial<GatewayConfiguration>;
    schemaFiles: Readonly<Record<string, string>>;
    prepare: (custodians: { readonly ministry: SmallCustodian; readonly missing: SmallCustodian }) => void;
    shutdown: { grace: number; deadline: number };
  }> = {},
): Promise<SmallFederation> {
  const directory = mkdtempSync(join(tmpdir(), 'amana-gateway-'));
  const providerKey = async (kid: string) => ({ kid, ...(await generateKeyPair('ES256', { extractable: true })) });
  const providerKeys = [await providerKey('k')];
  const newest = () => providerKeys.at(-1)!;
  const signing = await generateKeyPair('ES256', { extractable: true });
  const write = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const changeable: Pick<SmallFederation, 'provider'> = { provider: undefined };
  const provider = fastify({ forceCloseConnections: true });
  provider.addHook('preHandler', async (request, reply) => changeable.provider?.(request, reply));
  provider.removeAllContentTypeParsers();
  provider.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  let issuer = '';
  const token = (subject: string, client = 'console', audience = GATEWAY_AUDIENCE): Promise<string> =>
    new SignJWT({ client_id: client })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: newest().kid })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore('-1s')
      .setExpirationTime('5m')
      .sign(newest().privateKey);
  provider.get('/.well-known/openid-configuration', async () => ({
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
  }));
  provider.get('/jwks', async () => ({
    keys: await Promise.all(
      providerKeys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' })),
    ),
  }));
  provider.post('/token', async (request) => {
    const form = request.body as URLSearchParams;
    const keyOf = ({ kid }: { kid?: string }) => providerKeys.find((key) => key.kid === kid)!.publicKey;
    const { payload } = await jwtVerify(form.get('subject_token') ?? '', keyOf, { audience: GATEWAY_AUDIENCE });
    const access_token = await token(String(payload.sub), 'gateway', form.get('audience') ?? '');
    return {
      access_token,
      token_type: 'Bearer',
      expires_in: 300,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
  });
  issuer = await provider.listen({ host: '127.0.0.1', port: 0 });

  const [ministry, missing] = await Promise.all([
    startCustodian({ id: 'ministry', sdl: MINISTRY, scopes: ['registered', 'identifying', 'medical', 'sealed'] }),
    startCustodian({ id: 'missing', sdl: MISSING, scopes: ['registered', 'identifying', 'circumstances'] }),
  ]);
  settings.prepare?.({ ministry, missing });
  let operatorLog = '';
  const configuration: GatewayConfiguration = {
    mode: 'demo',
    issuer: 'urn:test:gateway',
    listen: { host: '127.0.0.1', port: 0 },
    identityProvider: { issuer, clientId: 'gateway', clientSecretFile: write('client.secret', 'secret') },
    signingKeyFile: write(
      'key.json',
      JSON.stringify({ ...(await exportJWK(signing.privateKey)), kid: 'g', alg: 'ES256' }),
    ),
    log: {
      directory: join(directory, 'log'),
      keyFile: write('log.secret', Buffer.alloc(32, 7).toString('base64url')),
    },
    deadlines: settings.deadlines ?? { request: 3_000, custodian: 1_000, access: 500 },
    startup: 5_000,
    ...(settings.shutdown && { shutdown: settings.shutdown }),
    limits: {
      depth: 14,
      aliases: 60,
      tokens: 4_000,
      cost: 100_000,
      requestsPerMinute: settings.requestsPerMinute ?? 6_000,
    },
    custodians: [ministry, missing].map((custodian, index) => {
      const id = index === 0 ? 'ministry' : 'missing';
      return {
        ...settingsOf(custodian, id),
        ...(settings.schemaFiles?.[id] !== undefined && {
          schemaFile: write(`${id}.graphql`, settings.schemaFiles[id]),
        }),
      };
    }),
    gathered: [],
    schemaInterval: 60_000,
    operators: ['operator'],
    ...settings.gateway,
  };
  const log = pino({ level: 'info' }, { write: (line: string) => void (operatorLog += line) });
  let gateway = await serveGateway(configuration, log);
  const logFile = join(directory, 'log', 'gateway.jsonl');
  let healed = 0;
  const federation: SmallFederation = Object.assign(changeable, {
    gateway,
    configuration,
    directory,
    async rotateProviderKey() {
      providerKeys.push(await providerKey(`k${providerKeys.length}`));
    },
    async replaceSigningKey(kid: string) {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      write('key.json', JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg: 'ES256' }));
    },
    async restart(between = () => {}) {
      await gateway.close();
      gateway = { ...gateway, close: async () => {} };
      between();
      gateway = await serveGateway(configuration, log);
    },
    ministry,
    missing,
    logFile,
    log: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    operatorLog: () => operatorLog,
    forget() {
      operatorLog = '';
      for (const { fetches } of [ministry, missing]) fetches.length = 0;
    },
    token,
    async ask(query: string, { variables, as = 'analyst', headers, extensions, signal }: Asking = {}) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await token(as)}`,
          'amana-purpose': 'IDENTIFICATION',
          ...headers,
        },
        body: JSON.stringify({ query, variables, extensions }),
        ...(signal && { signal }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
    },
    async heal() {
      for (const custodian of [ministry, missing]) {
        custodian.answer = undefined;
        custodian.access = undefined;
      }
      for (;;) {
        const as = `healer-${(healed += 1)}`;
        const { json } = await federation.ask('{ certificates { totalCount } reports { nodes { id } } }', { as });
        if (!json.errors) break;
        await pause(100);
      }
      for (const custodian of [ministry, missing]) {
        custodian.fetches.length = 0;
        custodian.accessQuestions = 0;
        custodian.readyQuestions = 0;
      }
    },
    async close() {
      await gateway.close();
      await Promise.all([provider.close(), ministry.server.close(), missing.server.close()]);
      rmSync(directory, { recursive: true });
    },
  });
  // After a restart it is another.
  Object.defineProperty(federation, 'gateway', { get: () => gateway });
  return federation;
}

/** A custodian as the gateway's configuration names it. */
export function settingsOf(
  { server }: SmallCustodian,
  id: string,
  subgraph = id,
): GatewayConfiguration['custodians'][number] {
  const [address] = server.addresses();
  return {
    id,
    subgraph,
    url: `http://127.0.0.1:${typeof address === 'object' ? address.port : 0}`,
    name: { en: id, ar: id },
    contact: `records@${id}.example`,
  };
}

/** Starts a custodian that grants everybody some scopes of its subgraph, and answers from `root`, of a person from `edges`. */
export async function startCustodian(given: {
  readonly id: string;
  readonly subgraph?: string;
  readonly sdl: string;
  readonly scopes: readonly string[];
  readonly root?: object;
  readonly edges?: object;
}): Promise<SmallCustodian> {
  const { id, subgraph = id, sdl, scopes, root = ROOTS[id], edges = EDGES[id] } = given;
  const resolvers = { Person: { __resolveReference: (reference: object) => ({ ...reference, ...edges }) } };
  const schemaOf = (text: string) => buildSubgraphSchema([{ typeDefs: parse(text) as DocumentNode, resolvers }]);
  let [served, schema] = [sdl, schemaOf(sdl)];
  const server = fastify({ forceCloseConnections: true });
  const custodian: SmallCustodian = {
    grants: [granted(scopes.map((scope) => `${subgraph}:${scope}`))],
    answer: undefined,
    access: undefined,
    ready: async () => {},
    fetches: [],
    accessQuestions: 0,
    readyQuestions: 0,
    get sdl() {
      return served;
    },
    set sdl(text) {
      served = text;
      // What cannot be built is served all the same.
      try {
        schema = schemaOf(text);
      } catch {}
    },
    confirmed: undefined,
    isAway: false,
    verdicts: [],
    schemaQuestions: 0,
    server,
  };
  server.addHook('onRequest', async (request) => {
    if (custodian.isAway) request.raw.socket.destroy();
  });
  server.get(`/${subgraph}/schema`, async (request, reply) => {
    custodian.schemaQuestions += 1;
    if (custodian.confirmed !== undefined) void reply.header(SCHEMA_CONFIRMED_HEADER, custodian.confirmed);
    if (request.headers['if-none-match'] === `"${digestOf(served)}"`) return reply.code(304).send();
    return reply.type('text/plain').send(served);
  });
  server.post(`/${subgraph}/schema/verdict`, async (request) => {
    custodian.verdicts.push(SchemaVerdict.parse(request.body));
    return {};
  });
  server.get('/health/ready', async () => {
    custodian.readyQuestions += 1;
    await custodian.ready();
    return {};
  });
  server.get('/access', async (request, reply) => {
    custodian.accessQuestions += 1;
    if (custodian.access) return custodian.access(request, reply);
    return { custodian: id, grants: custodian.grants, otherPurpose: [], expired: [], askedAboutPersons: true };
  });
  server.post<{ Body: { query: string; variables: Record<string, unknown> } }>(
    `/${subgraph}/graphql`,
    async (request, reply) => {
      const { query, variables } = request.body;
      custodian.fetches.push({ query, variables, headers: request.headers });
      if (custodian.answer) return custodian.answer(request, reply);
      return execute({ schema, document: parse(query), variableValues: variables, rootValue: root });
    },
  );
  await server.listen({ host: '127.0.0.1', port: 0 });
  return custodian;
}
