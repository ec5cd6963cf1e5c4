import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
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
import { gatherFetch } from '../gather/gather-fetch.ts';
import { type GatheredReport, GatheredReports } from '../gather/gathered-reports.ts';
import type { GatherRules } from '../gather/gather-rules.ts';
import type { GatheringHost } from '../gather/gathering.ts';
import type { ListCursors } from '../gather/list-cursors.ts';
import type { AnswerPath } from './conform-answer.ts';
import { CustodianExchanges } from './custodian-exchanges.ts';
import {
  type FetchResult,
  errorAt,
  patternOf as patternOfPath,
  representationsOf,
  shapeOf,
  withoutAnswer,
} from './fetch-from-custodian.ts';
import { EntityKeys } from './entity-keys.ts';
import { type SplitSelections, introspect, splitIntrospection } from './introspect.ts';
import { clientName, withClientNames } from './client-names.ts';
import { pathsAt } from './paths-at.ts';
import { tellPlaces } from './tell-places.ts';

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

type FetchDocument = NonNullable<Extract<GraphQLDataSourceProcessOptions, { kind: 'incoming operation' }>['document']>;

/**
 * Runs the plan of the rewritten document and shapes the answer by the original one, in which all that was cut is null.
 * Errors carry listed codes only.
 */
export async function executePlan(input: ExecutionInput): Promise<ExecutionOutput> {
  const { snapshot, plan, operation, authorization } = input;
  const { shape } = authorization;
  const exchanges = new CustodianExchanges({ ...input, touched: authorization.touched });
  const reports = new GatheredReports();
  const subgraphs = Array.from(authorization.touched.values(), ({ custodian }) => custodian.subgraph);
  const names = new Set([OWN_SUBGRAPH, ...subgraphs]);
  const services = Object.fromEntries(
    Array.from(names, (subgraph) => [
      subgraph,
      {
        process: (options: GraphQLDataSourceProcessOptions) =>
          processFetch(input, exchanges, reports, subgraph, options),
      },
    ]),
  );
  const asked = shape ? { ...operation.operation, selectionSet: shape } : operation.operation;
  const { introspection, others } = splitIntrospection(asked.selectionSet, operation.fragments);
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
  const data = (shape && result.data ? withClientNames(result.data, shape) : result.data) ?? null;
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

async function processFetch(
  input: ExecutionInput,
  exchanges: CustodianExchanges,
  gathered: GatheredReports,
  subgraph: string,
  options: GraphQLDataSourceProcessOptions,
): ReturnType<GraphQLDataSource['process']> {
  if (options.kind !== 'incoming operation' || !options.document) throw new Error('a fetch without a document');
  const { request, document, pathInIncomingRequest: fetchedAt = [] } = options;
  const variables: Readonly<Record<string, unknown>> = request.variables ?? {};
  if (subgraph === OWN_SUBGRAPH && !input.hosts.has(subgraph)) {
    const { data, errors } = await input.own({ document, variables });
    return {
      ...(data && { data: structuredClone(data) }),
      ...(errors && { errors: errors.map((error) => error.toJSON()) }),
    };
  }
  const fetch = { document, query: request.query ?? '', variables };
  const isGathered = input.gathered.has(subgraph);
  const answer = isGathered
    ? await fetchGathered(input, exchanges, gathered, subgraph, fetch, fetchedAt)
    : await fetchOne(input, exchanges, subgraph, fetch, fetchedAt);
  return {
    ...(answer.data && { data: answer.data }),
    ...(answer.errors.length > 0 && { errors: answer.errors.map((error) => error.toJSON()) }),
  };
}

interface PlannedFetch {
  readonly document: FetchDocument;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a fetch brought, as the executor takes it. */
type FetchAnswer = Pick<FetchResult, 'data' | 'errors'>;

/** Asks the only host of a subgraph. */
async function fetchOne(
  { hosts, authorization, snapshot, withheld }: ExecutionInput,
  exchanges: CustodianExchanges,
  subgraph: string,
  { document, query, variables }: PlannedFetch,
  fetchedAt: AnswerPath,
): Promise<FetchAnswer> {
  const [connection] = hosts.get(subgraph) ?? [];
  const touched = authorization.touched.get(connection?.custodian.id ?? '');
  const keepsContract = touched?.access.status !== 'ANSWERED' || touched.access.keepsContract;
  const shape = shapeOf(snapshot.subgraphSchema(subgraph), document, variables, keepsContract);
  if (!connection) return withoutAnswer(shape, 'UNAVAILABLE');
  // Subgraphs other than custodians' may resolve a key for themselves that they are asked by.
  const hasKeys = shape.keepsContract && shape.isOfEntities;
  const keys = hasKeys ? new EntityKeys(document, query, representationsOf(variables)) : undefined;
  const fetched = await exchanges.ask(connection, { shape, keys, document, query, variables });
  for (const path of fetched.withheld) {
    const coordinate = shape.coordinateAt(path);
    if (touched && coordinate !== undefined) withheld(touched, coordinate, patternOfPath(fetchedAt, path));
  }
  return keepsContract ? fetched : { ...fetched, errors: fetched.errors.map(ofPlainSubgraph) };
}

/** Asks all hosts of a gathered subgraph. */
async function fetchGathered(
  { hosts, gathered, lacks, authorization, snapshot, viewer, cursors, withheld }: ExecutionInput,
  exchanges: CustodianExchanges,
  reports: GatheredReports,
  subgraph: string,
  { document, variables }: PlannedFetch,
  fetchedAt: AnswerPath,
): Promise<FetchAnswer> {
  const rules = gathered.get(subgraph);
  const all = (hosts.get(subgraph) ?? []).toSorted((a, b) => (a.custodian.id < b.custodian.id ? -1 : 1));
  const connections = new Map(all.map((connection) => [connection.custodian.id, connection]));
  if (!rules || !cursors) throw new Error('a fetch from hosts without a contract');
  const unheard: string[] = [];
  const asked: GatheringHost[] = [];
  for (const custodian of connections.keys()) {
    const access = authorization.touched.get(custodian)?.access;
    if (access?.status === 'ANSWERED') asked.push({ custodian, access, lacks: lacks.get(custodian) ?? new Set() });
    else unheard.push(custodian);
  }
  const answer = await gatherFetch(
    {
      snapshot,
      subgraph,
      rules,
      hosts: asked,
      unheard,
      viewer,
      cursors,
      ask: (custodian, part) => {
        const connection = connections.get(custodian);
        return connection ? exchanges.ask(connection, part) : Promise.resolve(withoutAnswer(part.shape, 'UNAVAILABLE'));
      },
      lied: (custodian, failure) => {
        const connection = connections.get(custodian);
        if (connection) exchanges.lied(connection, failure);
      },
    },
    document,
    variables,
  );
  for (const { custodian, coordinate, path } of answer.refusals) {
    const touched = authorization.touched.get(custodian);
    if (touched) withheld(touched, coordinate, patternOfPath(fetchedAt, path));
  }
  reports.add(answer, (path) => patternOfPath(fetchedAt, path));
  return answer;
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
