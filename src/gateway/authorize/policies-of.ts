import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';
import { filtersUsed } from './filters-used.ts';

/** Every policy that guards something among the selections or below, or what their filters read. */
export function policiesOf(snapshot: SupergraphSnapshot, selections: readonly AskedSelection[]): ReadonlySet<string> {
  const found = new Set<string>();
  const policiesOn = (field: AskedField): readonly string[] => {
    const read = filtersUsed(snapshot, field).flatMap((guard) => snapshot.demandOf(guard)?.policies ?? []);
    const needed = snapshot.needs(field.parent, field.definition.name).flatMap(({ policies }) => policies);
    return [...needed, ...read].flat();
  };
  const collect = (asked: readonly AskedSelection[]): void => {
    for (const selection of asked) {
      if (selection.kind === 'field') for (const policy of policiesOn(selection)) found.add(policy);
      collect(selection.selections ?? []);
    }
  };
  collect(selections);
  return found;
}
