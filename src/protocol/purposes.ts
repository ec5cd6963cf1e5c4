/** What a request may be made for; a request declares exactly one, and a grant names those it serves. */
export const PURPOSES = [
  'IDENTIFICATION',
  'FAMILY_TRACING',
  'CRIMINAL_INVESTIGATION',
  'RESEARCH',
  'STATISTICS',
  'COORDINATION',
] as const;

export type Purpose = (typeof PURPOSES)[number];

/** The header in which a client declares the purpose of its request to the gateway. */
export const PURPOSE_HEADER = 'amana-purpose';

/** A purpose and, where given, the reference of the file worked on (1 to 64 printable characters). */
export interface DeclaredPurpose {
  readonly purpose: Purpose;
  readonly ref?: string;
}

/** Characters of the header: more than the longest purpose and reference need, each of its characters escaped. */
const LONGEST = 200;

/** Whether a word is one of the purposes. */
const isPurpose = (word: string): word is Purpose => (PURPOSES as readonly string[]).includes(word);

/**
 * Reads `IDENTIFICATION` or `IDENTIFICATION; ref="A-17/2026"` (RFC 9651 §3.3.4 and §3.1.2: a token with one string
 * parameter). Returns undefined where the header is malformed, names another purpose or carries anything else.
 */
export function parsePurpose(header: string): DeclaredPurpose | undefined {
  // Looking for the pattern takes the square of the length.
  if (header.length > LONGEST) return undefined;
  const match = /^\s*([A-Z_]+)\s*(?:;\s*ref="((?:[^"\\]|\\["\\])*)")?\s*$/u.exec(header);
  const [, word, quoted] = match ?? [];
  if (word === undefined || !isPurpose(word)) return undefined;
  if (quoted === undefined) return { purpose: word };
  const ref = quoted.replace(/\\(["\\])/gu, '$1');
  return isReference(ref) ? { purpose: word, ref } : undefined;
}

/** Writes the header that `parsePurpose` reads. */
export function formatPurpose({ purpose, ref }: DeclaredPurpose): string {
  return ref === undefined ? purpose : `${purpose}; ref="${ref.replace(/(["\\])/gu, '\\$1')}"`;
}

/** Whether a text may stand as a reference: 1 to 64 printable ASCII characters. */
export const isReference = (ref: string): boolean => /^[\x20-\x7e]{1,64}$/u.test(ref);
