import { isJsonObject } from '../json-object.ts';

/** The places in an answer that a pattern (`@` for any list position) matches and where the parent is an object. */
export function pathsAt(pattern: readonly string[], data: unknown): (string | number)[][] {
  const [key, ...rest] = pattern;
  if (key === undefined) return [[]];
  if (key === '@') {
    return Array.isArray(data)
      ? data.flatMap((item: unknown, index) => pathsAt(rest, item).map((path) => [index, ...path]))
      : [];
  }
  if (!isJsonObject(data)) return [];
  if (rest.length === 0) return [[key]];
  return pathsAt(rest, data[key]).map((path) => [key, ...path]);
}
