import { type Query, leadWithLabelSet } from 'amana/kit';

/** How long a search takes is to tell nothing of records that are hidden. */
export async function up(query: Query): Promise<void> {
  // The index of the order serves the dates by which the lists are ordered.
  await query({
    sql: 'drop index testimonies_by_date, custody_events_by_date, depicted_bodies_by_date, photographs_by_date',
    parameters: [],
  });
  await leadWithLabelSet(query);
}
