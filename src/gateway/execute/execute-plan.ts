import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { OWN_SUBGRAPH } from '../compose/own-schema.ts';
import type { Authorization, UnaskedField } from '../authorize/authorize-operation.ts';
import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { RequestWatch } from '../observe/request-watch.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import type { FetchShape } from './conform-answer.ts';
import {
  type FetchResult,
  errorAt,
  fetchFromCustodian,
  patternOf as patternOfPath,
  representationsOf,
  shapeOf,
  withoutAnswer,
} from './fetch-from-custodian.ts';
import { EntityKeys } from './entity-keys.ts';
import { clientName, withClientNames } from './client-names.ts';
import { pathsAt } from './paths-at.ts';
import { tellPlaces } from './tell-places.ts';

/** Everything that the execution of one request needs; nothing in it is another request's but the connections. */
export interface ExecutionInput {
  readonly requestId: string;
  readonly watch: RequestWatch;
  readonly snapshot: SupergraphSnapshot;
  readonly plan: QueryPlan;
  readonly operation: ResolvedOperation;
  readonly authorization: Authorization;
  readonly connections: ReadonlyMap<string, CustodianConnection>;
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
  /** By subgraph; where several fetches differ, the one that failed. */
  readonly statuses: ReadonlyMap<string, CustodianStatus>;
}

type FetchDocument = NonNullable<Extract<GraphQLDataSourceProcessOptions, { kind: 'incoming operation' }>['document']>;

/**
 * Runs the plan of the rewritten document and shapes the answer by the original one, in which all that was cut is null.
 * Errors carry listed codes only.
 */
export async function executePlan(input: ExecutionInput): Promise<ExecutionOutput> {
  const { snapshot, plan, operation, authorization } = input;
  const { shape } = authorization;
  const statuses = new Map<string, CustodianStatus>();
  const names = [OWN_SUBGRAPH, ...authorization.touched.keys()];
  const services = Object.fromEntries(
    names.map((subgraph) => [
      subgraph,
      { process: (options: GraphQLDataSourceProcessOptions) => processFetch(input, statuses, subgraph, options) },
    ]),
  );
  const result = await executeQueryPlan(
    plan,
    services,
    { request: { variables: { ...operation.variables } }, context: {}, metrics: {} } as unknown as Parameters<
      typeof executeQueryPlan
    >[2],
    {
      schema: snapshot.apiSchema,
      operation: shape ? { ...operation.operation, selectionSet: shape } : operation.operation,
      fragments: Object.fromEntries(operation.fragments),
    },
    snapshot.supergraphSchema,
    snapshot.plannerSchema,
  );
  const data = (shape && result.data ? withClientNames(result.data, shape) : result.data) ?? null;
  const errors = [...(result.errors ?? []).map(withClientPath), ...unaskedErrors(authorization.unasked, data)];
  return { data, errors: boundErrors(errors), statuses };
}

async function processFetch(
  input: ExecutionInput,
  statuses: Map<string, CustodianStatus>,
  subgraph: string,
  options: GraphQLDataSourceProcessOptions,
): ReturnType<GraphQLDataSource['process']> {
  if (options.kind !== 'incoming operation' || !options.document) throw new Error('a fetch without a document');
  const { request, document, pathInIncomingRequest: fetchedAt = [] } = options;
  const variables: Readonly<Record<string, unknown>> = request.variables ?? {};
  if (subgraph === OWN_SUBGRAPH && !input.connections.has(subgraph)) {
    const { data, errors } = await input.own({ document, variables });
    return {
      ...(data && { data: structuredClone(data) }),
      ...(errors && { errors: errors.map((error) => error.toJSON()) }),
    };
  }
  const touched = input.authorization.touched.get(subgraph);
  const keepsContract = touched?.access.status !== 'ANSWERED' || touched.access.keepsContract;
  const shape = shapeOf(input.snapshot.subgraphSchema(subgraph), document, variables, keepsContract);
  const connection = input.connections.get(subgraph);
  const before = statuses.get(subgraph);
  // A custodian that has failed this request once is not waited for again.
  const fetched =
    before !== undefined && before !== 'ANSWERED'
      ? withoutAnswer(shape, before)
      : await fetchIfGranted(input, touched, connection, shape, { document, query: request.query ?? '', variables });
  if (fetched.status !== 'ANSWERED' || !statuses.has(subgraph)) statuses.set(subgraph, fetched.status);
  if (touched && fetched.failure !== undefined) input.failed(touched, fetched.failure);
  for (const path of fetched.withheld) {
    const coordinate = shape.coordinateAt(path);
    if (touched && coordinate !== undefined) input.withheld(touched, coordinate, patternOfPath(fetchedAt, path));
  }
  return {
    ...(fetched.data && { data: fetched.data }),
    ...(fetched.errors.length > 0 && {
      errors: fetched.errors.map((error) => (keepsContract ? error : ofPlainSubgraph(error)).toJSON()),
    }),
  };
}

