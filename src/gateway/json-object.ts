/** A JSON object, as opposed to null, a list or a leaf. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value out of parsed JSON is an object. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text parsed as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
