import type { AnswerPath } from './answer-reading.ts';
import { isJsonObject } from '../json-object.ts';

/** An object of an answer, and where it stands. */
export interface FoundObject {
  readonly object: Record<string, unknown>;
  readonly path: AnswerPath;
}

/** The objects to which a pattern leads (response keys, `@` for each list on the way), from a place in an answer. */
export function* objectsAt(value: unknown, pattern: readonly string[], path: AnswerPath): Generator<FoundObject> {
  const [key, ...rest] = pattern;
  if (key === '@' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* objectsAt(item, rest, [...path, index]);
  } else if (isJsonObject(value)) {
    if (key === undefined) yield { object: value, path };
    else yield* objectsAt(value[key], rest, [...path, key]);
  }
}
