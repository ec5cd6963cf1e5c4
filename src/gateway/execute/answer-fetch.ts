import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { OWN_SUBGRAPH } from '../compose/own-schema.ts';
import { gatherFetch } from '../gather/gather-fetch.ts';
import type { GatheredReports } from '../gather/gathered-reports.ts';
import type { GatheringHost } from '../gather/gathering.ts';
import { ofPlainSubgraph, patternOf } from './answer-errors.ts';
import type { CustodianExchanges } from './custodian-exchanges.ts';
import { EntityKeys } from './entity-keys.ts';
import type { ExecutionInput } from './execute-plan.ts';
import { type FetchResult, representationsOf, shapeOf, withoutAnswer } from './fetch-part.ts';
import { withoutInterfaceNames } from './interface-objects.ts';
import type { AnswerPath } from './answer-reading.ts';

/** The document of a fetch. */
export type FetchDocument = NonNullable<
  Extract<GraphQLDataSourceProcessOptions, { kind: 'incoming operation' }>['document']
>;

/** Answers one fetch of a plan, as the executor takes it. */
export async function answerFetch(
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
    if (touched && coordinate !== undefined) withheld(touched, coordinate, patternOf(fetchedAt, path));
  }
  if (keepsContract) return fetched;
  const data = withoutInterfaceNames(fetched.data, snapshot.supergraphSchema);
  return { data, errors: fetched.errors.map(ofPlainSubgraph) };
}

/** Asks all hosts of a gathered subgraph. */
async function fetchGathered(
  { hosts, gathered, lacks, joined, authorization, snapshot, viewer, cursors, withheld }: ExecutionInput,
  exchanges: CustodianExchanges,
  reports: GatheredReports,
  subgraph: string,
  { document, variables }: PlannedFetch,
  fetchedAt: AnswerPath,
): Promise<FetchAnswer> {
  const rules = gathered.get(subgraph);
  const connections = new Map((hosts.get(subgraph) ?? []).map((connection) => [connection.custodian.id, connection]));
  if (!rules || !cursors) throw new Error('a fetch from hosts without a contract');
  const unheard: string[] = [];
  const asked: GatheringHost[] = [];
  // Those that were never seen are touched, too: what is theirs is missing, whatever they may have.
  const touchedHosts = [...authorization.touched].filter(([, { custodian }]) => custodian.subgraph === subgraph);
  for (const [custodian, { access }] of touchedHosts.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (access.status === 'ANSWERED') asked.push({ custodian, access, lacks: lacks.get(custodian) ?? new Set() });
    else unheard.push(custodian);
  }
  const answer = await gatherFetch(
    {
      snapshot,
      subgraph,
      rules,
      hosts: asked,
      unheard,
      joined,
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
    if (touched) withheld(touched, coordinate, patternOf(fetchedAt, path));
  }
  reports.add(answer, (path) => patternOf(fetchedAt, path));
  return answer;
}
