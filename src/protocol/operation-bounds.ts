/**
 * What a custodian takes in one question, and what the gateway therefore keeps to when it puts several into one: the bytes
 * of its body, the tokens of its document, how many levels of fields that has and how many fields in all (each fragment
 * counted where it is spread), and how many entities each `_entities` asks for.
 */
export const OPERATION_BOUNDS = {
  bytes: 1024 * 1024,
  tokens: 10_000,
  depth: 20,
  fields: 2_000,
  representations: 5_000,
} as const;