/** An error as it is told of a subgraph that is no custodian's. */
function ofPlainSubgraph(error: GraphQLError): GraphQLError {
  const code = PLAIN_CODE_OF[String(error.extensions['code'])];
  return code ? errorAt(code, error.path) : error;
}

const PLAIN_CODE_OF: Readonly<Record<string, ErrorCode>> = {
  CUSTODIAN_UNAVAILABLE: 'SUBGRAPH_UNAVAILABLE',
  CUSTODIAN_REFUSED: 'SUBGRAPH_UNAVAILABLE',
  CUSTODIAN_TIMED_OUT: 'SUBGRAPH_TIMED_OUT',
};

interface PlannedFetch {
  readonly document: FetchDocument;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Nothing is ever sent to a custodian that has not said what it grants to this viewer for this purpose. */
async function fetchIfGranted(
  input: ExecutionInput,
  touched: TouchedCustodian | undefined,
  connection: CustodianConnection | undefined,
  shape: FetchShape,
  { document, query, variables }: PlannedFetch,
): Promise<FetchResult> {
  if (touched?.access.status !== 'ANSWERED' || !connection) return withoutAnswer(shape, 'UNAVAILABLE');
  const { viewer, headers } = touched.access;
  const { requestId, watch, signal, deadline } = input;
  // Subgraphs other than custodians' may resolve a key for themselves that they are asked by.
  const hasKeys = shape.keepsContract && shape.isOfEntities;
  const keys = hasKeys ? new EntityKeys(document, query, representationsOf(variables)) : undefined;
  const question = watch.asks(connection.custodian, shape.isOfEntities ? 'ENTITIES' : 'ROOTS');
  const fetched = await fetchFromCustodian({
    connection,
    viewer,
    requestId,
    headers: { ...headers, ...question.headers },
    shape,
    keys,
    query,
    variables,
    signal,
    deadline,
  });
  question.ended(fetched.status);
  return fetched;
}

/** Each place in the answer at which a field is null because its custodian was not asked. */
function unaskedErrors(
  unasked: readonly UnaskedField[],
  data: Readonly<Record<string, unknown>> | null,
): GraphQLError[] {
  return unasked.flatMap(({ path, code }) => {
    const told = tellPlaces(pathsAt(path, data), () => '');
    return told.map(({ place, more }) => errorAt(code, place, more));
  });
}

/** An error at the place where the client knows it. */
function withClientPath(error: GraphQLError): GraphQLError {
  const path = error.path?.map((key) => (typeof key === 'string' ? clientName(key) : key));
  return path ? new GraphQLError(error.message, { extensions: error.extensions, path }) : error;
}

/** As many as an answer may hold, whatever the number of fetches that failed. */
function boundErrors(errors: readonly GraphQLError[]): GraphQLError[] {
  const patternOf = ({ path, extensions: { code } }: GraphQLError): string =>
    JSON.stringify([code, path && patternOfPath([], path)]);
  return tellPlaces(errors, patternOf).map(({ place, more }) => {
    const { message, path, extensions } = place;
    if (more === 0) return place;
    const before = typeof extensions.more === 'number' ? extensions.more : 0;
    return new GraphQLError(message, {
      extensions: { ...extensions, more: before + more },
      ...(path && { path }),
    });
  });
}
