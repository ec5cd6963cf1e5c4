import {
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  parse,
} from 'graphql';
import { type Demand, NOTHING, bothDemands, implies } from './demand.ts';
import type { SupergraphFacts } from './read-supergraph.ts';

/** What the fields of a supergraph demand of a viewer, computed once each. */
export class FieldDemands {
  readonly #facts: Pick<SupergraphFacts, 'demands' | 'requires'>;
  readonly #schema: GraphQLSchema;
  readonly #known = new Map<string, Demand>();

  constructor(facts: Pick<SupergraphFacts, 'demands' | 'requires'>, schema: GraphQLSchema) {
    this.#facts = facts;
    this.#schema = schema;
  }

  /**
   * What one field on one type demands: the rules of the type, of the field, of the type it returns (on an abstract one,
   * those of all possible types) and of all that its subgraph is handed with it (`@requires`).
   */
  of(type: GraphQLNamedType, field: string): Demand {
    const coordinate = `${type.name}.${field}`;
    const known = this.#known.get(coordinate);
    if (known) return known;
    const ruling = new Set<string>();
    this.#collect(type, field, ruling, new Set());
    const demand = this.#together(ruling);
    this.#known.set(coordinate, demand);
    return demand;
  }

  /** What the field of an abstract type demands by rules of its own, where those of all possible types do not say it already. */
  beyondTypes(type: GraphQLNamedType, field: string): Demand {
    if (!isAbstractType(type)) return NOTHING;
    const own = this.of(type, field);
    const all = this.#schema.getPossibleTypes(type).map((possible) => this.of(possible, field));
    return implies(all.reduce(bothDemands, NOTHING), own) ? NOTHING : own;
  }

  /** Adds the coordinates whose rules hold for a field; `seen` are fields that have been followed already. */
  #collect(type: GraphQLNamedType, field: string, ruling: Set<string>, seen: Set<string>): void {
    const coordinate = `${type.name}.${field}`;
    if (seen.has(coordinate)) return;
    seen.add(coordinate);
    ruling.add(type.name).add(coordinate);
    const returned = returnedBy(type, field);
    if (returned) for (const name of this.#possible(returned)) ruling.add(name);
    for (const selection of this.#facts.requires.get(coordinate) ?? []) {
      const set = getOperationAST(parse(`{${selection}}`, { noLocation: true }))?.selectionSet;
      if (set) this.#collectSet(type, set, ruling, seen);
    }
  }

  #collectSet(type: GraphQLNamedType, { selections }: SelectionSetNode, ruling: Set<string>, seen: Set<string>): void {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const narrowed = this.#schema.getType(selection.typeCondition?.name.value ?? type.name);
        if (narrowed) this.#collectSet(narrowed, selection.selectionSet, ruling, seen);
      } else if (selection.kind === Kind.FIELD) {
        const types = isAbstractType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type];
        for (const possible of types) this.#collect(possible, selection.name.value, ruling, seen);
        const returned = returnedBy(type, selection.name.value);
        if (returned && selection.selectionSet) this.#collectSet(returned, selection.selectionSet, ruling, seen);
      }
    }
  }

  /** The types whose rules hold for a value of a type: all that it may be, and an abstract one's own where they say more. */
  #possible(type: GraphQLNamedType): readonly string[] {
    if (!isAbstractType(type)) return [type.name];
    const possible = this.#schema.getPossibleTypes(type).map(({ name }) => name);
    const own = this.#facts.demands.get(type.name) ?? NOTHING;
    return implies(this.#together(possible), own) ? possible : [...possible, type.name];
  }

  #together(coordinates: Iterable<string>): Demand {
    return Array.from(coordinates, (coordinate) => this.#facts.demands.get(coordinate) ?? NOTHING).reduce(
      bothDemands,
      NOTHING,
    );
  }
}

function returnedBy(type: GraphQLNamedType, field: string): GraphQLNamedType | undefined {
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
  return definition && getNamedType(definition.type);
}
