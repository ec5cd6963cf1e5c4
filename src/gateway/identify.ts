import { type VerifyAccessToken, bearerToken } from '../protocol/access-token.ts';
import { ListedError } from '../protocol/errors.ts';
import { type DeclaredPurpose, parsePurpose } from '../protocol/purposes.ts';
import type { SubjectKind } from '../protocol/request-context.ts';

/** Who asks. */
export interface Subject {
  readonly subject: string;
  readonly subjectKind: SubjectKind;
}

/** Who asks, and for what. */
export interface Viewer extends Subject, DeclaredPurpose {
  /** The access token, for exchange at the provider and nothing else. */
  readonly token: string;
}

/** A refusal when the token has proved already who asks. */
export class SubjectRefusal extends ListedError {
  readonly subject: Subject;

  constructor(code: 'PURPOSE_MISSING' | 'PURPOSE_UNKNOWN' | 'RATE_LIMITED', subject: Subject) {
    super(code);
    this.subject = subject;
  }
}

/** Verifies the token, then the purpose; throws `UNAUTHENTICATED`, or a `SubjectRefusal`. */
export async function identify(
  { authorization, purpose }: { readonly authorization: string | undefined; readonly purpose: string | undefined },
  verify: VerifyAccessToken,
): Promise<Viewer> {
  const token = bearerToken(authorization);
  const { sub, client_id } = await verify(token);
  const subject: Subject = { subject: sub, subjectKind: sub === client_id ? 'CLIENT' : 'USER' };
  if (purpose === undefined) throw new SubjectRefusal('PURPOSE_MISSING', subject);
  const declared = parsePurpose(purpose);
  if (!declared) throw new SubjectRefusal('PURPOSE_UNKNOWN', subject);
  return { ...subject, token, ...declared };
}
