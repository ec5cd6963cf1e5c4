import { isObjectType, getNamedType, type GraphQLSchema } from 'graphql';
import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { Federation } from '../federation.ts';
import type { CustodianReport, CustodianStatus } from '../custodian-status.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { AskedSelection } from '../resolve/expand-selections.ts';

/**
 * `extensions.custodians`: each custodian that the operation touches, how it took part, and how many objects of the
 * answer are its records (objects of its own types whose `id` is guarded; a record in two places counts twice).
 */
export function reportCustodians(
  { connections, snapshot }: Federation,
  touched: ReadonlyMap<string, TouchedCustodian>,
  fetched: ReadonlyMap<string, CustodianStatus>,
  selections: readonly AskedSelection[],
  data: unknown,
): CustodianReport[] {
  const records = countRecords(snapshot, selections, data);
  return Array.from(touched, ([subgraph, part]) => {
    const status = part.status ?? fetched.get(subgraph) ?? statusUnfetched(part, touched, fetched);
    const retryAfter = connections.get(subgraph)?.health.retryAfter;
    return {
      custodian: part.custodian.id,
      status,
      records: records.get(subgraph) ?? 0,
      ...(retryAfter !== undefined && (status === 'UNAVAILABLE' || status === 'TIMED_OUT') && { retryAfter }),
    };
  });
}

/** What was not fetched because nothing led to it has answered, unless what leads to it has not. */
function statusUnfetched(
  { above }: TouchedCustodian,
  touched: ReadonlyMap<string, TouchedCustodian>,
  fetched: ReadonlyMap<string, CustodianStatus>,
): CustodianStatus {
  const leading = [...above].map((subgraph) => touched.get(subgraph)?.status ?? fetched.get(subgraph) ?? 'ANSWERED');
  return leading.every((status) => status === 'ANSWERED') ? 'ANSWERED' : 'UNAVAILABLE';
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
