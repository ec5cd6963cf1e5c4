import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Statement } from './storage.ts';

/** The longest that one reading statement may take, in milliseconds. */
const STATEMENT_TIMEOUT = 5_000;

/**
 * Runs one reading statement in a transaction of its own under row security. Everything is sent at once (the client
 * must be in pipeline mode), so it costs one round trip; where any step fails, nothing is answered.
 */
export async function readAsReader<Row>(
  client: ClientBase,
  labelSets: ReadonlySet<number>,
  statement: Statement,
): Promise<Row[]> {
  const steps = [
    client.query(
      `begin read only; set local role amana_reader; set local statement_timeout = ${STATEMENT_TIMEOUT}; ` +
        // Planned once for all values, along indexes, and of a page along its order where one has it: what there is of a
        // value, hidden or not, chooses nothing.
        'set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; set local enable_sort = off; ' +
        `set local amana.label_sets = '${asArray(labelSets)}'`,
    ),
    client.query(prepared(statement)),
    client.query('commit'),
  ] as const;
  // The client may be used again only when all three have come back, failed or not.
  await Promise.allSettled(steps);
  const [, answered] = await Promise.all(steps);
  return answered.rows;
}

/** A statement that PostgreSQL parses once per connection, under a name that follows from its text. */
export const prepared = ({ sql, parameters }: Statement): { name: string; text: string; values: unknown[] } => ({
  name: createHash('sha256').update(sql).digest('base64url'),
  text: sql,
  values: [...parameters],
});

function asArray(labelSets: ReadonlySet<number>): string {
  const numbers = [...labelSets];
  if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0)) {
    throw new TypeError('label sets are positive integers');
  }
  return `{${numbers.join(',')}}`;
}
