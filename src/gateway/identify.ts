import { type VerifyAccessToken, bearerToken } from '../protocol/access-token.ts';
import { ListedError } from '../protocol/errors.ts';
import { type DeclaredPurpose, parsePurpose } from '../protocol/purposes.ts';
import type { SubjectKind } from '../protocol/request-context.ts';

/** Who asks, and for what. */
export interface Viewer extends DeclaredPurpose {
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  /** The access token, for exchange at the provider and nothing else. */
  readonly token: string;
}

/** Verifies the token, then the purpose; throws `UNAUTHENTICATED`, `PURPOSE_MISSING` or `PURPOSE_UNKNOWN`. */
export async function identify(
  { authorization, purpose }: { readonly authorization: string | undefined; readonly purpose: string | undefined },
  verify: VerifyAccessToken,
): Promise<Viewer> {
  const token = bearerToken(authorization);
  const { sub, client_id } = await verify(token);
  if (purpose === undefined) throw new ListedError('PURPOSE_MISSING');
  const declared = parsePurpose(purpose);
  if (!declared) throw new ListedError('PURPOSE_UNKNOWN');
  return { subject: sub, subjectKind: sub === client_id ? 'CLIENT' : 'USER', token, ...declared };
}
