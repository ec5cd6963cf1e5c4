import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField } from '../resolve/expand-selections.ts';

/** The fields (`Type.field`) that the arguments of a field read, by what they are given or default to; null reads nothing. */
export function filtersUsed(
  snapshot: SupergraphSnapshot,
  { parent, definition, arguments: given }: AskedField,
): readonly string[] {
  const used = new Set<string>();
  const enter = (value: unknown, type: GraphQLInputType): void => {
    const inner = getNullableType(type);
    if (isListType(inner)) {
      for (const item of Array.isArray(value) ? value : [value]) enter(item, inner.ofType);
    } else if (isInputObjectType(inner) && typeof value === 'object' && value !== null) {
      const types = inner.getFields();
      for (const [name, inside] of Object.entries(value)) {
        const field = types[name];
        if (field && inside !== null && inside !== undefined) {
          for (const guard of snapshot.inputFieldGuards(inner.name, name)) used.add(guard);
          enter(inside, field.type);
        }
      }
    }
  };
  for (const { name, type } of definition.args) {
    const value = given[name];
    if (value !== null && value !== undefined) {
      for (const guard of snapshot.argumentGuards(parent, definition.name, name)) used.add(guard);
      enter(value, type);
    }
  }
  return [...used];
}
