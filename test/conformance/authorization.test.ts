import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type FastifyInstance, fastify } from 'fastify';
import { type DocumentNode, type GraphQLSchema, Kind, parse, visit } from 'graphql';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SUPERGRAPH_LIMITS } from '../../src/gateway/plain-subgraphs/supergraph-settings.ts';
import type { RunningGateway } from '../../src/gateway/serve-gateway.ts';
import { serveSupergraph } from '../../src/gateway/serve-supergraph.ts';
import { type TokenIssuer, composeFile, temporaryDirectory, tokenIssuer } from '../supergraph/run-gateway.ts';
import { type Compared, DIFFERENCES, MEANT } from './differences.ts';
import { executeWithKnownValues } from './known-values.ts';

/** Operations against guarded schemas and what is refused of them; the file is not part of this repository. */
const FILE =
  process.env['AMANA_AUTHORIZATION_CASES'] ??
  fileURLToPath(new URL('../../data/conformance/authorization-cases.json', import.meta.url));

const Cases = z.object({
  subgraphs: z.record(z.string(), z.object({ sdl: z.string() })),
  cases: z.array(
    z.object({
      id: z.string(),
      schema: z.string(),
      query: z.string(),
      authenticated: z.boolean(),
      scopes: z.array(z.string()),
      filteredQuery: z.string().nullable(),
      fullyRejected: z.boolean().default(false),
      unauthorized: z.array(z.string()),
    }),
  ),
});
type Case = z.infer<typeof Cases>['cases'][number];

const isThere = existsSync(FILE);
const { subgraphs, cases } = isThere
  ? Cases.parse(JSON.parse(readFileSync(FILE, 'utf8')))
  : { subgraphs: {}, cases: [] };

test.skipIf(isThere)('what another router refuses is refused', (context) => {
  context.skip(`${FILE} is not here: name the file with the cases in AMANA_AUTHORIZATION_CASES`);
});

/** A gateway in front of one subgraph. */
interface Served {
  readonly gateway: RunningGateway;
  readonly server: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly fetched: string[];
}

const VARIABLES: Readonly<Record<string, string>> = { id: '1', title: 't', content: 'c', name: 'n' };

describe.runIf(isThere)('what another router refuses is refused', () => {
  const directory = temporaryDirectory();
  const served = new Map<string, Served>();
  let issuer: TokenIssuer;

  beforeAll(async () => {
    issuer = await tokenIssuer(directory);
    const sdls = new Set([...Object.values(subgraphs).map(({ sdl }) => sdl), ...cases.map((one) => meant(one).schema)]);
    for (const sdl of sdls) served.set(sdl, await serve(sdl, issuer, directory));
  });
  afterAll(async () => {
    await Promise.all(Array.from(served.values(), ({ gateway }) => gateway.close()));
    await Promise.all(Array.from(served.values(), ({ server }) => server.close()));
  });

  test.each(cases.filter(({ id }) => MEANT[id] !== undefined))('$id as it stands is not valid', async (one) => {
    const { schema, query } = { ...one, schema: subgraphs[one.schema]?.sdl ?? '' };
    const at = served.get(schema);
    if (!at) throw new Error('no such schema');
    at.fetched.length = 0;
    const { json } = await ask(at.gateway, { ...one, query }, { name: 'n' }, issuer);
    expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(at.fetched).toEqual([]);
  });

  test.each(cases)('$id', async (given) => {
    const one = { ...given, ...meant(given) };
    const at = served.get(one.schema);
    if (!at) throw new Error('no such schema');
    at.fetched.length = 0;
    const names = new Set(Array.from(one.query.matchAll(/\$(\w+)/gu), ([, name = '']) => name));
    const variables = Object.fromEntries(Array.from(names, (name) => [name, VARIABLES[name]]));
    const { text, json } = await ask(at.gateway, one, variables, issuer);
    const asked = new Set(at.fetched.flatMap(pathsOf));

    // An object that may be seen, of which nothing else may, is asked for by its __typename: whether there is one is told.
    const isBare = (path: string): boolean =>
      asked.has(`${path}.__typename`) &&
      ![...asked].some((other) => other.startsWith(`${path}.`) && !other.endsWith('.__typename'));

    // Nothing refused is asked for, nor anything below it: this holds whatever else is done otherwise.
    const leaked = [...asked].filter((path) =>
      one.unauthorized.some((refused) => path === refused || path.startsWith(`${refused}.`)),
    );
    expect.soft(leaked.filter((path) => !path.endsWith('__typename'))).toEqual([]);

    const refused = new Set(one.unauthorized);
    const expected = await executeWithKnownValues(at.schema, one.query, variables, refused);
    const isAlike = (): void => {
      expect(new Set((json.extensions.withheld ?? []).map(withoutPositions)), text).toEqual(refused);
      expect(json.data, text).toEqual(structuredClone(expected.data));
      const remaining = one.fullyRejected ? [] : pathsOf(one.filteredQuery ?? one.query);
      const fields = [...asked].filter((path) => !path.endsWith('__typename') && !isBare(path));
      expect(new Set(fields)).toEqual(new Set(remaining.filter((path) => !path.endsWith('__typename'))));
    };
    if (DIFFERENCES[one.id] === undefined) isAlike();
    else expect(isAlike, 'listed as a difference, and none').toThrow();
  });
});

/** The case as it is compared, with the schema itself in the place of its name. */
function meant({ id, schema, query }: Case): Compared {
  const given = { schema: subgraphs[schema]?.sdl ?? '', query };
  return MEANT[id]?.(given) ?? given;
}

async function serve(sdl: string, { jwksFile }: TokenIssuer, directory: string): Promise<Served> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl) as DocumentNode }]);
  const server = fastify({ forceCloseConnections: true });
  const fetched: string[] = [];
  server.post<{ Body: { query: string; variables: Record<string, unknown> } }>('/', async ({ body }) => {
    fetched.push(body.query);
    return executeWithKnownValues(schema, body.query, body.variables);
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const gateway = await serveSupergraph(
    {
      listen: { host: '127.0.0.1', port: 0 },
      source: { file: composeFile(directory, [{ name: 'only', url, sdl }]) },
      tokens: { issuer: undefined, audience: undefined, jwksFile },
      policiesFile: undefined,
      forwardHeaders: [],
      anonymousIntrospection: false,
      logDirectory: undefined,
      limits: SUPERGRAPH_LIMITS,
    },
    pino({ level: 'silent' }),
  );
  return { gateway, server, schema, fetched };
}

async function ask(
  { url }: RunningGateway,
  { query, authenticated, scopes }: Case,
  variables: object,
  issuer: TokenIssuer,
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the case asked for
): Promise<{ text: string; json: any }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authenticated && { authorization: `Bearer ${await issuer.token({ scope: scopes.join(' ') })}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return { text, json: JSON.parse(text) };
}

/** The response paths of the fields that a document asks for, fragments spread out. */
function pathsOf(query: string): string[] {
  const document = parse(query);
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const paths: string[] = [];
  const at: string[] = [];
  const enter = (node: Parameters<typeof visit>[0] & object): unknown =>
    visit(node, {
      Field: {
        enter: ({ alias, name }) => {
          at.push((alias ?? name).value);
          paths.push(at.join('.'));
        },
        leave: () => void at.pop(),
      },
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (fragment) enter(fragment.selectionSet);
      },
    });
  for (const node of document.definitions) if (node.kind === Kind.OPERATION_DEFINITION) enter(node.selectionSet);
  return paths;
}

const withoutPositions = ({ path }: { path: string[] }): string => path.filter((key) => key !== '@').join('.');
