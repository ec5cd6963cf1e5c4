import { DatabaseError } from 'pg';
import { z } from 'zod';
import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { LABELS, type Label, RECIPIENT_KINDS, type RecipientKind } from '../../protocol/labels.ts';
import { PURPOSES, type Purpose } from '../../protocol/purposes.ts';
import { GRANTABLE_SCOPE } from '../../protocol/requirements.ts';
import { SUBJECT_KINDS, type SubjectKind } from '../../protocol/request-context.ts';
import { type LabelSet, ViewerAccess } from './grants-in-force.ts';
import type { Storage } from './storage.ts';

/** A grant that cannot be given or revoked; the message says to the operator why. */
export class GrantError extends Error {
  override readonly name = 'GrantError';
}

/** Who is named must be who is seen: with a character that is not, it is somebody else. */
const VISIBLE = [/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'it holds characters that cannot be seen'] as const;

const GrantRequest = z.strictObject({
  subject: z
    .string()
    .min(1)
    .max(255)
    .regex(...VISIBLE),
  subjectKind: z.enum(SUBJECT_KINDS),
  organisation: z
    .string()
    .min(1)
    .max(100)
    .regex(...VISIBLE),
  recipientKind: z.enum(RECIPIENT_KINDS),
  scopes: z.array(z.string().regex(GRANTABLE_SCOPE, 'a scope is <subgraph>:<name>')).min(1).max(100),
  clears: z.array(z.enum(LABELS)).default([]),
  purposes: z.array(z.enum(PURPOSES)).min(1),
  from: z.date().optional(),
  until: z.date(),
  reason: z.string().trim().min(1).max(1000),
  grantedBy: z.string().trim().min(1).max(255),
});

/** What a grant gives to whom, for what, until when, why and by whom; `from` is now where it is left out. */
export type GrantRequest = z.input<typeof GrantRequest>;

/** A grant as it stands in the custodian's database. */
export interface Grant extends Omit<Required<GrantRequest>, 'clears'> {
  readonly id: string;
  readonly clears: readonly Label[];
  readonly grantedAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
}

// The names of the database's constraints, which hold whatever program writes.
const REFUSALS: Readonly<Record<string, string>> = {
  grants_end_after_they_start: 'A grant must end after it starts.',
  grants_name_own_scopes_only: 'A custodian can only grant scopes of the subgraphs that it hosts itself.',
  coordinated_is_for_ministry_authority_and_own_staff_only:
    "COORDINATED can be cleared for the Ministry, the Authority and the custodian's own staff only.",
  family_first_is_for_authority_and_own_staff_only:
    "FAMILY_FIRST can be cleared for the Authority's and the custodian's own staff only.",
};

/** Gives a grant, in force at once unless it says otherwise, and answers its id. Throws `GrantError`. */
export async function grant({ query }: Pick<Storage, 'query'>, request: GrantRequest): Promise<string> {
  const parsed = GrantRequest.safeParse(request);
  if (!parsed.success) throw new GrantError(`The grant is not valid:\n${z.prettifyError(parsed.error)}`);
  const given = parsed.data;
  try {
    const [row] = await query<{ id: string }>({
      // From the beginning of this second, so that a clock a little behind the database's finds it in force already.
      sql: `insert into grants (subject, subject_kind, organisation, recipient_kind, scopes, clears, purposes, valid_from, valid_until, reason, granted_by)
        values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, date_trunc('second', now())), $9, $10, $11) returning id`,
      parameters: [
        given.subject,
        given.subjectKind,
        given.organisation,
        given.recipientKind,
        given.scopes,
        given.clears,
        given.purposes,
        given.from ?? null,
        given.until,
        given.reason,
        given.grantedBy,
      ],
    });
    if (!row) throw new Error('the database answered no id');
    return row.id;
  } catch (cause) {
    const refusal = cause instanceof DatabaseError ? REFUSALS[cause.constraint ?? ''] : undefined;
    throw refusal === undefined ? cause : new GrantError(refusal, { cause });
  }
}

