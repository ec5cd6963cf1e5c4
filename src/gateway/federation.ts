import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { CustodianConnection } from './custodian-connection.ts';

/**
 * The supergraph in force and the connections to its custodians. Nothing in it changes: what comes later is another one,
 * and a request keeps the one that it began with.
 */
export interface Federation {
  readonly snapshot: SupergraphSnapshot;
  /** Those whose schemas are in force, by the subgraph that they host: one, or of a gathered subgraph any number. */
  readonly hosts: ReadonlyMap<string, readonly CustodianConnection[]>;
  /** All of the gateway's configuration, those without a schema in force too. */
  readonly members: readonly CustodianConnection[];
}

/** A supergraph with the connections to the custodians that it was composed of, among all members. */
export const federationOf = (
  snapshot: SupergraphSnapshot,
  connections: readonly CustodianConnection[],
  members = connections,
): Federation => ({
  snapshot,
  hosts: Map.groupBy(connections, ({ custodian }) => custodian.subgraph),
  members,
});
