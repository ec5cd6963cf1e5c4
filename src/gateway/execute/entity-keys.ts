import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode, print, visit } from 'graphql';
import { isJsonObject } from '../json-object.ts';
import { ENTITIES } from './conform-answer.ts';

/** What names one entity to the custodian that is asked for it (Federation subgraph specification, `_Any`). */
export type Representation = Readonly<Record<string, unknown>> & { readonly __typename: string };

/**
 * The keys by which entities are asked for, asked for in their turn: entities are told apart by their position alone, and
 * a custodian that mixes them up would tell of one person what is another's.
 */
export class EntityKeys {
  readonly #representations: readonly Representation[];
  readonly #prefix: string;
  /** The fetch's document, with the keys. */
  readonly document: DocumentNode;

  constructor(document: DocumentNode, query: string, representations: readonly Representation[]) {
    this.#representations = representations;
    let prefix = 'askedBy_';
    while (query.includes(prefix)) prefix = `_${prefix}`;
    this.#prefix = prefix;
    const byType = new Map(representations.map((representation) => [representation.__typename, representation]));
    const keys = Array.from(byType, ([type, representation]) => this.#selection(type, representation));
    this.document = visit(document, {
      Field: (node) => {
        if (node.name.value !== ENTITIES || !node.selectionSet) return undefined;
        const selections = [...node.selectionSet.selections, ...keys];
        return { ...node, selectionSet: { ...node.selectionSet, selections } };
      },
    });
  }

  get query(): string {
    return print(this.document);
  }

  /** Whether each of the entities that came is the one asked for in its place, or null. */
  fit(entities: unknown): boolean {
    if (!Array.isArray(entities)) return false;
    return entities.every((entity: unknown, index) => {
      const representation = this.#representations[index];
      if (entity === null) return true;
      if (!representation || !isJsonObject(entity)) return false;
      return scalars(representation).every(([name, value]) => entity[`${this.#prefix}${name}`] === value);
    });
  }

  #selection(type: string, representation: Representation): SelectionNode {
    const name = (value: string) => ({ kind: Kind.NAME, value }) as const;
    const selectionSet: SelectionSetNode = {
      kind: Kind.SELECTION_SET,
      selections: scalars(representation).map(([field]) => ({
        kind: Kind.FIELD,
        alias: name(`${this.#prefix}${field}`),
        name: name(field),
      })),
    };
    return { kind: Kind.INLINE_FRAGMENT, typeCondition: { kind: Kind.NAMED_TYPE, name: name(type) }, selectionSet };
  }
}

const scalars = ({ __typename, ...fields }: Representation): [name: string, value: unknown][] =>
  Object.entries(fields).filter(([, value]) => typeof value !== 'object');
