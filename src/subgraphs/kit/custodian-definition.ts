import type { Delivery } from './import/delivery.ts';

/** What is a custodian's own; everything else is the kit's. */
export interface CustodianDefinition {
  /** The subgraph it hosts: the namespace of its scopes and the path `/<subgraph>/graphql`. */
  readonly subgraph: string;
  /** The folder with its migrations (`.sql`, in the order of their names). */
  readonly migrations: URL;
  /** Its type-graphql resolver classes. */
  readonly resolvers: readonly [Function, ...Function[]];
  /** How its delivered files become records. */
  readonly delivery: Delivery;
}
