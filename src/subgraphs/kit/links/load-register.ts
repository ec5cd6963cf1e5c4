import type { RegisterExtract } from '../../../protocol/links-export.ts';
import type { Query } from '../storage.ts';

/**
 * Replaces what this custodian knows of the link register by an extract of it: the records confirmed to be about a
 * person, the links rejected, and how far each family's notification is. Touches only what differs. To be followed by
 * `settleLinks`.
 */
export async function loadRegister(query: Query, { links, persons, rejected }: RegisterExtract): Promise<void> {
  const notifications = new Map([...links, ...persons].map(({ person, notification }) => [person, notification]));
  await replace(
    query,
    'register_entries',
    'record_reference',
    'person',
    links.map(({ record, person }) => [record, person]),
  );
  await replace(query, 'person_notifications', 'person', 'notification', [...notifications]);
  // An export that says nothing of them, as earlier ones did, gives no rejected link back.
  if (rejected) await replaceRejections(query, rejected);
}

async function replaceRejections(query: Query, rejected: NonNullable<RegisterExtract['rejected']>): Promise<void> {
  const parameters = [rejected.map(({ record }) => record), rejected.map(({ person }) => person)];
  await query({
    sql: `delete from register_rejections
      where (record_reference, person) not in (select * from unnest($1::text[], $2::text[]))`,
    parameters,
  });
  await query({
    sql: `insert into register_rejections (record_reference, person)
      select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
    parameters,
  });
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