/** Revokes a grant; it bites on the next request. Throws `GrantError` where there is none, or it is revoked already. */
export async function revoke({ query }: Pick<Storage, 'query'>, id: string, by: string): Promise<void> {
  const [row] = await query<{ revoked: boolean }>({
    sql: `with revoked as (update grants set revoked_at = now(), revoked_by = $2 where id::text = $1 and revoked_at is null returning id)
      select exists (select from revoked) as revoked from grants where id::text = $1`,
    parameters: [id, by],
  });
  if (!row) throw new GrantError(`There is no grant ${id}.`);
  if (!row.revoked) throw new GrantError(`The grant ${id} has been revoked already.`);
}

/** The grants, newest first: all, or one subject's. */
export function listGrants(
  { query }: Pick<Storage, 'query'>,
  { subject }: { subject?: string } = {},
): Promise<Grant[]> {
  return query<Grant>({
    sql: `select id, subject, subject_kind as "subjectKind", organisation, recipient_kind as "recipientKind", scopes, clears, purposes,
        valid_from as "from", valid_until as "until", reason, granted_by as "grantedBy", granted_at as "grantedAt",
        revoked_at as "revokedAt", revoked_by as "revokedBy"
      from grants
      where $1::text is null or subject = $1
      order by granted_at desc, id`,
    parameters: [subject ?? null],
  });
}

/** Whose access is loaded, for which declared purpose; `now` is milliseconds since 1970. */
export interface AccessQuestion {
  readonly custodian: string;
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  readonly purpose: Purpose;
  readonly now: () => number;
}

interface StoredGrant {
  readonly id: string;
  readonly organisation: string;
  readonly recipientKind: RecipientKind;
  readonly scopes: readonly string[];
  readonly clears: readonly Label[];
  readonly purposes: readonly Purpose[];
  readonly from: string;
  readonly until: string;
  readonly revoked: boolean;
}

/** What `GET /access` tells of a viewer's grants. */
export type GrantsAnswer = Omit<AccessAnswer, 'askedAboutPersons'>;

/** One viewer's access for one purpose, read in one round trip: as the custodian enforces it, and as `GET /access` tells it. */
export async function loadAccess(
  { query }: Pick<Storage, 'query'>,
  { custodian, subject, subjectKind, purpose, now }: AccessQuestion,
): Promise<{ access: ViewerAccess; answer: GrantsAnswer }> {
  const [row] = await query<{ grants: StoredGrant[]; labelSets: LabelSet[] }>({
    sql: `select
      (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'organisation', organisation, 'recipientKind', recipient_kind,
          'scopes', scopes, 'clears', clears, 'purposes', purposes, 'from', valid_from, 'until', valid_until,
          'revoked', revoked_at is not null) order by granted_at, id), '[]')
        from grants where subject = $1 and subject_kind = $2) as grants,
      (select jsonb_agg(jsonb_build_object('id', id, 'labels', labels, 'consent', consent)) from label_sets) as "labelSets"`,
    parameters: [subject, subjectKind],
  });
  if (!row) throw new Error('the database answered no grants and no label sets');
  const time = now();
  const started = row.grants.filter(({ from }) => Date.parse(from) <= time);
  const current = started.filter(({ revoked, until }) => !revoked && Date.parse(until) > time);
  const serving = current.filter(({ purposes }) => purposes.includes(purpose));
  const lapsed = started.filter((given) => !current.includes(given) && given.purposes.includes(purpose));
  const held = scopesOf(serving);
  return {
    access: new ViewerAccess(
      serving.map((given) => ({
        id: given.id,
        organisation: given.organisation,
        recipientKind: given.recipientKind,
        until: new Date(given.until),
        scopes: new Set(given.scopes),
        clears: new Set(given.clears),
      })),
      row.labelSets,
    ),
    answer: {
      custodian,
      grants: serving.map(({ scopes, clears, until }) => ({
        scopes: [...scopes],
        clears: [...clears],
        until: new Date(until).toISOString(),
      })),
      otherPurpose: scopesOf(current).filter((scope) => !held.includes(scope)),
      expired: scopesOf(lapsed).filter((scope) => !held.includes(scope)),
    },
  };
}

const scopesOf = (grants: readonly StoredGrant[]): string[] => [...new Set(grants.flatMap(({ scopes }) => scopes))];
