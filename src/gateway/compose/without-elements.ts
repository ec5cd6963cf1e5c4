import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isUnionType,
  type GraphQLNamedType,
  type GraphQLType,
} from 'graphql';

/**
 * A schema without some of its fields, arguments and input fields (by coordinate), and without what that leaves empty or
 * out of reach of its roots; the root of queries itself may be left empty. Where there is nothing to leave out it is the schema itself.
 */
export function withoutElements(schema: GraphQLSchema, coordinates: ReadonlySet<string>): GraphQLSchema {
  if (coordinates.size === 0) return schema;
  const empty = emptyTypes(schema, coordinates);
  const narrowed = mapSchema(schema, {
    [MapperKind.TYPE]: ({ name }) => (empty.has(name) ? null : undefined),
    [MapperKind.FIELD](config, field, type) {
      const coordinate = `${type}.${field}`;
      if (coordinates.has(coordinate)) return null;
      if (!('args' in config)) return undefined;
      const left = Object.entries(config.args ?? {}).filter(([name]) => !coordinates.has(`${coordinate}(${name}:)`));
      return { ...config, args: Object.fromEntries(left) };
    },
  });
  return withinReach(narrowed);
}

/** The types, other than the root of queries, of which nothing is left, nor of what they are made of. */
function emptyTypes(schema: GraphQLSchema, coordinates: ReadonlySet<string>): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter((type) => type !== schema.getQueryType());
  const empty = new Set<string>();
  const isEmpty = (type: GraphQLNamedType): boolean => {
    if (isLeafType(type)) return false;
    if (isUnionType(type)) return type.getTypes().every((member) => empty.has(member.name));
    return Object.values(type.getFields()).every((field: { readonly name: string; readonly type: GraphQLType }) => {
      const inside = getNamedType(field.type);
      return coordinates.has(`${type.name}.${field.name}`) || empty.has(inside.name);
    });
  };
  for (let before = -1; before !== empty.size;) {
    before = empty.size;
    for (const type of types) if (!empty.has(type.name) && isEmpty(type)) empty.add(type.name);
  }
  return empty;
}

/** The schema with the types that its roots lead to, those that implement an interface with it. */
function withinReach(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig();
  const reach = (types: GraphQLNamedType[]): GraphQLSchema =>
    new GraphQLSchema({ ...config, types, assumeValid: true });
  const implementing = (reached: GraphQLSchema): GraphQLNamedType[] =>
    Object.values(reached.getTypeMap())
      .filter(isInterfaceType)
      .map((type) => schema.getImplementations(type))
      .flatMap(({ objects, interfaces }) => [...objects, ...interfaces]);

  let reached = reach([]);
  for (let before = 0; before !== Object.keys(reached.getTypeMap()).length;) {
    before = Object.keys(reached.getTypeMap()).length;
    reached = reach(implementing(reached));
  }
  return reached;
}
