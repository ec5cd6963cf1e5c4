import { Kind, parse } from 'graphql';
import { FEDERATION, argumentOf, isDirective } from './directive-arguments.ts';
import type { AppliedDirective, SchemaElement } from './schema-elements.ts';
import type { SubgraphSchema } from './subgraph-schema.ts';

/** A field of an object type or an interface. */
export type DeclaredField = SchemaElement & { readonly kind: 'field' };
/** A field of an input type. */
export type DeclaredInputField = SchemaElement & { readonly kind: 'inputField' };

/** What a `@key` selects. */
export interface DeclaredKey {
  /** The names of the fields; undefined where the key selects within one of them, or cannot be read. */
  readonly fields: readonly string[] | undefined;
  /** Whether the subgraph answers representations with this key. */
  readonly isResolvable: boolean;
}

/** One type of a schema, with what its definition and its extensions have. */
export interface DeclaredType {
  readonly name: string;
  readonly kind: 'Object' | 'Interface' | 'Union' | 'Enum' | 'Scalar' | 'InputObject';
  readonly fields: Map<string, DeclaredField>;
  readonly inputFields: Map<string, DeclaredInputField>;
  readonly values: Set<string>;
  readonly keys: DeclaredKey[];
  /** The interfaces that it implements. */
  readonly interfaces: Set<string>;
  /** The types that a union consists of. */
  readonly members: Set<string>;
}

/** Every type of a schema by its name; what GraphQL itself defines is not among them. */
export function declaredTypes({ elements }: SubgraphSchema): ReadonlyMap<string, DeclaredType> {
  const types = new Map<string, DeclaredType>();
  for (const element of elements) {
    if (element.kind === 'type') {
      const type = types.get(element.coordinate) ?? emptyType(element);
      types.set(type.name, type);
      type.keys.push(...element.directives.filter((one) => isDirective(one, 'key', FEDERATION)).map(readKey));
      if ('interfaces' in element.node)
        for (const { name } of element.node.interfaces ?? []) type.interfaces.add(name.value);
      if ('types' in element.node) for (const { name } of element.node.types ?? []) type.members.add(name.value);
    }
    // A type comes before what it has.
    if (element.kind === 'field') types.get(element.type)?.fields.set(element.node.name.value, element);
    if (element.kind === 'inputField') types.get(element.type)?.inputFields.set(element.node.name.value, element);
    if (element.kind === 'enumValue') types.get(element.type)?.values.add(element.node.name.value);
  }
  return types;
}

const emptyType = ({ coordinate, node }: SchemaElement & { readonly kind: 'type' }): DeclaredType => ({
  name: coordinate,
  kind: KIND_OF[node.kind],
  fields: new Map(),
  inputFields: new Map(),
  values: new Set(),
  keys: [],
  interfaces: new Set(),
  members: new Set(),
});

const KIND_OF = {
  ObjectTypeDefinition: 'Object',
  ObjectTypeExtension: 'Object',
  InterfaceTypeDefinition: 'Interface',
  InterfaceTypeExtension: 'Interface',
  UnionTypeDefinition: 'Union',
  UnionTypeExtension: 'Union',
  EnumTypeDefinition: 'Enum',
  EnumTypeExtension: 'Enum',
  ScalarTypeDefinition: 'Scalar',
  ScalarTypeExtension: 'Scalar',
  InputObjectTypeDefinition: 'InputObject',
  InputObjectTypeExtension: 'InputObject',
} as const;

const readKey = (key: AppliedDirective): DeclaredKey => ({
  fields: plainFields(String(argumentOf(key, 'fields'))),
  isResolvable: argumentOf(key, 'resolvable') !== false,
});

function plainFields(selection: string): readonly string[] | undefined {
  try {
    const [operation] = parse(`{${selection}}`, { noLocation: true }).definitions;
    const selected = operation && 'selectionSet' in operation ? (operation.selectionSet?.selections ?? []) : [];
    const names = selected.flatMap((one) => (one.kind === Kind.FIELD && !one.selectionSet ? [one.name.value] : []));
    return names.length === selected.length ? names : undefined;
  } catch {
    return undefined;
  }
}
