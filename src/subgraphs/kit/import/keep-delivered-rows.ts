import { createHash } from 'node:crypto';
import type { Query } from '../storage.ts';

/** An accepted row: the line on which it begins, the reference of its record and that record's id, and its cells as written. */
export interface AcceptedRow {
  readonly line: number;
  readonly reference: string;
  readonly recordId: string;
  readonly cells: ReadonlyMap<string, string>;
  /** The link id of whom it is about, as understood. */
  readonly person: string | null;
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
  const given = rows.map(({ line, reference, recordId, cells, person }) => {
    const written = Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
    const digest = createHash('sha256').update(JSON.stringify(written)).digest('base64url');
    return { line, reference, record_id: recordId, digest, written, person };
  });
  const known = await query<{ reference: string; digest: string; person: string | null }>({
    sql: 'select reference, digest, person from delivered_rows where file = $1 and reference = any ($2::text[]) and superseded_at is null',
    parameters: [file, given.map(({ reference }) => reference)],
  });
  const digests = new Map(known.map(({ reference, digest }) => [reference, digest]));
  const persons = new Map(known.map(({ reference, person }) => [reference, person]));
  await keepPersons(
    query,
    file,
    given.filter(
      ({ reference, digest, person }) => digests.get(reference) === digest && persons.get(reference) !== person,
    ),
  );
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
    sql: `insert into delivered_rows (file, line, reference, digest, written, record_id, person, delivered_at)
      select $1, line, reference, digest, written, record_id, person, $3
        from jsonb_to_recordset($2::jsonb)
          as given (line integer, reference text, digest text, written jsonb, record_id text, person text)`,
    parameters: [file, JSON.stringify(changed), now],
  });
  return superseded.length;
}

/** Keeps whom rows are about that say what they said before, and are understood otherwise. */
async function keepPersons(
  query: Query,
  file: string,
  rows: readonly { readonly reference: string; readonly person: string | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  await query({
    sql: `update delivered_rows d set person = given.person
      from jsonb_to_recordset($2::jsonb) as given (reference text, person text)
      where d.file = $1 and d.reference = given.reference and d.superseded_at is null`,
    parameters: [file, JSON.stringify(rows.map(({ reference, person }) => ({ reference, person })))],
  });
}
