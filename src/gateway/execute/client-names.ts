import { Kind, type SelectionNode, type SelectionSetNode, TypeNameMetaFieldDef } from 'graphql';
import type { CUT, RENAMED, TYPED } from '../authorize/rewrite-operation.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';

const CUT_PREFIX: typeof CUT = '__cut_';
const RENAMED_PREFIX: typeof RENAMED = '__as_';
const TYPE_KEY: typeof TYPED = '__of';

/**
 * A shaped answer in which everything has the name under which the client has asked for it: what was cut, which is null
 * everywhere, unless another fragment brings a value under that name, and what was asked for under another. Null where
 * the operation's own `__typename` was cut, which takes none. What is in a scalar stays as it is.
 */
export const withClientNames = (data: JsonObject, shape: SelectionSetNode): JsonObject | null =>
  shape.selections.some(isTypenameCut) ? null : renamed(data, objectsIn([shape]));

/** The name under which the client has asked for what was asked for under this one. */
export const clientName = (key: string): string =>
  key.startsWith(RENAMED_PREFIX) ? key.slice(RENAMED_PREFIX.length) : key;

/** What stands on the root for a name of its type: all else that stands for a field that takes no null is a field of its own. */
const isTypenameCut = (selection: SelectionNode): boolean =>
  selection.kind === Kind.INLINE_FRAGMENT &&
  selection.selectionSet.selections.some(
    (node) => node.kind === Kind.FIELD && node.name.value === TypeNameMetaFieldDef.name,
  );

/** The keys under which an answer has objects, or lists of them, and not scalars: it is either on all types ("Field Selection Merging"). */
type Objects = ReadonlyMap<string, Objects>;

function objectsIn(sets: readonly SelectionSetNode[]): Objects {
  const inside = new Map<string, SelectionSetNode[]>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      if (selection.kind !== Kind.FIELD || !selection.selectionSet) continue;
      const key = (selection.alias ?? selection.name).value;
      const known = inside.get(key);
      if (known) known.push(selection.selectionSet);
      else inside.set(key, [selection.selectionSet]);
    }
  };
  sets.forEach(collect);
  return new Map(Array.from(inside, ([key, own]) => [key, objectsIn(own)]));
}

function renamed(data: JsonObject, objects: Objects): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => {
      if (key === TYPE_KEY) return [];
      if (!key.startsWith(CUT_PREFIX)) return [[clientName(key), renamedIn(value, objects.get(key))]];
      const name = key.slice(CUT_PREFIX.length);
      const isThere = name === '' || [name, `${RENAMED_PREFIX}${name}`].some((other) => Object.hasOwn(data, other));
      return isThere ? [] : [[name, null]];
    }),
  );
}

function renamedIn(value: unknown, objects: Objects | undefined): unknown {
  if (!objects) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => renamedIn(item, objects));
  return isJsonObject(value) ? renamed(value, objects) : value;
}
