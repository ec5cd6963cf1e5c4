import type { ExecutionResult } from 'graphql';
import type { SubgraphAccess } from './authorize/subgraph-access.ts';
import type { Attainable } from './compose/shown-schema.ts';
import type { OwnFetch } from './execute/own-subgraph.ts';
import type { Federation } from './federation.ts';
import type { RequestWatch } from './observe/request-watch.ts';
import type { ReceivedRequest } from './receive/receive-request.ts';
import type { Asker } from './record/record-request.ts';
import type { AskedSelection } from './resolve/expand-selections.ts';

/** One request of a viewer who is known: how his access to the subgraphs is found out. What kinds of visits there are depends on what the subgraphs are. */
export interface Visit {
  readonly viewer: Asker;
  /** What each custodian that the operation may be answered from lets the viewer have, by custodian. */
  access(federation: Federation, selections: readonly AskedSelection[]): Promise<ReadonlyMap<string, SubgraphAccess>>;
  /** A subgraph has contradicted what was found out. */
  forget(custodian: string): void;
  /** Answers a fetch of the gateway's own fields. */
  own(federation: Federation, fetch: OwnFetch): Promise<ExecutionResult>;
  /** What the viewer could be given at all, which is what he is shown of the schema; undefined where he is shown nothing of it. */
  readonly attainable: Attainable | undefined;
  /** Whether an answer says how each subgraph took part. */
  readonly tellsCustodians: boolean;
}

/** Finds out who asks; questions to subgraphs are under the request's watch. Throws `UNAUTHENTICATED`, or a `SubjectRefusal`. */
export type Admit = (received: ReceivedRequest, watch: RequestWatch) => Promise<Visit>;
