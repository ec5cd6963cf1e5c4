import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a schema is known by: the SHA-256 of its text, in hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/u, 'a digest: 64 hexadecimal digits');

/** The digest of a schema. */
export const digestOf = (sdl: string): string => createHash('sha256').update(sdl).digest('hex');

/** The header with which a custodian serves its schema where it has confirmed that this one may weaken guards: its digest. */
export const SCHEMA_CONFIRMED_HEADER = 'amana-schema-confirmed';

/** The most findings that a verdict carries. */
export const MOST_FINDINGS = 50;

/**
 * What became of a custodian's schema at the gateway, as the gateway tells the custodian: it is in force, or it was
 * refused and why, or it waits to be confirmed by those named and why.
 */
export const SchemaVerdict = z.strictObject({
  digest: Digest,
  verdict: z.enum(['IN_FORCE', 'REFUSED', 'UNCONFIRMED']),
  awaits: z.array(z.enum(['GATEWAY', 'CUSTODIAN'])).max(2),
  findings: z.array(z.strictObject({ check: z.string().max(100), message: z.string().max(2_000) })).max(MOST_FINDINGS),
});

export type SchemaVerdict = z.infer<typeof SchemaVerdict>;
