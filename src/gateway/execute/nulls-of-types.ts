import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { CUT, TYPED } from '../authorize/rewrite-operation.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { selectedFields } from './selected-fields.ts';

const CUT_PREFIX: typeof CUT = '__cut_';
const TYPE_KEY: typeof TYPED = '__of';

/**
 * A shaped answer in which a null where an object's own type takes none is one further up, though the interface on which
 * the field was asked for takes it ("Handling Execution Errors"). Objects on which that may be tell their types.
 */
export function withNullsOfTypes(
  schema: GraphQLSchema,
  root: GraphQLObjectType,
  shape: SelectionSetNode,
  data: JsonObject,
): JsonObject | null {
  const valueOf = (given: unknown, type: GraphQLOutputType, set: SelectionSetNode | undefined): unknown => {
    if (given === null || given === undefined) return null;
    if (isNonNullType(type)) return valueOf(given, type.ofType, set);
    if (isListType(type) && Array.isArray(given)) {
      const items = given.map((item: unknown) => valueOf(item, type.ofType, set));
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    if (!set || !isJsonObject(given)) return given;
    const named = getNamedType(type);
    const own = isObjectType(named) ? named : schema.getType(String(given[TYPE_KEY]));
    return isObjectType(own) ? objectOf(given, own, set) : given;
  };

  const objectOf = (given: JsonObject, type: GraphQLObjectType, set: SelectionSetNode): JsonObject | null => {
    const fields = selectedFields(schema, set, type);
    const written: [string, unknown][] = [];
    for (const [key, value] of Object.entries(given)) {
      const field = key.startsWith(CUT_PREFIX) ? undefined : fields.get(key);
      const definition = field && type.getFields()[field.node.name.value];
      const own = definition ? valueOf(value, definition.type, field.node.selectionSet) : value;
      if (own === null && definition && isNonNullType(definition.type)) return null;
      written.push([key, own]);
    }
    return Object.fromEntries(written);
  };

  return objectOf(data, root, shape);
}
