import { type Query, addRomanKeys } from 'amana/kit';

/** Names are searched in Latin letters, too: the records that are there get the key of a name as they have it. */
export async function up(query: Query): Promise<void> {
  await addRomanKeys(query, 'death_certificates', `name ->> 'asWritten'`);
  await addRomanKeys(query, 'court_files', `accused ->> 'asWritten'`);
  await addRomanKeys(query, 'detention_orders', `subject ->> 'asWritten'`);
  await addRomanKeys(query, 'prosecutions', `accused ->> 'asWritten'`);
}
