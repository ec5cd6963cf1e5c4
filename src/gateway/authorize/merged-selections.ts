import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';

/** All selections that are merged into one object of the answer ("Field Selection Merging"), wherever they are written. */
export class MergedSelections {
  readonly #selections: readonly AskedSelection[];
  #byKey: ReadonlyMap<string, readonly AskedField[]> | undefined;
  readonly #inside = new Map<string, MergedSelections>();

  constructor(selections: readonly AskedSelection[]) {
    this.#selections = selections;
  }

  /** The fields that are answered under a key, on whatever type. */
  fields(responseKey: string): readonly AskedField[] {
    this.#byKey ??= byKey(this.#selections);
    return this.#byKey.get(responseKey) ?? [];
  }

  /** What is merged into the object under a key; always the same. */
  inside(responseKey: string): MergedSelections {
    const known = this.#inside.get(responseKey);
    if (known) return known;
    const merged = new MergedSelections(this.fields(responseKey).flatMap(({ selections }) => selections ?? []));
    this.#inside.set(responseKey, merged);
    return merged;
  }
}

function byKey(selections: readonly AskedSelection[]): ReadonlyMap<string, readonly AskedField[]> {
  const found = new Map<string, AskedField[]>();
  const collect = (selection: AskedSelection): void => {
    if (selection.kind === 'fragment') return selection.selections.forEach(collect);
    const known = found.get(selection.responseKey);
    if (known) known.push(selection);
    else found.set(selection.responseKey, [selection]);
  };
  selections.forEach(collect);
  return found;
}
