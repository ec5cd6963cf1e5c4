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
  { parent, definition, selections = [] }: AskedField,
): Demand {
  const needs = rules?.pageNeeds(parent.name, definition.name) ?? [];
  if (needs.length === 0) return NOTHING;
  const asked = new Set(selections.map((one) => (one.kind === 'field' ? one.definition.name : '')));
  const fields = needs.filter((coordinate) => {
    const [, name = ''] = coordinate.split('.');
    // Nodes are asked for by their edges.
    return OF_ROWS.has(name) || (name === 'node' && asked.has('nodes'));
  });
  return [...fields, ...snapshot.argumentGuards(parent, definition.name, 'afterRecord')]
    .map((coordinate) => snapshot.demandOf(coordinate, subgraph) ?? NOTHING)
    .reduce(bothDemands, NOTHING);
}
