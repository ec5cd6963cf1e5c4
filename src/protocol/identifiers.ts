import { z } from 'zod';

/** A custodian's id: one word, the same in code, configuration and on the wire, and the prefix of its record ids. */
export const CustodianId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens, at most 31, starting with a letter');

/** A subgraph's name: the namespace of its scopes (`ministry` in `ministry:identifying`). */
export const SubgraphName = z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'lower-case letters, digits and underscores');

/** The audience that access tokens for the gateway carry (RFC 9068 §2.2, `aud`). */
export const GATEWAY_AUDIENCE = 'urn:amana:gateway';

/** The audience that exchanged tokens, contexts and exports for one custodian carry. */
export const custodianAudience = (custodian: string): string => `urn:amana:custodian:${custodian}`;

/** A new record id: random, prefixed by its custodian, never an organisation's own number. */
export const mintRecordId = (custodian: string, random: () => string): string => `${custodian}:${random()}`;
