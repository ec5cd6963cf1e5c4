import type { JWTVerifyGetKey } from 'jose';
import { accessTokenVerifier, bearerToken } from '../../protocol/access-token.ts';
import { custodianAudience } from '../../protocol/identifiers.ts';
import { type RequestContext, verifyRequestContext, verifySchemaCredential } from '../../protocol/request-context.ts';
import type { CustodianConfiguration } from './configuration.ts';

/** What a request proves itself with. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly context: string | undefined;
}

/** Verifies what a custodian's callers present. */
export interface RequestVerifier {
  /**
   * Who asks and for what: the token proves the viewer, the context proves the gateway and carries the purpose, and both
   * must name the same subject, which is told to `identified` as soon as the token has proved it. Throws
   * `UNAUTHENTICATED` or `CONTEXT_INVALID`.
   */
  verify(credentials: Credentials, identified: (subject: string) => void): Promise<RequestContext>;
  /** That the gateway asks for the schema; throws `CONTEXT_INVALID`. */
  verifySchemaCredential(context: string | undefined): Promise<void>;
}

/** Which keys a custodian trusts. */
export interface TrustedKeys {
  readonly provider: JWTVerifyGetKey;
  readonly gateway: JWTVerifyGetKey;
}

/** A verifier by the identity provider's key set and the pinned keys of the gateway; `now` is milliseconds since 1970. */
export function requestVerifier(
  { custodian, identityProvider: { issuer }, gateway }: CustodianConfiguration,
  keys: TrustedKeys,
  now: () => number,
): RequestVerifier {
  const verifyToken = accessTokenVerifier({
    ...{ issuer, keys: keys.provider, now },
    audience: custodianAudience(custodian),
  });
  const expected = { issuer: gateway.issuer, keys: keys.gateway, custodian, now };
  return {
    async verify({ authorization, context }, identified) {
      const { sub } = await verifyToken(bearerToken(authorization));
      identified(sub);
      return verifyRequestContext(expected, context, sub);
    },
    verifySchemaCredential: (context) => verifySchemaCredential(expected, context),
  };
}
