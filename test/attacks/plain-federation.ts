import { readFileSync, rmSync } from 'node:fs';
import { pino } from 'pino';
import { SUPERGRAPH_LIMITS, type SupergraphSettings } from '../../src/gateway/plain-subgraphs/supergraph-settings.ts';
import { serveSupergraph } from '../../src/gateway/serve-supergraph.ts';
import { type TokenIssuer, composeFile, temporaryDirectory, tokenIssuer, writeIn } from '../supergraph/run-gateway.ts';
import { type Fetch, type Resolvers, type Subgraph, serveSubgraph } from '../supergraph/serve-subgraph.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly json: any;
}

/** A token's claims; undefined for somebody who has not signed in. */
export type Claims = Record<string, unknown> | undefined;

/** A gateway before plain subgraphs, all real servers on free ports, and what crossed the wire. */
export interface PlainFederation {
  readonly url: string;
  readonly issuer: TokenIssuer;
  readonly subgraphs: readonly Subgraph[];
  ask(query: string, claims?: Claims, variables?: object): Promise<Answer>;
  /** Sends a request as it is. */
  send(init: RequestInit, path?: string): Promise<Answer>;
  /** The fetches since the last time. */
  crossed(): Fetch[];
  close(): Promise<void>;
}

interface Part {
  readonly sdl: string;
  readonly resolvers?: Resolvers;
}

export interface FederationSettings extends Partial<
  Pick<SupergraphSettings, 'tokens' | 'policiesFile' | 'forwardHeaders' | 'anonymousIntrospection' | 'limits'>
> {
  /** What becomes of the composed supergraph before it is served. */
  readonly change?: (supergraph: string) => string;
}

const IMPORTS =
  '"@key", "@external", "@requires", "@provides", "@override", "@shareable", "@interfaceObject", "@inaccessible", "@authenticated", "@requiresScopes", "@policy"';
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${IMPORTS}])\n`;

/** Starts subgraphs, by name, and a gateway before them; one that has no link of its own gets Federation's. */
export async function startPlainFederation(
  parts: Readonly<Record<string, Part>>,
  { change = (supergraph) => supergraph, ...settings }: FederationSettings = {},
): Promise<PlainFederation> {
  const directory = temporaryDirectory();
  const issuer = await tokenIssuer(directory);
  const subgraphs = await Promise.all(
    Object.entries(parts).map(([name, { sdl, resolvers }]) =>
      serveSubgraph(name, sdl.includes('@link(') ? sdl : LINK + sdl, resolvers),
    ),
  );
  const composed = readFileSync(composeFile(directory, subgraphs), 'utf8');
  const gateway = await serveSupergraph(
    {
      listen: { host: '127.0.0.1', port: 0 },
      source: { file: writeIn(directory, 'changed.graphql', change(composed)) },
      tokens: { issuer: undefined, audience: undefined, jwksFile: issuer.jwksFile },
      policiesFile: undefined,
      forwardHeaders: [],
      anonymousIntrospection: false,
      logDirectory: undefined,
      limits: SUPERGRAPH_LIMITS,
      ...settings,
    },
    pino({ level: 'silent' }),
  );
  const send = async (init: RequestInit, path = '/graphql'): Promise<Answer> => {
    const response = await fetch(`${gateway.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') && JSON.parse(text) };
  };
  return {
    url: gateway.url,
    issuer,
    subgraphs,
    send,
    async ask(query, claims, variables) {
      const authorization = claims && `Bearer ${await issuer.token(claims)}`;
      return send({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
        body: JSON.stringify({ query, variables }),
      });
    },
    crossed: () => subgraphs.flatMap(({ fetches }) => fetches.splice(0)),
    async close() {
      await gateway.close();
      await Promise.all(subgraphs.map(({ server }) => server.close()));
      rmSync(directory, { recursive: true });
    },
  };
}

/** All that was fetched, as text. */
export const textOf = (fetches: readonly Fetch[]): string =>
  fetches.map(({ query, variables }) => `${query} ${JSON.stringify(variables)}`).join('\n');
