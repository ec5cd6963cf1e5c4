import { type Query, leadWithLabelSet } from 'amana/kit';

/** How long it takes to look something up by its key, too, is to tell nothing of records that are hidden. */
export async function up(query: Query): Promise<void> {
  await query({ sql: 'alter table links drop constraint links_pkey, add primary key (record_id)', parameters: [] });
  await leadWithLabelSet(query);
}
