import { readFileSync, rmSync } from 'node:fs';
import { fastify } from 'fastify';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { SUPERGRAPH_LIMITS, type SupergraphSettings } from '../../src/gateway/plain-subgraphs/supergraph-settings.ts';
import { serveSupergraph } from '../../src/gateway/serve-supergraph.ts';
import { runAmana } from '../cli/run-amana.ts';
import { composeFile, logOf, runGateway, temporaryDirectory, writeIn } from './run-gateway.ts';
import { type Subgraph, serveSubgraph } from './serve-subgraph.ts';

const LINK = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", ${imports}])\n`;
const PLAIN = { name: 'a', url: 'http://127.0.0.1:1/graphql', sdl: `${LINK('"@shareable"')} type Query { a: Int }` };

const CONTEXT = `${LINK('"@context", "@fromContext"')}
  type Query { t: T }
  type T @key(fields: "id") @context(name: "c") { id: ID! currency: String u: U }
  type U @key(fields: "id") { id: ID! price(currency: String @fromContext(field: "$c { currency }")): Int }
`;

const CONNECTED = `${LINK('"@shareable"')}
  extend schema @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@connect", "@source"])
    @source(name: "v1", http: { baseURL: "https://api.example" })
  type Query { a: String @connect(source: "v1", http: { GET: "/a" }, selection: "$") }
`;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const directory = (): string => {
  const made = temporaryDirectory();
  closing.push(async () => rmSync(made, { recursive: true, force: true }));
  return made;
};

async function subgraph(...given: Parameters<typeof serveSubgraph>): Promise<Subgraph> {
  const served = await serveSubgraph(...given);
  closing.push(() => served.server.close());
  return served;
}

/** The settings of a gateway that keeps no log, where nothing else is said. */
const settings = (given: Partial<SupergraphSettings>): SupergraphSettings => ({
  listen: { host: '127.0.0.1', port: 0 },
  source: { subgraphs: [] },
  tokens: undefined,
  policiesFile: undefined,
  forwardHeaders: [],
  anonymousIntrospection: false,
  logDirectory: undefined,
  limits: SUPERGRAPH_LIMITS,
  ...given,
});

describe('the gateway does not start, and says why', () => {
  const refusedBy = (given: Partial<SupergraphSettings>): Promise<string> =>
    serveSupergraph(settings(given), pino({ level: 'silent' })).then(
      () => 'it starts',
      (cause: Error) => cause.message,
    );
  const refused = (content: string): Promise<string> =>
    refusedBy({ source: { file: writeIn(directory(), 's.graphql', content) } });
  const plain = (): { file: string } => ({ file: composeFile(directory(), [PLAIN]) });

  test('on @context, naming where it is used', async () => {
    const at = directory();
    const file = composeFile(at, [{ ...PLAIN, sdl: CONTEXT }]);
    const { code, stderr, stdout } = await runAmana(['gateway', '--port', '0', '--supergraph', file], { cwd: at });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^amana: \S*supergraph\.graphql cannot be served:\n {2}it uses @context and @fromContext \(on T\), which/u,
    );
  });

  test('on connectors', async () => {
    const file = composeFile(directory(), [{ ...PLAIN, sdl: CONNECTED }]);
    expect(await refusedBy({ source: { file } })).toContain(
      'it uses Apollo Connectors (@connect and @source) (on Query.a), which',
    );
  });

  test('on what claims to matter for security and is not known', async () => {
    const vault = 'schema\n  @link(url: "https://specs.example/vault/v1.0", for: SECURITY)\n';
    const said = await refused(readFileSync(plain().file, 'utf8').replace('schema\n', vault));
    expect(said).toContain('it links https://specs.example/vault as needed for SECURITY');
  });

  test.each<[string, string, string]>([
    ['what is not GraphQL', 'type {', 'is not a GraphQL schema'],
    ['a schema that is no supergraph', 'type Query { a: Int }', 'is no supergraph that can be served'],
  ])('on %s', async (_, content, reason) => {
    expect(await refused(content)).toContain(reason);
  });

  test('on a subgraph without an address', async () => {
    const file = composeFile(directory(), [{ ...PLAIN, url: '' }]);
    expect(await refusedBy({ source: { file } })).toContain('no http address for the subgraph a');
  });

  test('at once, whatever else it waits for', async () => {
    const started = performance.now();
    const { code } = await runAmana(
      ['gateway', '--port', '0', '--supergraph', 'none', '--issuer', 'http://127.0.0.1:1', '--audience', 'a'],
      { cwd: directory() },
    );
    expect(code).toBe(1);
    expect(performance.now() - started).toBeLessThan(25_000);
  });

  test('without its supergraph', async () => {
    expect(await refusedBy({ source: { file: `${directory()}/none.graphql` } })).toContain('cannot be read');
  });

  test.each<[string, string, string]>([
    ['throw', 'throw new Error("not today")', 'the policies cannot be loaded: not today'],
    [
      'export no function',
      'export const policies = 1',
      'it must export, by default or as "policies", an async function',
    ],
  ])('on policies that %s', async (_, content, reason) => {
    const policiesFile = writeIn(directory(), 'policies.mjs', content);
    expect(await refusedBy({ source: plain(), policiesFile })).toContain(reason);
  });

  test.each<[string, object]>([
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a private key', { kty: 'OKP', crv: 'Ed25519', x: 'eA', d: 'c2VjcmV0' }],
  ])('on keys that could sign: %s', async (_, key) => {
    const jwksFile = writeIn(directory(), 'jwks.json', JSON.stringify({ keys: [key] }));
    const said = await refusedBy({ source: plain(), tokens: { issuer: undefined, audience: undefined, jwksFile } });
    expect(said).toContain('Only public keys may be in it.');
    expect(said).not.toContain('c2VjcmV0');
  });

  test('on subgraphs that do not compose', async () => {
    const subgraphs = await Promise.all([
      subgraph('one', `${LINK('"@shareable"')} type Query { a: Int @shareable }`),
      subgraph('two', `${LINK('"@shareable"')} type Query { a: String @shareable }`),
    ]);
    expect(await refusedBy({ source: { subgraphs } })).toMatch(/The subgraphs do not compose:\n {2}.*Query\.a/u);
  });
});

