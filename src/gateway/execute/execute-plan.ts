import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { Authorization } from '../authorize/authorize-operation.ts';
import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { RequestWatch } from '../observe/request-watch.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import { type GatheredReport, GatheredReports } from '../gather/gathered-reports.ts';
import type { GatherRules } from '../gather/gather-rules.ts';
import type { ListCursors } from '../gather/list-cursors.ts';
import { boundErrors, unaskedErrors } from './answer-errors.ts';
import { answerFetch } from './answer-fetch.ts';
import { CustodianExchanges } from './custodian-exchanges.ts';
import { askedOfSchema, introspect } from './introspect.ts';
import { runPlan } from './run-plan.ts';
import { shapeAnswer } from './shape-answer.ts';

/** Everything that the execution of one request needs; nothing in it is another request's but the connections. */
export interface ExecutionInput {
  readonly requestId: string;
  readonly watch: RequestWatch;
  readonly snapshot: SupergraphSnapshot;
  /** The schema by which introspection is answered. */
  readonly shown: () => GraphQLSchema;
  readonly plan: QueryPlan;
  readonly operation: ResolvedOperation;
  readonly authorization: Authorization;
  readonly hosts: ReadonlyMap<string, readonly CustodianConnection[]>;
  readonly gathered: ReadonlyMap<string, GatherRules>;
  readonly lacks: ReadonlyMap<string, ReadonlySet<string>>;
  readonly joined: ReadonlyMap<string, number>;
  readonly now: () => number;
  /** Whom cursors of gathered lists are sealed for, and by what; undefined where nothing is gathered. */
  readonly viewer: { readonly subject: string; readonly subjectKind: string };
  readonly cursors: ListCursors | undefined;
  /** Answers the gateway's own fields. */
  readonly own: (request: {
    readonly document: DocumentNode;
    readonly variables: Readonly<Record<string, unknown>>;
  }) => Promise<ExecutionResult>;
  readonly signal: AbortSignal;
  /** Milliseconds for one fetch. */
  readonly deadline: number;
  /** A fetch that brought no usable answer. */
  readonly failed: (touched: TouchedCustodian, failure: unknown) => void;
  /** A field that a custodian withheld after all (`Type.field`), and where. */
  readonly withheld: (touched: TouchedCustodian, coordinate: string, path: readonly string[]) => void;
}

/** An answer in the shape of the original operation, and how each custodian that was fetched from took part. */
export interface ExecutionOutput {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphQLError[];
  /** By custodian; where several fetches differ, the one that failed. */
  readonly statuses: ReadonlyMap<string, CustodianStatus>;
  /** By custodian, of the hosts of gathered subgraphs: how many of its records are in the answer, and what is not whole. */
  readonly gathered: ReadonlyMap<string, GatheredReport>;
}

/**
 * Runs the plan of the rewritten document, and shapes what its fetches bring by what the client has asked for. What is
 * asked of the schema is answered beside it. Errors carry listed codes only.
 */
export async function executePlan(input: ExecutionInput): Promise<ExecutionOutput> {
  const { snapshot, plan, operation, authorization, shown } = input;
  const { apiSchema } = snapshot;
  const { selections, variables, fragments } = operation;
  const exchanges = new CustodianExchanges({ ...input, touched: authorization.touched });
  const reports = new GatheredReports();
  const ofSchema = askedOfSchema(selections);
  const about =
    ofSchema.length > 0 ? await introspect(shown(), operation.operation, ofSchema, fragments, variables) : undefined;
  const fetched = await runPlan(
    { snapshot, variables, fetch: (fetch) => answerFetch(input, exchanges, reports, fetch) },
    plan,
  );
  const root = apiSchema.getRootType(operation.operation.operation);
  if (!root) throw new Error('an operation without a root');
  const shape = { schema: apiSchema, fetched: authorization.fetched };
  const data = shapeAnswer(shape, selections, root, about ? { ...fetched.data, ...about } : fetched.data);
  const errors = [...fetched.errors, ...unaskedErrors(authorization.unasked, data)];
  return { data, errors: boundErrors(errors), statuses: exchanges.statuses, gathered: reports.byCustodian };
}
