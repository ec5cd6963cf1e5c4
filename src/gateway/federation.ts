import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { CustodianConnection } from './custodian-connection.ts';
import type { GatherRules } from './gather/gather-rules.ts';

/** What is gathered from several hosts. */
export interface Gathering {
  /** By gathered subgraph, the rules by which the answers of its hosts become one. */
  readonly gathered: ReadonlyMap<string, GatherRules>;
  /** By host of such a subgraph, what it lacks of the contract: schema coordinates, of which it is never asked one. */
  readonly lacks: ReadonlyMap<string, ReadonlySet<string>>;
  /** By custodian, when it joined (milliseconds since 1970): what is compared is which of two was there first. */
  readonly joined: ReadonlyMap<string, number>;
}

/**
 * The supergraph in force and the connections to its custodians. Nothing in it changes: what comes later is another one,
 * and a request keeps the one that it began with.
 */
export interface Federation extends Gathering {
  readonly snapshot: SupergraphSnapshot;
  /** Those whose schemas are in force, by the subgraph that they host: one, or of a gathered subgraph any number. */
  readonly hosts: ReadonlyMap<string, readonly CustodianConnection[]>;
  /** All of the gateway's configuration, those without a schema in force too. */
  readonly members: readonly CustodianConnection[];
}

const NOTHING_GATHERED: Gathering = { gathered: new Map(), lacks: new Map(), joined: new Map() };

/** A supergraph with the connections to the custodians that it was composed of, among all members. */
export const federationOf = (
  snapshot: SupergraphSnapshot,
  connections: readonly CustodianConnection[],
  members = connections,
  gathering = NOTHING_GATHERED,
): Federation => ({
  ...gathering,
  snapshot,
  hosts: Map.groupBy(connections, ({ custodian }) => custodian.subgraph),
  members,
});
