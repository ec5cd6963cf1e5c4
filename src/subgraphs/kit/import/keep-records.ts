import type { Label } from '../../../protocol/labels.ts';
import type { Query } from '../storage.ts';

/** A record as its columns, all of them, `id`, `reference`, `label_set` and `labels` included. */
export type RecordColumns = Readonly<Record<string, unknown>> & { readonly id: string; readonly reference: string };

/**
 * Inserts records, all with the same columns, into one table, or brings those with the same reference up to date,
 * touching only what differs. A record keeps its id, and with `labelsAreSettled` the labels it has.
 */
export async function keepRecords(
  query: Query,
  table: string,
  records: readonly RecordColumns[],
  labelsAreSettled: boolean,
): Promise<void> {
  const [first] = records;
  if (!first) return;
  const kept = new Set(labelsAreSettled ? ['id', 'reference', 'label_set', 'labels'] : ['id', 'reference']);
  const columns = Object.keys(first).map(quoted);
  const changing = Object.keys(first)
    .filter((column) => !kept.has(column))
    .map(quoted);
  await query({
    sql: `insert into ${quoted(table)} as old (${columns.join(', ')})
      select ${columns.map((column) => `given.${column}`).join(', ')}
        from jsonb_populate_recordset(null::${quoted(table)}, $1::jsonb) as given
      on conflict (reference) do update set ${changing.map((column) => `${column} = excluded.${column}`).join(', ')}
        where (${changing.map((column) => `old.${column}`).join(', ')})
          is distinct from (${changing.map((column) => `excluded.${column}`).join(', ')})`,
    parameters: [JSON.stringify(records)],
  });
}

/** The ids of the records with these references, by reference. */
export async function readIds(
  query: Query,
  table: string,
  references: readonly string[],
): Promise<Map<string, string>> {
  const rows = await query<{ id: string; reference: string }>({
    sql: `select id, reference from ${quoted(table)} where reference = any ($1::text[])`,
    parameters: [references],
  });
  return new Map(rows.map(({ id, reference }) => [reference, id]));
}

/** The labels that the records with these references have, by reference. */
export async function readLabels(
  query: Query,
  table: string,
  references: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const rows = await query<{ reference: string; labels: string[] }>({
    sql: `select reference, labels from ${quoted(table)} where reference = any ($1::text[])`,
    parameters: [references],
  });
  return new Map(rows.map(({ reference, labels }) => [reference, labels]));
}

/** The labels that the records with these ids have. */
export const readLabelsById = (
  query: Query,
  table: string,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly labels: readonly Label[] }[]> =>
  query({ sql: `select id, labels from ${quoted(table)} where id = any ($1::text[])`, parameters: [ids] });

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
