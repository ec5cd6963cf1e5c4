import { type Sql, sql } from './sql.ts';

/** Which entries of the access log are asked for; what is left out does not matter. */
export interface AccessLogQuestion {
  /** Pseudonyms of one viewer, one for each log key. */
  readonly viewer?: readonly string[];
  /** Pseudonyms of records: entries that name any of them. */
  readonly records?: readonly string[];
  /** The earliest moment. */
  readonly since?: Date;
  /** The moment before which they were made. */
  readonly until?: Date;
  /** Whether only what was refused is asked for. */
  readonly refusals?: boolean;
  /** The coordinate of an image: only its downloads are asked for. */
  readonly downloads?: string;
  /** The id of an entry: only older ones are asked for. */
  readonly before?: number;
}

/** What holds of the entries asked for, as a condition on `access_log`. */
export function matching({ viewer, records, since, until, refusals, downloads, before }: AccessLogQuestion): Sql {
  const conditions: Sql[] = [sql`true`];
  if (viewer) conditions.push(sql`viewer = any(${viewer}::text[])`);
  // Found first: in the order of time, the entries of a record that was hardly ever read are at the end of a long walk.
  if (records) conditions.push(sql`id = any(array(select id from access_log where records && ${records}::text[]))`);
  if (since) conditions.push(sql`at >= ${since}::timestamptz`);
  if (until) conditions.push(sql`at < ${until}::timestamptz`);
  if (refusals) conditions.push(sql`outcome = 'REFUSED'`);
  // An operation has a root field as well.
  if (downloads !== undefined) conditions.push(sql`coordinates = array[${downloads}::text]`);
  if (before !== undefined)
    conditions.push(sql`(at, id) < ((select at from access_log where id = ${before}::bigint), ${before}::bigint)`);
  return sql.join(conditions, sql` and `);
}
