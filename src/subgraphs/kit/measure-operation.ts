import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';

interface Measure {
  readonly depth: number;
  readonly fields: number;
}

/** Refuses operations that are too deep or too wide, with `OPERATION_TOO_COSTLY`; the document must be valid. */
export function measureOperation(document: DocumentNode, operation: OperationDefinitionNode): void {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );
  // Each fragment is measured once: spreads that double at every level would otherwise take forever to add up.
  const measured = new Map<string, Measure>();

  const measureFragment = (name: string): Measure => {
    const known = measured.get(name);
    if (known) return known;
    const measure = measureSelections(fragments.get(name));
    measured.set(name, measure);
    return measure;
  };

  const measureSelections = (set: SelectionSetNode | undefined): Measure =>
    (set?.selections ?? []).reduce<Measure>(
      (total, selection) => {
        const inner =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value)
            : measureSelections(selection.selectionSet);
        const own = selection.kind === Kind.FIELD ? 1 : 0;
        return { depth: Math.max(total.depth, inner.depth + own), fields: total.fields + inner.fields + own };
      },
      { depth: 0, fields: 0 },
    );

  const { depth, fields } = measureSelections(operation.selectionSet);
  if (depth > OPERATION_BOUNDS.depth || fields > OPERATION_BOUNDS.fields) throw new ListedError('OPERATION_TOO_COSTLY');
}
