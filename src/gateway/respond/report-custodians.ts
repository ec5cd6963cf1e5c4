import { isObjectType, getNamedType, type GraphQLSchema } from 'graphql';
import type { ExecutionOutput } from '../execute/execute-plan.ts';
import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { Federation } from '../federation.ts';
import type { GatheredReport } from '../gather/gathered-reports.ts';
import type { CustodianReport, CustodianStatus } from '../custodian-status.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { AskedSelection } from '../resolve/expand-selections.ts';

/**
 * `extensions.custodians`: each custodian that the operation touches, how it took part, and how many objects of the
 * answer are its records (objects of its own types whose `id` is guarded; a record in two places counts twice).
 */
export function reportCustodians(
  federation: Federation,
  touched: readonly TouchedCustodian[],
  { data, statuses: fetched, gathered }: ExecutionOutput,
  selections: readonly AskedSelection[],
): CustodianReport[] {
  const { hosts, snapshot } = federation;
  const records = countRecords(snapshot, selections, data);
  return touched.map((part) => {
    const { id, subgraph } = part.custodian;
    const own = gathered.get(id);
    const status = part.status ?? fetched.get(id) ?? statusUnasked(own) ?? statusUnfetched(part, touched, fetched);
    const isGathered = federation.gathered.has(subgraph);
    const retryAfter = hosts.get(subgraph)?.find(({ custodian }) => custodian.id === id)?.health.retryAfter;
    return {
      custodian: id,
      status,
      records: own?.records ?? (isGathered ? 0 : (records.get(subgraph) ?? 0)),
      ...(retryAfter !== undefined && (status === 'UNAVAILABLE' || status === 'TIMED_OUT') && { retryAfter }),
      ...(own && own.incomplete.length > 0 && { incomplete: own.incomplete }),
    };
  });
}

/** What has not agreed to be asked, and was not asked anything else. */
const statusUnasked = (gathered: GatheredReport | undefined): CustodianStatus | undefined =>
  gathered?.incomplete.some(({ reason }) => reason === 'NOT_ASKED_ABOUT_PERSONS') ? 'REFUSED' : undefined;

/** What was not fetched because nothing led to it has answered, unless what leads to it has not. */
function statusUnfetched(
  { above }: TouchedCustodian,
  touched: readonly TouchedCustodian[],
  fetched: ReadonlyMap<string, CustodianStatus>,
): CustodianStatus {
  const leading = Map.groupBy(
    touched.filter(({ custodian }) => above.has(custodian.subgraph)),
    ({ custodian }) => custodian.subgraph,
  );
  const hasAnswered = ({ custodian, status }: TouchedCustodian): boolean =>
    (status ?? fetched.get(custodian.id) ?? 'ANSWERED') === 'ANSWERED';
  return [...leading.values()].every((hosts) => hosts.some(hasAnswered)) ? 'ANSWERED' : 'UNAVAILABLE';
}

function countRecords(
  snapshot: SupergraphSnapshot,
  selections: readonly AskedSelection[],
  data: unknown,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const seen = new Set<object>();
  const count = (object: JsonObject, type: string): void => {
    const subgraph = seen.has(object) ? undefined : snapshot.recordsOf(type);
    if (subgraph === undefined) return;
    seen.add(object);
    counts.set(subgraph, (counts.get(subgraph) ?? 0) + 1);
  };
  const enter = (value: unknown, type: string, inside: readonly AskedSelection[]): void => {
    if (Array.isArray(value)) {
      for (const item of value) enter(item, type, inside);
    } else if (isJsonObject(value)) {
      const runtime = typeof value.__typename === 'string' ? value.__typename : type;
      count(value, runtime);
      for (const selection of inside) {
        if (selection.kind === 'field') {
          enter(value[selection.responseKey], getNamedType(selection.definition.type).name, selection.selections ?? []);
        } else if (mayBe(snapshot.apiSchema, runtime, selection.type.name)) {
          const isKnown = isObjectType(snapshot.apiSchema.getType(runtime));
          enter(value, isKnown ? runtime : selection.type.name, selection.selections);
        }
      }
    }
  };
  enter(data, 'Query', selections);
  return counts;
}

/** Where the client has not asked which type it is, an abstract type's object counts as what it is narrowed to. */
function mayBe(schema: GraphQLSchema, runtime: string, condition: string): boolean {
  const type = schema.getType(runtime);
  return !isObjectType(type) || runtime === condition || type.getInterfaces().some(({ name }) => name === condition);
}
