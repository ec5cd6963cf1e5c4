import type { Query } from './storage.ts';

interface Index {
  readonly name: string;
  readonly definition: string;
}

/**
 * For a migration: makes every index of the tables under row security begin with the label set, but those that hold a key
 * unique. Then whoever looks something up passes over the rows that they may see, and over no hidden ones. A link's key
 * says what the link does, so that whether there is one is known without looking at its row.
 */
export async function leadWithLabelSet(query: Query): Promise<void> {
  const run = (sql: string): Promise<unknown[]> => query({ sql, parameters: [] });
  const indexes = await query<Index>({
    sql: `select format('%I', i.relname) as name, pg_get_indexdef(i.oid) as definition
      from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
        join pg_attribute a on a.attrelid = t.oid and a.attname = 'label_set'
      where t.relnamespace = current_schema()::regnamespace and t.relrowsecurity and not indisunique
      order by i.relname`,
    parameters: [],
  });
  for (const { name, definition } of indexes) {
    await run(`drop index ${name}`);
    // It is what the index of the order becomes.
    if (!name.endsWith('_by_label_set')) await run(definition.replace('USING btree (', 'USING btree (label_set, '));
  }
  await run(`alter table links drop constraint links_pkey,
    add constraint links_pkey primary key (record_id) include (label_set, person, record_type)`);
}
