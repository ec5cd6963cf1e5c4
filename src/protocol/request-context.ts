import { type CryptoKey, type JWTVerifyGetKey, SignJWT, jwtVerify } from 'jose';
import { z } from 'zod';
import { ALGORITHMS } from './access-token.ts';
import { ListedError } from './errors.ts';
import { custodianAudience } from './identifiers.ts';
import { type Purpose, PURPOSES, isReference } from './purposes.ts';

/** The header that carries the request context, beside the exchanged token, from the gateway to a custodian. */
export const CONTEXT_HEADER = 'amana-context';

/** The header that carries a request's id from the gateway to a custodian, so that both logs can be held together. */
export const REQUEST_ID_HEADER = 'amana-request-id';

/** Whether a user or a client (a dashboard, with nobody behind it) is asking; grants of the one never serve the other. */
export const SUBJECT_KINDS = ['USER', 'CLIENT'] as const;

export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** How long a context may live, in seconds. */
export const CONTEXT_LIFETIME = 60;

const CONTEXT_TYPE = 'amana-context+jwt';
const SCHEMA_TYPE = 'amana-schema+jwt';

/** Who asks and for what, as the gateway vouches for it to one custodian. */
export interface RequestContext {
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  readonly purpose: Purpose;
  readonly ref?: string;
}

/** The gateway's signing key, the id under which custodians pinned it, and the clock (milliseconds since 1970). */
export interface ContextSigner {
  readonly issuer: string;
  readonly key: CryptoKey;
  readonly kid: string;
  readonly alg: string;
  readonly now: () => number;
}

/** The gateway's pinned keys, this custodian's id and the clock. */
export interface ContextExpectation {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
  readonly custodian: string;
  readonly now: () => number;
}

const ContextClaims = z.object({
  sub: z.string().min(1).max(255),
  subject_kind: z.enum(SUBJECT_KINDS),
  purpose: z.enum(PURPOSES),
  ref: z.string().refine(isReference).optional(),
  iat: z.number(),
  exp: z.number(),
});

/** Signs the context of one viewer and purpose for one custodian, as a compact JWS (RFC 7515 §3.1) with JWT claims. */
export function signRequestContext(signer: ContextSigner, custodian: string, context: RequestContext): Promise<string> {
  const { subject, subjectKind, purpose, ref } = context;
  return sign(signer, CONTEXT_TYPE, custodian, {
    sub: subject,
    subject_kind: subjectKind,
    purpose,
    ...(ref !== undefined && { ref }),
  });
}

/** Verifies a context; throws `CONTEXT_INVALID` for whatever is wrong with it. `subject` is the token's, and must agree. */
export async function verifyRequestContext(
  expected: ContextExpectation,
  jws: string | undefined,
  subject: string,
): Promise<RequestContext> {
  const claims = ContextClaims.safeParse(await verify(expected, CONTEXT_TYPE, jws));
  if (!claims.success || claims.data.sub !== subject) throw new ListedError('CONTEXT_INVALID');
  const { subject_kind, purpose, ref } = claims.data;
  return { subject, subjectKind: subject_kind, purpose, ...(ref !== undefined && { ref }) };
}

/** Signs the credential with which the gateway reads a custodian's schema; it opens nothing else. */
export const signSchemaCredential = (signer: ContextSigner, custodian: string): Promise<string> =>
  sign(signer, SCHEMA_TYPE, custodian, {});

/** Verifies a schema credential; throws `CONTEXT_INVALID`. */
export async function verifySchemaCredential(expected: ContextExpectation, jws: string | undefined): Promise<void> {
  await verify(expected, SCHEMA_TYPE, jws);
}

function sign(signer: ContextSigner, typ: string, custodian: string, claims: Record<string, unknown>): Promise<string> {
  const now = Math.floor(signer.now() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ })
    .setIssuer(signer.issuer)
    .setAudience(custodianAudience(custodian))
    .setIssuedAt(now)
    .setExpirationTime(now + CONTEXT_LIFETIME)
    .sign(signer.key);
}

async function verify(expected: ContextExpectation, typ: string, jws: string | undefined): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(jws ?? '', expected.keys, {
      issuer: expected.issuer,
      audience: custodianAudience(expected.custodian),
      algorithms: ALGORITHMS,
      typ,
      requiredClaims: ['iss', 'aud', 'exp', 'iat'],
      currentDate: new Date(expected.now()),
      maxTokenAge: CONTEXT_LIFETIME,
      clockTolerance: 2,
    });
    return payload;
  } catch (cause) {
    throw new ListedError('CONTEXT_INVALID', { cause });
  }
}
