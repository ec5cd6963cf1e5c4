import { createHash } from 'node:crypto';
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { tellingOutages } from '../../protocol/access-token.ts';
import { ListedError } from '../../protocol/errors.ts';
import { ExpiringCache } from '../expiring-cache.ts';

/** The claims of a verified token. */
export type Claims = Readonly<JWTPayload>;

/**
 * Verifies a token; throws `UNAUTHENTICATED` for whatever is wrong with it, and `IDENTITY_PROVIDER_UNAVAILABLE` where the keys
 * cannot be had by which that would be known.
 */
export type VerifyClaims = (token: string) => Promise<Claims>;

/** Asymmetric signatures only. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];

const REMEMBERED = 10_000;

/**
 * Any provider's JWT (RFC 7519 §7.2): signature and `exp` always, `nbf` where there is one, issuer and audience where
 * they are given. Claims are remembered by the token's SHA-256 until it expires.
 */
export function claimsVerifier(
  keys: JWTVerifyGetKey,
  { issuer, audience }: { readonly issuer: string | undefined; readonly audience: string | undefined },
  now: () => number,
): VerifyClaims {
  const keyOf = tellingOutages(keys);
  const verified = new ExpiringCache<Claims>(REMEMBERED, now);
  return async (token) => {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verified.get(digest);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      });
      verified.set(digest, payload, (payload.exp ?? 0) * 1000);
      return payload;
    } catch (cause) {
      throw cause instanceof ListedError ? cause : new ListedError('UNAUTHENTICATED', { cause });
    }
  };
}

/** Whether a token's scope can be called so (RFC 6749 §3.3): no space is in it. */
export const isScope = (name: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/u.test(name);

/** The scopes of a token's `scope` claim: a text with spaces between (RFC 8693 §4.2), or a list. */
export function scopesIn({ scope }: Claims): ReadonlySet<string> {
  const scopes: readonly unknown[] = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : [];
  return new Set(scopes.filter((one): one is string => typeof one === 'string' && isScope(one)));
}
