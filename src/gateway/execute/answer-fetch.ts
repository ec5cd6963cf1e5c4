import { OWN_SUBGRAPH } from '../compose/own-schema.ts';
import { gatherFetch } from '../gather/gather-fetch.ts';
import type { GatheredReports } from '../gather/gathered-reports.ts';
import type { GatheringHost } from '../gather/gathering.ts';
import { ofPlainSubgraph, patternOf } from './answer-errors.ts';
import { ENTITIES, FetchShape } from './conform-answer.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { CustodianExchanges } from './custodian-exchanges.ts';
import { EntityKeys } from './entity-keys.ts';
import type { ExecutionInput } from './execute-plan.ts';
import { type FetchResult, withoutAnswer } from './fetch-part.ts';
import { withoutInterfaceNames } from './interface-objects.ts';
import type { FetchAnswer, PlannedFetch } from './planned-fetch.ts';

/** Answers one fetch of a plan: the gateway itself, the only host of a subgraph, or all of them. */
export async function answerFetch(
  input: ExecutionInput,
  exchanges: CustodianExchanges,
  gathered: GatheredReports,
  fetch: PlannedFetch,
): Promise<FetchAnswer> {
  const { subgraph, document, variables } = fetch;
  if (subgraph === OWN_SUBGRAPH && !input.hosts.has(subgraph)) {
    const { data, errors = [] } = await input.own({ document, variables });
    return { data: data ? structuredClone(data) : undefined, errors };
  }
  return input.gathered.has(subgraph)
    ? fetchGathered(input, exchanges, gathered, fetch)
    : fetchOne(input, exchanges, fetch);
}

/** Asks the only host of a subgraph. */
async function fetchOne(
  { hosts, authorization, snapshot, withheld }: ExecutionInput,
  exchanges: CustodianExchanges,
  { subgraph, document, query, variables, representations, times, fetchedAt }: PlannedFetch,
): Promise<FetchAnswer> {
  const [connection] = hosts.get(subgraph) ?? [];
  const touched = authorization.touched.get(connection?.custodian.id ?? '');
  const keepsContract = touched?.access.status !== 'ANSWERED' || touched.access.keepsContract;
  const types = representations.map(({ __typename }) => __typename);
  const shape = new FetchShape(snapshot.subgraphSchema(subgraph), document, variables, types, keepsContract);
  if (!connection) return withoutAnswer(shape, 'UNAVAILABLE');
  // Subgraphs other than custodians' may resolve a key for themselves that they are asked by.
  const keys = keepsContract && shape.isOfEntities ? new EntityKeys(document, query, representations) : undefined;
  const asked = await exchanges.ask(connection, { shape, keys, document, query, variables });
  const fetched = fits(exchanges, connection, asked, times) ? asked : withoutAnswer(shape, 'UNAVAILABLE');
  for (const path of fetched.withheld) {
    const coordinate = shape.coordinateAt(path);
    if (touched && coordinate !== undefined) withheld(touched, coordinate, patternOf(fetchedAt, path));
  }
  if (keepsContract) return fetched;
  const data = withoutInterfaceNames(fetched.data, snapshot.supergraphSchema);
  return { data, errors: fetched.errors.map(ofPlainSubgraph) };
}

/** Whether there is room for the entities that were fetched in all places where they stand. */
function fits(
  exchanges: CustodianExchanges,
  connection: CustodianConnection,
  { data }: FetchResult,
  times: readonly number[],
): boolean {
  const entities = data?.[ENTITIES];
  if (!Array.isArray(entities)) return true;
  try {
    exchanges.room.take(
      connection.custodian.id,
      entities.map((entity: unknown, index) => [entity, times[index] ?? 1]),
    );
    return true;
  } catch (failure) {
    if (!(failure instanceof UnusableAnswerError)) throw failure;
    exchanges.lied(connection, failure);
    return false;
  }
}

/** Asks all hosts of a gathered subgraph. */
async function fetchGathered(
  { hosts, gathered, lacks, joined, now, authorization, snapshot, viewer, cursors, withheld }: ExecutionInput,
  exchanges: CustodianExchanges,
  reports: GatheredReports,
  { subgraph, document, variables, representations, times, fetchedAt }: PlannedFetch,
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
      now,
      viewer,
      cursors,
      ask: (custodian, part) => {
        const connection = connections.get(custodian);
        return connection ? exchanges.ask(connection, part) : Promise.resolve(withoutAnswer(part.shape, 'UNAVAILABLE'));
      },
      take: (custodian, entities) => exchanges.room.take(custodian, entities),
      lied: (custodian, failure) => {
        const connection = connections.get(custodian);
        if (connection) exchanges.lied(connection, failure);
      },
    },
    document,
    variables,
    representations,
    times,
  );
  for (const { custodian, coordinate, path } of answer.refusals) {
    const touched = authorization.touched.get(custodian);
    if (touched) withheld(touched, coordinate, patternOf(fetchedAt, path));
  }
  reports.add(answer, (path) => patternOf(fetchedAt, path));
  return answer;
}
