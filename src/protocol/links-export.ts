import { createHash } from 'node:crypto';
import { type CryptoKey, type JWTVerifyGetKey, SignJWT, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from './access-token.ts';
import { custodianAudience } from './identifiers.ts';

/** How far the notification of a family is, in the Authority's words. */
export const NOTIFICATION_STATES = ['NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED'] as const;

export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** A link id, as the Authority mints them. */
export const PERSON_ID = /^psn_[0-9a-f]{20}$/u;

const LINKS_TYPE = 'amana-links+jwt';
const REGISTER_ISSUER = custodianAudience('missing');
const CLOCK_TOLERANCE = 60;

const person = z.string().regex(PERSON_ID);
const notification = z.enum(NOTIFICATION_STATES).nullable();
const Extract = z.strictObject({
  links: z.array(z.strictObject({ record: z.string().min(1).max(200), person, notification })),
  persons: z.array(z.strictObject({ person, notification })),
  rejected: z.array(z.strictObject({ record: z.string().min(1).max(200), person })).optional(),
});

/**
 * What the link register says to one custodian: its own records that are CONFIRMED to be about a person (by the
 * custodian's reference), and of the persons it holds already those whom the register has confirmed, each with the state
 * of the family's notification (null where there is none). `rejected` are the links between its own records and persons
 * that were REJECTED or SPLIT, so that they do not go on by the custodian's own delivery.
 */
export type RegisterExtract = z.infer<typeof Extract>;

/** An extract as it was verified: when it was signed (milliseconds since 1970), and a digest that tells it from others. */
export interface VerifiedExport {
  readonly issuedAt: number;
  readonly digest: string;
  readonly extract: RegisterExtract;
}

/** The Authority's signing key and the clock (milliseconds since 1970). */
export interface RegisterSigner {
  readonly key: CryptoKey;
  readonly kid: string;
  readonly alg: string;
  readonly now: () => number;
}

/** An export that must not be imported; the message says why, and what to do. */
export class LinksExportError extends Error {
  override readonly name = 'LinksExportError';
}

/** Signs an extract for one custodian, as a compact JWS (RFC 7515 §3.1) with JWT claims. `iat` has milliseconds (RFC 7519 §2). */
export function signLinksExport(signer: RegisterSigner, custodian: string, extract: RegisterExtract): Promise<string> {
  return new SignJWT(extract)
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ: LINKS_TYPE })
    .setIssuer(REGISTER_ISSUER)
    .setAudience(custodianAudience(custodian))
    .setIssuedAt(signer.now() / 1000)
    .sign(signer.key);
}

/**
 * Verifies an export for this custodian against the Authority's pinned keys: signature, type, issuer, audience, and
 * every entry of its content. Throws `LinksExportError`.
 */
export async function verifyLinksExport(
  expected: { readonly keys: JWTVerifyGetKey; readonly custodian: string; readonly now: () => number },
  jws: string,
): Promise<VerifiedExport> {
  const { payload } = await jwtVerify(jws.trim(), expected.keys, {
    issuer: REGISTER_ISSUER,
    audience: custodianAudience(expected.custodian),
    algorithms: ALGORITHMS,
    typ: LINKS_TYPE,
    requiredClaims: ['iss', 'aud', 'iat'],
    currentDate: new Date(expected.now()),
  }).catch((cause: unknown) => {
    throw new LinksExportError(describe(cause), { cause });
  });
  const { iss: _, aud: __, iat = 0, ...content } = payload;
  if (iat > expected.now() / 1000 + CLOCK_TOLERANCE) {
    throw new LinksExportError(
      'The export says it was signed in the future. Set the clocks of both machines right, then export anew.',
    );
  }
  const parsed = Extract.safeParse(content);
  if (!parsed.success)
    throw new LinksExportError('The export is signed, but its content is not that of a links export. Export anew.');
  refuseContradictions(parsed.data);
  const digest = createHash('sha256').update(JSON.stringify(parsed.data)).digest('base64url');
  return { issuedAt: Math.round(iat * 1000), digest, extract: parsed.data };
}

function refuseContradictions({ links, persons }: RegisterExtract): void {
  const states = new Map<string, NotificationState | null>();
  for (const { person: id, notification: state } of [...links, ...persons]) {
    if ((states.get(id) ?? state) !== state)
      throw new LinksExportError('The export gives two notification states for one person. Export anew.');
    states.set(id, state);
  }
  if (new Set(links.map(({ record }) => record)).size < links.length) {
    throw new LinksExportError(
      'The export links one record twice. Ask the Authority to correct the register, then export anew.',
    );
  }
}

function describe(cause: unknown): string {
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') return 'The export was made for another custodian. Ask the Authority for yours.';
    if (cause.claim === 'iss' || cause.claim === 'typ')
      return 'The file is signed, but is not a links export of the Authority.';
    return `The export is incomplete: ${cause.claim} is missing or of no use. Export anew.`;
  }
  if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWSSignatureVerificationFailed) {
    return 'The signature is not one of the Authority: it was made with another key than those pinned here, or the file was changed.';
  }
  return 'The file is not a signed links export. Give the file that "amana links export" wrote, unchanged.';
}
