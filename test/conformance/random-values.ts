import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';

/** An object as subgraphs have it: entities are known by their type alone. */
export interface TypedObject {
  readonly __typename: string;
  readonly id: string;
}

/** What a field is in every subgraph: a leaf, an object, or lists of them, with nulls where there may be any. */
export function valueOf(schema: GraphQLSchema, parent: string, field: string): unknown {
  const type = schema.getType(parent);
  const definition = type && 'getFields' in type ? type.getFields()[field] : undefined;
  if (!definition || 'defaultValue' in definition) throw new Error(`no field ${parent}.${field}`);
  const offset = Number(parent.slice(1)) || 0;
  const make = (given: GraphQLOutputType, index: number): unknown => {
    const nullable = getNullableType(given);
    if (isListType(nullable)) {
      const items = [0, 1, 2].map((at) => make(nullable.ofType, index + at));
      return isNonNullType(nullable.ofType) ? items : [items[0], null, ...items.slice(1)];
    }
    if (isLeafType(nullable)) return field === 'id' ? parent : nullable.name === 'E' ? 'ONE' : `${parent}.${field}`;
    const possible = isAbstractType(nullable) ? schema.getPossibleTypes(nullable) : [nullable];
    const name = possible[(offset + index) % possible.length]?.name ?? '';
    return { __typename: name, id: name } satisfies TypedObject;
  };
  return make(definition.type, field.length);
}
