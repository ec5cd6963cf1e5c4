import type { RegisterExtract } from '../../../protocol/links-export.ts';
import type { Query } from '../storage.ts';

/**
 * Replaces what this custodian knows of the link register by an extract of it: the records confirmed to be about a
 * person, and how far each family's notification is. Touches only what differs. To be followed by `settleLinks`.
 */
export async function loadRegister(query: Query, { links, persons }: RegisterExtract): Promise<void> {
  const notifications = new Map([...links, ...persons].map(({ person, notification }) => [person, notification]));
  await replace(
    query,
    'register_entries',
    'record_reference',
    'person',
    links.map(({ record, person }) => [record, person]),
  );
  await replace(query, 'person_notifications', 'person', 'notification', [...notifications]);
}

async function replace(
  query: Query,
  table: string,
  key: string,
  value: string,
  rows: readonly (readonly [string, string | null])[],
): Promise<void> {
  const stated = rows.filter(([, said]) => said !== null);
  const parameters = [stated.map(([name]) => name), stated.map(([, said]) => said)];
  await query({ sql: `delete from ${table} where not ${key} = any ($1::text[])`, parameters: parameters.slice(0, 1) });
  await query({
    sql: `insert into ${table} as old (${key}, ${value}) select * from unnest($1::text[], $2::text[])
      on conflict (${key}) do update set ${value} = excluded.${value} where old.${value} is distinct from excluded.${value}`,
    parameters,
  });
}
