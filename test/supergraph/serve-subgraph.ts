import { buildSubgraphSchema } from '@apollo/subgraph';
import { type FastifyInstance, fastify } from 'fastify';
import { type DocumentNode, execute, parse } from 'graphql';

/** A fetch as it came over the wire. */
export interface Fetch {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A subgraph that knows nothing of the gateway, and records what it is asked. */
export interface Subgraph {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
  readonly fetches: Fetch[];
  readonly server: FastifyInstance;
  /** Answers instead of the schema; undefined goes back to it. */
  answer: (() => unknown) | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- resolvers of every shape
export type Resolvers = Record<string, any>;

/** Serves a subgraph at `/graphql` on a free port. */
export async function serveSubgraph(name: string, sdl: string, resolvers: Resolvers = {}): Promise<Subgraph> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl) as DocumentNode, resolvers }]);
  const server = fastify({ forceCloseConnections: true });
  const fetches: Fetch[] = [];
  server.post<{ Body: { query: string; variables?: Record<string, unknown> } }>('/graphql', async (request) => {
    const { query, variables = {} } = request.body;
    fetches.push({ subgraph: name, query, variables, headers: request.headers });
    return subgraph.answer?.() ?? execute({ schema, document: parse(query), variableValues: variables });
  });
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const subgraph: Subgraph = { name, url, sdl, fetches, server, answer: undefined };
  return subgraph;
}
