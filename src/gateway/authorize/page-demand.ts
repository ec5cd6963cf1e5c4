import { type Demand, NOTHING, bothDemands } from '../compose/demand.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { GatherRules } from '../gather/gather-rules.ts';
import type { AskedField } from '../resolve/expand-selections.ts';

/** What hosts are asked for where rows are, whatever is asked for of these. */
const OF_ROWS: ReadonlySet<string> = new Set(['edges', 'sortKey', 'recordId', 'pageInfo', 'hasNextPage']);

/**
 * What a list that several hosts hold demands beside its own guard: to merge its pages takes the edges, and of each where it
 * stands among those of other hosts. Nothing of any other field.
 */
export function pageDemand(
  snapshot: SupergraphSnapshot,
  rules: GatherRules | undefined,
  subgraph: string,
  field: AskedField,
): Demand {
  const { parent, definition, selections = [] } = field;
  const needs = rules?.pageNeeds(parent.name, definition.name) ?? [];
  if (!rules || needs.length === 0) return NOTHING;
  const asksNodes = selections.some((one) => one.kind === 'field' && one.definition.name === 'nodes');
  const byRules = known.get(snapshot) ?? new WeakMap<GatherRules, Map<string, Demand>>();
  const byField = byRules.get(rules) ?? new Map<string, Demand>();
  const key = `${parent.name}.${definition.name} ${asksNodes} ${subgraph}`;
  const demand = byField.get(key) ?? demandOfRows(snapshot, needs, subgraph, field, asksNodes);
  known.set(snapshot, byRules.set(rules, byField.set(key, demand)));
  return demand;
}

/** By field, and whether its nodes are asked for: it follows from the schema alone. */
const known = new WeakMap<SupergraphSnapshot, WeakMap<GatherRules, Map<string, Demand>>>();

function demandOfRows(
  snapshot: SupergraphSnapshot,
  needs: readonly string[],
  subgraph: string,
  { parent, definition }: AskedField,
  asksNodes: boolean,
): Demand {
  const fields = needs.filter((coordinate) => {
    const [, name = ''] = coordinate.split('.');
    // Nodes are asked for by their edges.
    return OF_ROWS.has(name) || (name === 'node' && asksNodes);
  });
  return [...fields, ...snapshot.argumentGuards(parent, definition.name, 'afterRecord')]
    .map((coordinate) => snapshot.demandOf(coordinate, subgraph) ?? NOTHING)
    .reduce(bothDemands, NOTHING);
}
