import { type Query, leadWithLabelSet } from 'amana/kit';

/** How long a search takes is to tell nothing of records that are hidden. */
export async function up(query: Query): Promise<void> {
  // The index of the order serves the dates by which the lists are ordered.
  await query({
    sql: 'drop index identification_decisions_by_date, register_links_by_date, missing_person_reports_by_report_date',
    parameters: [],
  });
  await leadWithLabelSet(query);
}
