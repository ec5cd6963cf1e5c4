import type { GatewayConfiguration } from '../configuration.ts';

/** A subgraph by its name and the address at which it answers GraphQL. */
export interface NamedSubgraph {
  readonly name: string;
  readonly url: string;
}

/** How viewers are known. Keys come from a file, or from where the issuer says that they are (OpenID Connect Discovery). */
export interface TokenSettings {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly jwksFile: string | undefined;
}

/** The settings of a gateway in front of plain subgraphs, as given on the command line. */
export interface SupergraphSettings {
  readonly listen: GatewayConfiguration['listen'];
  /** A composed supergraph, or the subgraphs to ask for their schemas. */
  readonly source: { readonly file: string } | { readonly subgraphs: readonly NamedSubgraph[] };
  /** Without them everybody is anonymous, whatever is in the Authorization header. */
  readonly tokens: TokenSettings | undefined;
  readonly policiesFile: string | undefined;
  /** Names of headers, in small letters, that subgraphs get as the client has sent them. */
  readonly forwardHeaders: readonly string[];
  /** Whether those who have not signed in are shown the schema. */
  readonly anonymousIntrospection: boolean;
  /** The directory of the access log; undefined where the operator has switched it off. */
  readonly logDirectory: string | undefined;
  readonly limits: Omit<GatewayConfiguration['limits'], 'requestsPerMinute'>;
}

/** What an operation may ask for unless told otherwise. */
export const SUPERGRAPH_LIMITS: SupergraphSettings['limits'] = {
  depth: 20,
  aliases: 60,
  tokens: 10_000,
  cost: 1_000_000,
};

/** Milliseconds: for a whole request, one fetch, the operator's policies; for subgraphs and provider to be there at start. */
export const SUPERGRAPH_DEADLINES = { request: 30_000, custodian: 15_000, access: 500 };
export const STARTUP = 30_000;
