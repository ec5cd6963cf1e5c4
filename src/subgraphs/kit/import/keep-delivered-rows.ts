import { createHash } from 'node:crypto';
import type { Query } from '../storage.ts';

/** An accepted row: the line on which it begins, the reference of its record and that record's id, and its cells. */
export interface AcceptedRow {
  readonly line: number;
  readonly reference: string;
  readonly recordId: string;
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * Keeps rows as they were delivered, with every column. A row that says what it said before changes nothing; a changed
 * one supersedes the earlier, which stays. Answers how many were superseded. `at` is milliseconds since 1970.
 */
export async function keepDeliveredRows(
  query: Query,
  file: string,
  rows: readonly AcceptedRow[],
  at: number,
): Promise<number> {
  const given = rows.map(({ line, reference, recordId, cells }) => {
    const written = Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
    const digest = createHash('sha256').update(JSON.stringify(written)).digest('base64url');
    return { line, reference, record_id: recordId, digest, written };
  });
  const known = await query<{ reference: string; digest: string }>({
    sql: 'select reference, digest from delivered_rows where file = $1 and reference = any ($2::text[]) and superseded_at is null',
    parameters: [file, given.map(({ reference }) => reference)],
  });
  const digests = new Map(known.map(({ reference, digest }) => [reference, digest]));
  const changed = given.filter(({ reference, digest }) => digests.get(reference) !== digest);
  if (changed.length === 0) return 0;
  const superseded = changed.map(({ reference }) => reference).filter((reference) => digests.has(reference));
  const now = new Date(at).toISOString();
  if (superseded.length > 0) {
    await query({
      sql: 'update delivered_rows set superseded_at = $3 where file = $1 and reference = any ($2::text[]) and superseded_at is null',
      parameters: [file, superseded, now],
    });
  }
  await query({
    sql: `insert into delivered_rows (file, line, reference, digest, written, record_id, delivered_at)
      select $1, line, reference, digest, written, record_id, $3
        from jsonb_to_recordset($2::jsonb)
          as given (line integer, reference text, digest text, written jsonb, record_id text)`,
    parameters: [file, JSON.stringify(changed), now],
  });
  return superseded.length;
}
