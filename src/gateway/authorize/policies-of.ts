import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedSelection } from '../resolve/expand-selections.ts';

/** Every policy that guards something among the selections or below. */
export function policiesOf(snapshot: SupergraphSnapshot, selections: readonly AskedSelection[]): ReadonlySet<string> {
  const found = new Set<string>();
  const collect = (asked: readonly AskedSelection[]): void => {
    for (const selection of asked) {
      const needs = selection.kind === 'field' ? snapshot.needs(selection.parent, selection.definition.name) : [];
      for (const policy of needs.flatMap(({ policies }) => policies).flat()) found.add(policy);
      collect(selection.selections ?? []);
    }
  };
  collect(selections);
  return found;
}
