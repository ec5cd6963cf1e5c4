import type { CUT, RENAMED } from '../authorize/rewrite-operation.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';

const CUT_PREFIX: typeof CUT = '__cut_';
const RENAMED_PREFIX: typeof RENAMED = '__as_';

/**
 * A shaped answer in which everything has the name under which the client has asked for it: what was cut, which is null
 * everywhere, unless another fragment brings a value under that name, and what was asked for under another.
 */
export function withClientNames(data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => {
      if (!key.startsWith(CUT_PREFIX)) return [[clientName(key), restored(value)]];
      const name = key.slice(CUT_PREFIX.length);
      const isThere = name === '' || [name, `${RENAMED_PREFIX}${name}`].some((other) => Object.hasOwn(data, other));
      return isThere ? [] : [[name, null]];
    }),
  );
}

/** The name under which the client has asked for what was asked for under this one. */
export const clientName = (key: string): string =>
  key.startsWith(RENAMED_PREFIX) ? key.slice(RENAMED_PREFIX.length) : key;

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  return isJsonObject(value) ? withClientNames(value) : value;
}
