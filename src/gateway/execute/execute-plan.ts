import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import {
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { OWN_SUBGRAPH } from '../compose/own-schema.ts';
import type { Authorization } from '../authorize/authorize-operation.ts';
import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { RequestWatch } from '../observe/request-watch.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import { type GatheredReport, GatheredReports } from '../gather/gathered-reports.ts';
import type { GatherRules } from '../gather/gather-rules.ts';
import type { ListCursors } from '../gather/list-cursors.ts';
import { boundErrors, unaskedErrors, withClientPath } from './answer-errors.ts';
import { type FetchDocument, answerFetch } from './answer-fetch.ts';
import { withClientNames } from './client-names.ts';
import { withNullsOfTypes } from './nulls-of-types.ts';
import { CustodianExchanges } from './custodian-exchanges.ts';
import { type SplitSelections, introspect, splitIntrospection } from './introspect.ts';

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
  /** Whom cursors of gathered lists are sealed for, and by what; undefined where nothing is gathered. */
  readonly viewer: { readonly subject: string; readonly subjectKind: string };
  readonly cursors: ListCursors | undefined;
  /** Answers the gateway's own fields. */
  readonly own: (request: {
    readonly document: FetchDocument;
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
 * Runs the plan of the rewritten document and shapes the answer by the original one, in which all that was cut is null.
 * Errors carry listed codes only.
 */
export async function executePlan(input: ExecutionInput): Promise<ExecutionOutput> {
  const { snapshot, plan, operation, authorization } = input;
  const { shape, isRenamed } = authorization;
  const exchanges = new CustodianExchanges({ ...input, touched: authorization.touched });
  const reports = new GatheredReports();
  const subgraphs = Array.from(authorization.touched.values(), ({ custodian }) => custodian.subgraph);
  const names = new Set([OWN_SUBGRAPH, ...subgraphs]);
  const services = Object.fromEntries(
    Array.from(names, (subgraph) => [
      subgraph,
      {
        process: (options: GraphQLDataSourceProcessOptions) =>
          answerFetch(input, exchanges, reports, subgraph, options),
      },
    ]),
  );
  const asked = { ...operation.operation, selectionSet: shape };
  const { introspection, others } = splitIntrospection(shape, operation.fragments);
  const run = (rest: OperationDefinitionNode): ReturnType<typeof executeQueryPlan> =>
    executeQueryPlan(
      plan,
      services,
      { request: { variables: { ...operation.variables } }, context: {}, metrics: {} } as unknown as Parameters<
        typeof executeQueryPlan
      >[2],
      { schema: snapshot.apiSchema, operation: rest, fragments: Object.fromEntries(operation.fragments) },
      snapshot.supergraphSchema,
      snapshot.plannerSchema,
    );
  const result = await (introspection.length === 0
    ? run(asked)
    : runWithSchema(input, asked, { introspection, others }, run));
  const data = (isRenamed && result.data ? namedByClient(input, result.data) : result.data) ?? null;
  const errors = [...(result.errors ?? []).map(withClientPath), ...unaskedErrors(authorization.unasked, data)];
  return { data, errors: boundErrors(errors), statuses: exchanges.statuses, gathered: reports.byCustodian };
}

/** What is asked of the schema is answered beside the plan, under which it comes. */
async function runWithSchema(
  { shown, operation: { fragments, variables } }: ExecutionInput,
  asked: OperationDefinitionNode,
  { introspection, others }: SplitSelections,
  run: (rest: OperationDefinitionNode) => ReturnType<typeof executeQueryPlan>,
): Promise<{ data?: Record<string, unknown> | null; errors?: readonly GraphQLError[] }> {
  const about = await introspect(shown(), asked, introspection, fragments, variables);
  if (others.length === 0) return { data: about };
  const rest = await run({ ...asked, selectionSet: { kind: Kind.SELECTION_SET, selections: others } });
  return rest.data ? { ...rest, data: { ...about, ...rest.data } } : rest;
}

/** The answer in the client's names, with nulls where the types of objects have them. */
function namedByClient(
  { snapshot: { apiSchema }, operation: { operation }, authorization: { shape } }: ExecutionInput,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  const root = apiSchema.getRootType(operation.operation);
  const whole = root ? withNullsOfTypes(apiSchema, root, shape, data) : null;
  return whole && withClientNames(whole, shape);
}
