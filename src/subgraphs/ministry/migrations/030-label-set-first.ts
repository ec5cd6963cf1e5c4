import { type Query, leadWithLabelSet } from 'amana/kit';

/** How long a search takes is to tell nothing of records that are hidden. */
export async function up(query: Query): Promise<void> {
  // The index of the order serves the dates by which the lists are ordered.
  await query({
    sql: 'drop index death_certificates_by_registration, custody_transfers_by_date, court_files_by_date',
    parameters: [],
  });
  await leadWithLabelSet(query);
}