test.each<[string[], string]>([
  [['--port', '0'], 'Name the subgraphs with --supergraph or --subgraph'],
  [['--supergraph', 's', '--config', 'c', '--port', '0'], '--config is for a federation of custodians'],
  [['--supergraph', 's'], 'Say where to listen with --port'],
  [['--supergraph', 's', '--subgraph', 'a=http://a', '--port', '0'], 'either --supergraph or --subgraph'],
  [['--subgraph', 'a=http://a', '--subgraph', 'a=http://b', '--port', '0'], 'Two subgraphs are named a'],
  [['--subgraph', 'a=ftp://a', '--port', '0'], 'An address begins with'],
  [['--supergraph', 's', '--port', '0', '--issuer', 'https://i.example'], 'with --audience'],
  [['--supergraph', 's', '--port', '0', '--issuer', 'http://i.example', '--audience', 'a'], 'over https'],
  [['--supergraph', 's', '--port', '0', '--audience', 'a'], '--audience needs'],
  [['--supergraph', 's', '--port', '0', '--forward-header', 'Host'], 'belongs to a single connection'],
])('%j is wrong usage', async (words, reason) => {
  const { code, stderr } = await runAmana(['gateway', ...words], { cwd: directory() });
  expect(code).toBe(2);
  expect(stderr).toContain(reason);
});

test('subgraphs are asked for their schemas, with those that are of Federation 1, and come when they come', async () => {
  const users = await subgraph(
    'users',
    `${LINK('"@authenticated"')} type Query { me: User } type User @key(fields: "id") { id: ID! mail: String @authenticated }`,
    { Query: { me: () => ({ id: '1', mail: 'm' }) } },
  );
  const posts = await subgraph('posts', 'extend type User @key(fields: "id") { id: ID! @external posts: [String] }', {
    User: { posts: () => ['p'] },
  });
  const { port } = new URL(posts.url);
  await posts.server.close();
  const starting = runGateway(directory(), ['--subgraph', `users=${users.url}`, '--subgraph', `posts=${posts.url}`]);
  const late = fastify({ forceCloseConnections: true });
  closing.push(() => late.close());
  const again = await serveSubgraph('posts', posts.sdl, { User: { posts: () => ['p'] } });
  closing.push(() => again.server.close());
  late.post('/graphql', async ({ body }) => {
    const { payload } = await again.server.inject({ method: 'POST', url: '/graphql', payload: body as object });
    return JSON.parse(payload);
  });
  await late.listen({ host: '127.0.0.1', port: Number(port) });
  const gateway = await starting;
  const { json } = await gateway.ask('{ me { id posts mail } }');
  expect(json.data).toEqual({ me: { id: '1', posts: ['p'], mail: null } });
  expect(logOf(`${gateway.directory}/.amana/gateway`)).toHaveLength(2);
  expect(await gateway.stop()).toBe(0);
});

