import type { Query } from './storage.ts';

interface Index {
  readonly name: string;
  readonly definition: string;
}

interface Key {
  readonly table: string;
  readonly column: string;
  readonly index: string;
}

/**
 * For a migration: makes every index of the tables under row security begin with the label set, but those that hold a key
 * unique, and gives each key another that does. Then whoever looks something up passes over the rows that they may see,
 * and over no hidden ones. To be called again where a later migration makes a table, a key or an index.
 */
export async function leadWithLabelSet(query: Query): Promise<void> {
  await leadIndexes(query);
  await leadKeys(query);
}

async function leadIndexes(query: Query): Promise<void> {
  const indexes = await query<Index>({
    sql: `select format('%I', i.relname) as name, pg_get_indexdef(i.oid) as definition
      from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
        join pg_attribute a on a.attrelid = t.oid and a.attname = 'label_set'
      where t.relnamespace = current_schema()::regnamespace and t.relrowsecurity and not indisunique
        and (i.relname like '%_by_label_set' or indkey[0] <> a.attnum)
      order by i.relname`,
    parameters: [],
  });
  for (const { name, definition } of indexes) {
    await query({ sql: `drop index ${name}`, parameters: [] });
    // It is what the index of the order becomes.
    if (name.endsWith('_by_label_set')) continue;
    await query({ sql: definition.replace('USING btree (', 'USING btree (label_set, '), parameters: [] });
  }
}

/** In the collation of `keyColumn`. */
async function leadKeys(query: Query): Promise<void> {
  const keys = await query<Key>({
    sql: `select format('%I', t.relname) as table, format('%I', a.attname) as column,
        format('%I', t.relname || '_by_' || a.attname) as index
      from pg_index k join pg_class t on t.oid = k.indrelid
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.indkey[0]
        join pg_attribute l on l.attrelid = t.oid and l.attname = 'label_set'
      where t.relnamespace = current_schema()::regnamespace and t.relrowsecurity and k.indisunique
        and has_any_column_privilege('amana_reader', t.oid, 'select')
        and not exists (
          select from pg_index x where x.indrelid = t.oid and x.indkey[0] = l.attnum and x.indkey[1] = a.attnum
            and x.indcollation[1] = 'pg_catalog."C"'::regcollation
        )
      order by 3`,
    parameters: [],
  });
  for (const { table, column, index } of keys) {
    await query({ sql: `create index ${index} on ${table} (label_set, ${column} collate "C")`, parameters: [] });
  }
}
