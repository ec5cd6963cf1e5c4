import {
  type GraphQLInterfaceType,
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
   * those of all possible types) and of all that its subgraph is handed with it (`@requires`, also where a subgraph adds
   * the field to an interface of the type, `@interfaceObject`).
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
    for (const rule of [...this.#rulesOf(type), coordinate, ...this.#inherited(type, field)]) ruling.add(rule);
    const returned = returnedBy(type, field);
    if (returned) for (const rule of this.#possible(returned)) ruling.add(rule);
    const resolved = [type, ...interfacesOf(type)].map(({ name }) => `${name}.${field}`);
    for (const selection of resolved.flatMap((name) => this.#facts.requires.get(name) ?? [])) {
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
    if (!isAbstractType(type)) return this.#rulesOf(type);
    const possible = this.#schema.getPossibleTypes(type).flatMap((one) => this.#rulesOf(one));
    const own = this.#facts.demands.get(type.name) ?? NOTHING;
    return implies(this.#together(possible), own) ? possible : [...possible, type.name];
  }

  #rulesOf(type: GraphQLNamedType): readonly string[] {
    return [type.name, ...this.#inherited(type)];
  }

  /**
   * The rules that interfaces of a type have for themselves, or for one field, beyond those of all their types, as
   * compositions used to write them: a fragment on the type must not get around them.
   */
  #inherited(type: GraphQLNamedType, field?: string): readonly string[] {
    const on = (name: string): string => (field === undefined ? name : `${name}.${field}`);
    return interfacesOf(type).flatMap((parent) => {
      const own = this.#facts.demands.get(on(parent.name));
      if (!own) return [];
      const theirs = this.#schema.getPossibleTypes(parent).flatMap(({ name }) => [name, on(name)]);
      return implies(this.#together(theirs), own) ? [] : [on(parent.name)];
    });
  }

  #together(coordinates: Iterable<string>): Demand {
    return Array.from(coordinates, (coordinate) => this.#facts.demands.get(coordinate) ?? NOTHING).reduce(
      bothDemands,
      NOTHING,
    );
  }
}

const interfacesOf = (type: GraphQLNamedType): readonly GraphQLInterfaceType[] =>
  isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];

function returnedBy(type: GraphQLNamedType, field: string): GraphQLNamedType | undefined {
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
  return definition && getNamedType(definition.type);
}
