import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { CustodianConnection } from './custodian-connection.ts';

/**
 * The supergraph in force and the connections to its custodians. Nothing in it changes: what comes later is another one,
 * and a request keeps the one that it began with.
 */
export interface Federation {
  readonly snapshot: SupergraphSnapshot;
  /** By the name of the subgraph that the custodian hosts. */
  readonly connections: ReadonlyMap<string, CustodianConnection>;
}

/** A supergraph with the connections to the custodians that it was composed of. */
export const federationOf = (
  snapshot: SupergraphSnapshot,
  connections: readonly CustodianConnection[],
): Federation => ({
  snapshot,
  connections: new Map(connections.map((connection) => [connection.custodian.subgraph, connection])),
});
