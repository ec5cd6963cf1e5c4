import { type Query, addRomanKeys } from 'amana/kit';

/** Names are searched in Latin letters, too: the records that are there get the key of a name as they have it. */
export async function up(query: Query): Promise<void> {
  await addRomanKeys(query, 'depicted_bodies', `name_on_ledger`);
}
