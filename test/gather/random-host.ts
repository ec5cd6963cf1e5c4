import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  Kind,
  type TypeNode,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  parseType,
  print,
  visit,
} from 'graphql';
import { isServed } from '../../src/gateway/compose/served-by-host.ts';

/** Draws one of several. */
export type Pick = <Item>(items: readonly Item[]) => Item;

/** A schema with one thing taken away, added or made otherwise, at random; nothing in it refers to what is gone. */
export function changedOnce(sdl: string, pick: Pick): string {
  const document = parse(sdl);
  const types = document.definitions.filter((node) => 'name' in node && node.kind !== Kind.DIRECTIVE_DEFINITION);
  const chosen = pick(types);
  const name = 'name' in chosen ? (chosen.name?.value ?? '') : '';
  if (pick([false, false, false, false, true]) && name !== 'Query') return withoutType(sdl, name);
  const definitions = document.definitions.map((node) => (node === chosen ? changedType(node, pick) : node));
  return print({ kind: Kind.DOCUMENT, definitions });
}

function withoutType(sdl: string, gone: string): string {
  const isGone = (type: TypeNode): boolean =>
    type.kind === Kind.NAMED_TYPE ? type.name.value === gone : isGone(type.type);
  const ofGone = (node: { readonly type: TypeNode }): null | undefined => (isGone(node.type) ? null : undefined);
  const definition = (node: { readonly name: { readonly value: string } }): null | undefined =>
    node.name.value === gone ? null : undefined;
  return print(
    visit(parse(sdl), {
      FieldDefinition: ofGone,
      InputValueDefinition: ofGone,
      ObjectTypeDefinition: definition,
      InterfaceTypeDefinition: definition,
      UnionTypeDefinition: definition,
      EnumTypeDefinition: definition,
      InputObjectTypeDefinition: definition,
      DirectiveDefinition: (node) => (gone === 'GatherRule' && node.name.value === 'gather' ? null : undefined),
      NamedType: (node) => (node.name.value === gone ? null : undefined),
    }),
  );
}

function changedType(node: DefinitionNode, pick: Pick): DefinitionNode {
  const without = <Item>(items: readonly Item[] = []): Item[] => {
    const gone = items.length > 0 && pick(items);
    return items.filter((item) => item !== gone);
  };
  const one = <Item>(items: readonly Item[], change: (item: Item) => Item): Item[] => {
    const chosen = pick(items);
    return items.map((item) => (item === chosen ? change(item) : item));
  };
  // The first value may be an argument's default.
  if (node.kind === Kind.ENUM_TYPE_DEFINITION)
    return { ...node, values: [...(node.values?.slice(0, 1) ?? []), ...without(node.values?.slice(1))] };
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return { ...node, types: without(node.types) };
  if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
    const fields = node.fields ?? [];
    if (fields.length === 0) return node;
    return pick([
      { ...node, fields: without(fields) },
      { ...node, fields: one(fields, (field) => ({ ...field, type: changedTypeOf(field.type, pick) })) },
      { ...node, fields: [...fields, input('more', pick(['Int', 'Int!']))] },
    ]);
  }
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return node;
  const fields = node.fields ?? [];
  if (fields.length === 0) return node;
  return pick([
    { ...node, fields: without(fields) },
    { ...node, interfaces: [] },
    { ...node, fields: one(fields, (field) => ({ ...field, type: changedTypeOf(field.type, pick) })) },
    { ...node, fields: one(fields, (field) => changedArguments(field, pick)) },
  ]);
}

function changedArguments(field: FieldDefinitionNode, pick: Pick): FieldDefinitionNode {
  const given = field.arguments ?? [];
  const chosen = given.length > 0 ? pick(given) : undefined;
  const others = given.filter((argument) => argument !== chosen);
  return pick([
    { ...field, arguments: others },
    { ...field, arguments: [...given, input('more', pick(['Int', 'Int!']))] },
    ...(chosen ? [{ ...field, arguments: [...others, { ...chosen, type: changedTypeOf(chosen.type, pick) }] }] : []),
  ]);
}

const input = (name: string, type: string): InputValueDefinitionNode => ({
  kind: Kind.INPUT_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: name },
  type: parseType(type),
});

function changedTypeOf(type: TypeNode, pick: Pick): TypeNode {
  const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return pick<TypeNode>([
    inner,
    { kind: Kind.NON_NULL_TYPE, type: inner },
    { kind: Kind.LIST_TYPE, type },
    parseType('String'),
  ]);
}

/** A query (GraphQL) at random of what a host that lacks some coordinates serves; undefined where it serves nothing. */
export function queryOf(schema: GraphQLSchema, lacks: ReadonlySet<string>, pick: Pick): string | undefined {
  let aliases = 0;
  const chance = (): boolean => pick([false, true, true]);

  const select = (type: GraphQLCompositeType, depth: number): string[] => {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const own = fields.filter(chance).flatMap((field) => {
      const given = field.args.filter((argument) => isRequiredArgument(argument) || chance());
      const values = Object.fromEntries(given.map((argument) => [argument.name, valueOf(argument.type)]));
      if (!isServed(lacks, type.name, field, values)) return [];
      const returned = getNamedType(field.type);
      const inside = isCompositeType(returned) ? (depth > 0 ? select(returned, depth - 1) : ['__typename']) : [];
      if (isCompositeType(returned) && inside.length === 0) return [];
      const written = given.map(({ name, type: wanted }) => `${name}: ${literal(values[name], wanted)}`);
      return [
        `a${++aliases}: ${field.name}${written.length > 0 ? `(${written.join(', ')})` : ''}${inside.length > 0 ? ` { ${inside.join(' ')} }` : ''}`,
      ];
    });
    const related: readonly GraphQLCompositeType[] = isAbstractType(type)
      ? schema.getPossibleTypes(type)
      : isObjectType(type)
        ? type.getInterfaces()
        : [];
    const narrowed = related
      .filter(({ name }) => !lacks.has(name) && chance())
      .flatMap((one) => {
        const inside = depth > 0 ? select(one, depth - 1) : ['__typename'];
        return inside.length > 0 ? [`... on ${one.name} { ${inside.join(' ')} }`] : [];
      });
    return [...own, ...narrowed];
  };

  const valueOf = (type: GraphQLInputType): unknown => {
    if (isNonNullType(type)) return valueOf(type.ofType);
    if (isListType(type)) return [valueOf(type.ofType)];
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (!isInputObjectType(type)) return type.name === 'Int' ? 1 : 'x';
    const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || chance());
    return Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type)]));
  };

  const query = schema.getQueryType();
  const selected = query ? select(query, 4) : [];
  return selected.length > 0 ? `{ ${selected.join('\n')} }` : undefined;
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (isListType(type) && Array.isArray(value))
    return `[${value.map((item) => literal(item, type.ofType)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = type.getFields();
  return `{ ${Object.entries(value)
    .flatMap(([name, inside]) => (fields[name] ? [`${name}: ${literal(inside, fields[name].type)}`] : []))
    .join(', ')} }`;
}
