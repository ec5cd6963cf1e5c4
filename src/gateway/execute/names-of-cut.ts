import type { CUT } from '../authorize/rewrite-operation.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';

const PREFIX: typeof CUT = '__cut_';

/**
 * A shaped answer in which what was cut, which is null everywhere, has the name under which it was asked for, unless
 * another fragment brings a value under it.
 */
export function withNamesOfCut(data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => {
      if (!key.startsWith(PREFIX)) return [[key, restored(value)]];
      const name = key.slice(PREFIX.length);
      return name === '' || Object.hasOwn(data, name) ? [] : [[name, null]];
    }),
  );
}

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  return isJsonObject(value) ? withNamesOfCut(value) : value;
}
