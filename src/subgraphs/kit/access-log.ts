import { createHmac } from 'node:crypto';
import { ListedError, type ErrorCode } from '../../protocol/errors.ts';
import type { Purpose } from '../../protocol/purposes.ts';
import type { SubjectKind } from '../../protocol/request-context.ts';
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

/** A row of the access log as it is kept. */
export interface StoredAccessLogEntry extends Required<Omit<AccessLogEntry, 'code'>> {
  readonly id: number;
  readonly at: Date;
  readonly code: ErrorCode | null;
}

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

/** The last entries, newest first, as they are kept. */
export function readAccessLog(
  { query }: Pick<Storage, 'query'>,
  { limit = 100 }: { limit?: number } = {},
): Promise<StoredAccessLogEntry[]> {
  return query<StoredAccessLogEntry>({
    sql: `select id, at, request_id as "requestId", viewer, subject_kind as "subjectKind", purpose, reference, outcome, code,
        coordinates, withheld, records
      from access_log order by id desc limit $1`,
    parameters: [limit],
  });
}
