import { createHmac } from 'node:crypto';
import { ListedError, type ErrorCode } from '../../protocol/errors.ts';
import type { Purpose } from '../../protocol/purposes.ts';
import type { SubjectKind } from '../../protocol/request-context.ts';
import { type AccessLogQuestion, matching } from './access-log-question.ts';
import { compile, sql } from './sql.ts';
import type { Storage } from './storage.ts';

/** One read or refusal. Viewer, reference and records are given plainly and kept as HMACs; what is not known is left out. */
export interface AccessLogEntry {
  readonly requestId?: string;
  readonly viewer?: string;
  readonly subjectKind?: SubjectKind;
  readonly purpose?: Purpose;
  /** The reference of the file worked on, as declared with the purpose. */
  readonly reference?: string;
  readonly outcome: 'ANSWERED' | 'REFUSED';
  readonly code?: ErrorCode;
  /** The fields asked for, as `Type.field`. */
  readonly coordinates?: readonly string[];
  /** Of these, the fields withheld. */
  readonly withheld?: readonly string[];
  /** The ids of the records read, and of the persons asked for by id, whether or not anything was there. */
  readonly records?: readonly string[];
}

/** Where a custodian writes down every read and every refusal before it answers. */
export interface AccessLog {
  /** Resolves when the entry is committed; throws `LOG_UNAVAILABLE` where it cannot be, and then nothing may be answered. */
  append(entry: AccessLogEntry): Promise<void>;
}

type Known = 'outcome' | 'coordinates' | 'withheld' | 'records';

/** A row of the access log as it is kept; what was not known is null. */
export type StoredAccessLogEntry = Readonly<Required<Pick<AccessLogEntry, Known>>> & {
  readonly [Name in Exclude<keyof AccessLogEntry, Known>]-?: NonNullable<AccessLogEntry[Name]> | null;
} & { readonly id: number; readonly at: Date };

const PAGE = 1_000;

type Pseudonymous = 'viewer' | 'reference' | 'record';

/**
 * What stands in the log for a viewer, a reference or a record: HMAC-SHA256 (RFC 2104) under the custodian's log key, in
 * base64url. The kind goes into it, so that one text never has the same pseudonym as a viewer and as a reference.
 */
export const pseudonym = (logKey: Buffer, kind: Pseudonymous, text: string): string =>
  createHmac('sha256', logKey).update(`amana access log ${kind}\0${text}`).digest('base64url');

/** The access log in a custodian's own database. */
export function accessLog({ query }: Pick<Storage, 'query'>, logKey: Buffer): AccessLog {
  const keep = (kind: Pseudonymous, text: string | undefined): string | null =>
    text === undefined ? null : pseudonym(logKey, kind, text);
  return {
    async append({
      requestId,
      viewer,
      subjectKind,
      purpose,
      reference,
      outcome,
      code,
      coordinates,
      withheld,
      records,
    }) {
      try {
        await query({
          sql: `insert into access_log (request_id, viewer, subject_kind, purpose, reference, outcome, code, coordinates, withheld, records)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          parameters: [
            requestId ?? null,
            keep('viewer', viewer),
            subjectKind ?? null,
            purpose ?? null,
            keep('reference', reference),
            outcome,
            code ?? null,
            coordinates ?? [],
            withheld ?? [],
            (records ?? []).map((id) => pseudonym(logKey, 'record', id)),
          ],
        });
      } catch (cause) {
        throw new ListedError('LOG_UNAVAILABLE', { cause });
      }
    },
  };
}

/** Entries, newest first, as they are kept: the last hundred unless the question says otherwise. */
export function readAccessLog(
  { query }: Pick<Storage, 'query'>,
  { limit = 100, ...question }: AccessLogQuestion & { readonly limit?: number } = {},
): Promise<StoredAccessLogEntry[]> {
  return query<StoredAccessLogEntry>(
    compile(sql`
      select id, at, request_id as "requestId", viewer, subject_kind as "subjectKind", purpose, reference, outcome, code,
          coordinates, withheld, records
        from access_log where ${matching(question)} order by at desc, id desc limit ${limit}`),
  );
}

/** Entries page by page, newest first, at most `limit` of them: however long the log, one page is in memory. */
export async function* accessLogPages(
  storage: Pick<Storage, 'query'>,
  question: AccessLogQuestion,
  limit: number,
): AsyncGenerator<readonly StoredAccessLogEntry[]> {
  let { before } = question;
  for (let left = limit; left > 0;) {
    const size = Math.min(left, PAGE);
    const page = await readAccessLog(storage, { ...question, ...(before !== undefined && { before }), limit: size });
    if (page.length > 0) yield page;
    if (page.length < size) return;
    left -= size;
    before = page.at(-1)?.id;
  }
}

/** How many entries there are, and from when to when. */
export async function summariseAccessLog(
  { query }: Pick<Storage, 'query'>,
  question: AccessLogQuestion,
): Promise<{ readonly entries: number; readonly first: Date | null; readonly last: Date | null }> {
  const [row] = await query<{ entries: number; first: Date | null; last: Date | null }>(
    compile(
      sql`select count(*) as entries, min(at) as first, max(at) as last from access_log where ${matching(question)}`,
    ),
  );
  if (!row) throw new Error('the database counted nothing');
  return row;
}
