import { type InputValueDefinitionNode, Kind, type TypeNode } from 'graphql';
import { type DeclaredField, type DeclaredType, declaredTypes } from './declared-types.ts';
import { namedTypeOf } from './directive-arguments.ts';
import type { SubgraphSchema } from './subgraph-schema.ts';

/**
 * What a host's schema lacks of the contract, by schema coordinates in the contract's order: `Type` and all that it has,
 * `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. What is there with a type that answers or takes
 * something else is lacked; what the host has beyond the contract is no matter. `pages` are the fields whose pages are
 * merged, each with the coordinates that this takes.
 */
export function lackedBy(
  host: SubgraphSchema,
  contract: SubgraphSchema,
  pages: Iterable<readonly [coordinate: string, needs: readonly string[]]>,
): ReadonlySet<string> {
  const lacks = new Lacks(declaredTypes(contract), declaredTypes(host)).found;
  for (const [coordinate, needs] of pages) if (needs.some((need) => lacks.has(need))) lacks.add(coordinate);
  return new Set(contract.elements.map(({ coordinate }) => coordinate).filter((one) => lacks.has(one)));
}

type Types = ReadonlyMap<string, DeclaredType>;

class Lacks {
  readonly found = new Set<string>();
  readonly #contract: Types;
  readonly #host: Types;

  constructor(contract: Types, host: Types) {
    this.#contract = contract;
    this.#host = host;
    const used = usedTypes(contract);
    // A scalar or an enum that no field uses is a directive's.
    const types = [...contract.values()].filter(
      ({ name, kind }) => (kind !== 'Scalar' && kind !== 'Enum') || used.has(name),
    );
    for (const type of types) if (!this.#serves(type)) this.#lack(type);
    // A type that turns out to be lacking takes away what returns it or is given it, and may take away others so.
    for (let before = -1; before < this.found.size;) {
      before = this.found.size;
      for (const type of types) if (!this.found.has(type.name)) this.#compare(type, host.get(type.name));
    }
  }

  /** Whether the host has the type as what it is: of its kind, with its keys, and as all the interfaces and unions. */
  #serves(type: DeclaredType): boolean {
    const host = this.#host.get(type.name);
    if (host?.kind !== type.kind) return false;
    const keys = new Set(resolvableKeys(host));
    if (!resolvableKeys(type).every((key) => keys.has(key))) return false;
    return possibleTypes(this.#contract, type)
      .filter(({ name }) => this.#host.get(name)?.kind === 'Object')
      .every(({ name }) => isPossible(this.#host, host, name));
  }

  /** The type, and all that it has. */
  #lack({ name, fields, inputFields, values }: DeclaredType): void {
    this.found.add(name);
    for (const { coordinate } of [...fields.values(), ...inputFields.values()]) this.found.add(coordinate);
    for (const value of values) this.found.add(`${name}.${value}`);
  }

  #compare(type: DeclaredType, host: DeclaredType | undefined): void {
    for (const value of type.values) if (!host?.values.has(value)) this.found.add(`${type.name}.${value}`);
    for (const [name, field] of type.fields) {
      const inHost = host?.fields.get(name);
      if (!inHost || !this.#answers(field.node.type, inHost.node.type) || !this.#takesArguments(field, inHost))
        this.found.add(field.coordinate);
    }
    const asked = Array.from(type.inputFields.values(), ({ node }) => node);
    const taken = Array.from(host?.inputFields.values() ?? [], ({ node }) => node);
    if (!this.#takesAll(asked, taken, (name) => `${type.name}.${name}`)) this.#lack(type);
  }

  #takesArguments({ node, coordinate }: DeclaredField, host: DeclaredField): boolean {
    return this.#takesAll(node.arguments ?? [], host.node.arguments ?? [], (name) => `${coordinate}(${name}:)`);
  }

  /** Adds those that the host does not take; answers false where it has to be given one that it does not take, or others. */
  #takesAll(
    asked: readonly InputValueDefinitionNode[],
    taken: readonly InputValueDefinitionNode[],
    coordinateOf: (name: string) => string,
  ): boolean {
    const byName = new Map(taken.map((one) => [one.name.value, one]));
    const refused = asked.filter(({ name, type }) => {
      const inHost = byName.get(name.value);
      return !inHost || !this.#answers(inHost.type, type);
    });
    for (const { name } of refused) this.found.add(coordinateOf(name.value));
    const required = new Set(asked.filter(isRequired).map(({ name }) => name.value));
    return (
      refused.every((one) => !isRequired(one)) && taken.every((one) => !isRequired(one) || required.has(one.name.value))
    );
  }

  /** Whether whatever `given` stands for may stand where `wanted` is, and the type is one that the host has. */
  #answers(wanted: TypeNode, given: TypeNode): boolean {
    return !this.found.has(namedTypeOf(wanted)) && isWithin(given, wanted);
  }
}

/** Whether every value of one type is one of the other. */
function isWithin(type: TypeNode, other: TypeNode): boolean {
  if (other.kind === Kind.NON_NULL_TYPE) return type.kind === Kind.NON_NULL_TYPE && isWithin(type.type, other.type);
  if (type.kind === Kind.NON_NULL_TYPE) return isWithin(type.type, other);
  if (other.kind === Kind.LIST_TYPE) return type.kind === Kind.LIST_TYPE && isWithin(type.type, other.type);
  return type.kind === Kind.NAMED_TYPE && type.name.value === other.name.value;
}

const isRequired = ({ type, defaultValue }: InputValueDefinitionNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined;

/** The keys by which a type's entities are asked for, each as the names of its fields in order. */
const resolvableKeys = ({ keys }: DeclaredType): readonly string[] =>
  keys.filter(({ isResolvable }) => isResolvable).map(({ fields }) => (fields ?? ['']).toSorted().join(' '));

const isPossible = (types: Types, { name, members }: DeclaredType, type: string): boolean =>
  members.has(type) || types.get(type)?.interfaces.has(name) === true;

const possibleTypes = (types: Types, abstract: DeclaredType): readonly DeclaredType[] =>
  abstract.kind === 'Interface' || abstract.kind === 'Union'
    ? [...types.values()].filter(({ name, kind }) => kind === 'Object' && isPossible(types, abstract, name))
    : [];

/** The names of the types of all fields, arguments and input fields. */
function usedTypes(types: Types): ReadonlySet<string> {
  const nodes = [...types.values()].flatMap(({ fields, inputFields }) => [
    ...Array.from(fields.values(), ({ node }) => node),
    ...Array.from(fields.values(), ({ node }) => node.arguments ?? []).flat(),
    ...Array.from(inputFields.values(), ({ node }) => node),
  ]);
  return new Set(nodes.map(({ type }) => namedTypeOf(type)));
}
