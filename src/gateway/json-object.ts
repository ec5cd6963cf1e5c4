/** A JSON object, as opposed to null, a list or a leaf. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value out of parsed JSON is an object. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How many lists and objects may stand within each other in a value, as in a document: what recurses through more could run out of stack. */
const DEEPEST = 300;

/** Whether parsed JSON is nested no more deeply than what recurses through it can bear. */
export const isShallow = (value: unknown, levels = DEEPEST): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inside) => isShallow(inside, levels - 1)));

/** Text parsed as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
