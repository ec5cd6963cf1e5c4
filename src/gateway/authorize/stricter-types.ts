import { isInterfaceType, isNonNullType } from 'graphql';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField } from '../resolve/expand-selections.ts';

/**
 * The types on which a field takes no null although the interface on which it is asked for takes one: an object's own
 * definition decides what becomes of it ("Handling Execution Errors").
 */
export function stricterTypes(
  { apiSchema }: SupergraphSnapshot,
  { parent, definition }: Pick<AskedField, 'parent' | 'definition'>,
): readonly string[] {
  if (!isInterfaceType(parent) || isNonNullType(definition.type)) return [];
  const types = apiSchema.getPossibleTypes(parent);
  return types.filter((type) => isNonNullType(type.getFields()[definition.name]?.type)).map(({ name }) => name);
}
