import { type JsonObject, isJsonObject } from '../json-object.ts';

/**
 * Adds to an object what another fetch has brought of it: objects are merged, and so are lists of the same length, item by
 * item; of anything else the later stands. A null takes nothing away: where one subgraph has nothing, another may have.
 */
export function mergeValues(into: Record<string, unknown>, added: JsonObject): void {
  for (const key of Object.keys(added)) {
    const value = added[key];
    if (value === undefined) continue;
    const merged = Object.hasOwn(into, key) ? mergedValue(into[key], value) : value;
    // A key of the name __proto__ is a key like any other.
    if (key === '__proto__')
      Object.defineProperty(into, key, { value: merged, enumerable: true, writable: true, configurable: true });
    else into[key] = merged;
  }
}

function mergedValue(known: unknown, added: unknown): unknown {
  if (added === null) return known;
  if (Array.isArray(known) && Array.isArray(added) && known.length === added.length)
    return known.map((item: unknown, index) => mergedValue(item, added[index]));
  if (!isJsonObject(known) || !isJsonObject(added)) return added;
  mergeValues(known, added);
  return known;
}
