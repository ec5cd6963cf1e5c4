import { z } from 'zod';
import { LABELS } from './labels.ts';
import { CustodianId } from './identifiers.ts';
import { GRANTABLE_SCOPE } from './requirements.ts';

const Scope = z.string().regex(GRANTABLE_SCOPE);

/** What one grant in force gives the viewer for the declared purpose. Grants are told apart because one grant must do it all. */
const GrantedAccess = z.strictObject({
  scopes: z.array(Scope).min(1).max(100),
  clears: z.array(z.enum(LABELS)).max(LABELS.length),
  until: z.iso.datetime(),
});

/**
 * A custodian's answer to `GET /access`: the grants in force for the declared purpose, and the scopes that the viewer
 * holds for other purposes only, or held until they lapsed or were revoked (from which follow the reasons of
 * `extensions.withheld`); and whether the custodian agrees to be asked about persons for that purpose: to ask it tells it
 * whom somebody seeks.
 */
export const AccessAnswer = z.strictObject({
  custodian: CustodianId,
  grants: z.array(GrantedAccess).max(1000),
  otherPurpose: z.array(Scope).max(1000),
  expired: z.array(Scope).max(1000),
  askedAboutPersons: z.boolean(),
});

export type AccessAnswer = z.infer<typeof AccessAnswer>;
