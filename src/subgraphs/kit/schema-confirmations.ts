import { compile, sql } from './sql.ts';
import type { Storage } from './storage.ts';

/** Whether the custodian has confirmed that a schema, by its digest, may weaken guards that the gateway has in force. */
export async function isSchemaConfirmed(storage: Storage, digest: string): Promise<boolean> {
  const rows = await storage.query(compile(sql`select from schema_confirmations where digest = ${digest}`));
  return rows.length > 0;
}

/** Confirms a schema by its digest; the first who does so is kept. */
export async function confirmSchema(storage: Storage, digest: string, by: string): Promise<void> {
  const statement = sql`insert into schema_confirmations (digest, confirmed_by) values (${digest}, ${by}) on conflict do nothing`;
  await storage.query(compile(statement));
}
