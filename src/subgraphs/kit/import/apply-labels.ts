import type { Label } from '../../../protocol/labels.ts';
import { labelSetNumber } from '../label-sets.ts';
import type { Query } from '../storage.ts';

/**
 * Puts labels on the records of a table: `wanted` is a select of `id` and `labels` (sorted, without repetition) for all
 * of them. Touches only records whose labels differ; their consent stays. To be run in a transaction.
 */
export async function applyLabels(query: Query, table: string, wanted: string): Promise<void> {
  const run = (sql: string): Promise<unknown[]> => query({ sql, parameters: [] });
  await run(`create temporary table wanted_labels on commit drop as
    select w.id, w.labels::text[] as labels, s.consent from (${wanted}) w join "${table}" t using (id)
        join label_sets s on s.id = t.label_set
      where t.labels is distinct from w.labels::text[]`);
  await applyLabelSets(query, 'wanted_labels');
  await run(
    `update "${table}" t set labels = w.labels, label_set = w.label_set from wanted_labels w where w.id = t.id`,
  );
  await run('drop table wanted_labels');
}

/** Adds to a temporary table the column `label_set`, the number of what stands in its columns `labels` and `consent`. */
export async function applyLabelSets(query: Query, table: string): Promise<void> {
  await query({ sql: `alter table ${table} add column label_set integer`, parameters: [] });
  const sets = await query<{ labels: Label[]; consent: string[] }>({
    sql: `select distinct labels, consent from ${table}`,
    parameters: [],
  });
  for (const { labels, consent } of sets) {
    await query({
      sql: `update ${table} set label_set = $1 where labels = $2::text[] and consent = $3::text[]`,
      parameters: [await labelSetNumber(query, labels, consent), labels, consent],
    });
  }
}