test('an issuer’s keys are found by discovery, and its tokens alone are taken', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const provider = fastify({ forceCloseConnections: true });
  closing.push(() => provider.close());
  let issuer = '';
  provider.get('/.well-known/openid-configuration', async () => ({ issuer, jwks_uri: `${issuer}/keys` }));
  provider.get('/keys', async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] }));
  issuer = await provider.listen({ host: '127.0.0.1', port: 0 });
  const token = (iss: string): Promise<string> =>
    new SignJWT({ scope: 'mail', azp: 'app' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'JWT' })
      .setIssuer(iss)
      .setSubject('s')
      .setAudience(['shop', 'account'])
      .setExpirationTime('1m')
      .sign(privateKey);
  const only = await subgraph(
    'only',
    `${LINK('"@requiresScopes"')} type Query { mail: String @requiresScopes(scopes: [["mail"]]) }`,
    { Query: { mail: () => 'm' } },
  );
  const gateway = await runGateway(directory(), [
    ...['--subgraph', `only=${only.url}`, '--issuer', issuer, '--audience', 'shop', '--no-log'],
  ]);
  closing.push(() => gateway.stop());
  expect((await gateway.ask('{ mail }', { token: await token(issuer) })).json.data).toEqual({ mail: 'm' });
  expect((await gateway.ask('{ mail }', { token: await token('http://127.0.0.1:2') })).status).toBe(401);
  expect(() => logOf(`${gateway.directory}/.amana/gateway`)).toThrow('ENOENT');
});

test('a subgraph that went away costs its part while it is away, is left alone, and is taken in again', async () => {
  const [steady, fleeting] = await Promise.all([
    subgraph('steady', `${LINK('"@shareable"')} type Query { a: Int }`, { Query: { a: () => 1 } }),
    subgraph('fleeting', `${LINK('"@shareable"')} type Query { b: Int }`, { Query: { b: () => 2 } }),
  ]);
  const gateway = await runGateway(directory(), [
    ...[steady, fleeting].flatMap(({ name, url }) => ['--subgraph', `${name}=${url}`]),
    '--no-log',
  ]);
  closing.push(() => gateway.stop());
  const port = Number(new URL(fleeting.url).port);
  await fleeting.server.close();
  await vi.waitFor(async () => {
    const { json } = await gateway.ask('{ a b }');
    expect(json.data).toEqual({ a: 1, b: null });
    expect(json.errors).toMatchObject([{ path: ['b'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    expect(gateway.errors()).toContain('is left alone for a while');
  }, 20_000);
  const back = fastify({ forceCloseConnections: true });
  closing.push(() => back.close());
  const queries: string[] = [];
  back.post<{ Body: { query: string } }>('/graphql', async ({ body: { query } }) => {
    queries.push(query);
    return { data: query.includes('b') ? { b: 2 } : { __typename: 'Query' } };
  });
  await back.listen({ host: '127.0.0.1', port });
  await vi.waitFor(async () => expect((await gateway.ask('{ a b }')).json.data).toEqual({ a: 1, b: 2 }), 20_000);
  expect(queries[0]).toBe('{ __typename }');
});

test('where nobody can sign in, no token opens anything', async () => {
  const only = await subgraph('only', `${LINK('"@authenticated"')} type Query { a: Int b: Int @authenticated }`, {
    Query: { a: () => 1, b: () => 2 },
  });
  const gateway = await runGateway(directory(), [
    '--subgraph',
    `only=${only.url}`,
    '--forward-header',
    'Authorization',
  ]);
  closing.push(() => gateway.stop());
  const { json } = await gateway.ask('{ a b }', { token: 'whatever' });
  expect(json.data).toEqual({ a: 1, b: null });
  expect(only.fetches.at(-1)).toMatchObject({
    query: expect.not.stringContaining('b'),
    headers: { authorization: 'Bearer whatever' },
  });
});

test('--help shows how it is run', async () => {
  const { stdout } = await runAmana(['gateway', '--help']);
  expect(stdout).toContain('amana gateway --supergraph supergraph.graphql --port 4000');
});
