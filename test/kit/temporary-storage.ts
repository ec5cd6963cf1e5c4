import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, inject } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { type StorageRequest, openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import type { Statement, Storage } from '../../src/subgraphs/kit/storage.ts';
import { type TemporaryCustodian, dropDatabase, freshDatabase } from './prepared-postgres.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A custodian's fresh database, migrated; `request` opens it again (with `openStorage`), `close` removes it. */
export interface TemporaryStorage {
  readonly storage: Storage;
  readonly request: StorageRequest;
  close(): Promise<void>;
}

/**
 * A fresh migrated database for a test, owned by a role that is no superuser, as in production. The databases of one
 * test file share one real PostgreSQL, which starts with the first and ends with the file.
 */
export async function temporaryStorage(custodian: TemporaryCustodian): Promise<TemporaryStorage> {
  const { server } = await (shared ??= start());
  const request = await freshDatabase(server, custodian);
  const storage = await openStorage(request);
  const close = async (): Promise<void> => {
    await storage.close();
    await dropDatabase(server, request);
  };
  return { storage, request, close };
}

/**
 * Fills a table with many rows in one statement. Each column is given as an SQL expression over `n`, which counts from
 * 1: `fillTable(storage, 'death_certificates', 100_000, { id: "'ministry:' || n", … })`.
 */
export async function fillTable(
  storage: Storage,
  table: string,
  rows: number,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const [names, expressions] = [Object.keys(columns), Object.values(columns)].map((words) => words.join(', '));
  const run = <Row>(sql: string): Promise<Row[]> => storage.query<Row>({ sql, parameters: [] });
  // Built once all rows are there, they take a fraction of the time.
  const indexes = await run<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
      from pg_index where indrelid = '${table}'::regclass and not indisunique`,
  );
  for (const { name } of indexes) await run(`drop index ${name}`);
  await run(`insert into ${table} (${names}) select ${expressions} from generate_series(1, ${rows}) as n`);
  for (const { definition } of indexes) await run(definition);
  await run(`analyze ${table}`);
}

/** The plan of a reading statement under row security, as `EXPLAIN` prints it (with `analyze`, also what it took). */
export async function explainRead(
  storage: Storage,
  labelSets: ReadonlySet<number>,
  statement: Statement,
  options = 'costs off',
): Promise<string> {
  const rows = await storage.read<{ 'QUERY PLAN': string }>(labelSets, {
    ...statement,
    sql: `explain (${options}) ${statement.sql}`,
  });
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

interface SharedServer {
  readonly server: EmbeddedPostgres;
  readonly stop: () => Promise<void>;
}

let shared: Promise<SharedServer> | undefined;
afterAll(async () => (await shared)?.stop());

async function start(): Promise<SharedServer> {
  const { directory, remove } = await temporaryDirectory();
  // By far the fastest way to copy some thousand small files.
  await promisify(execFile)('cp', ['-R', `${inject('preparedPostgres')}/.`, directory]);
  const server = await openEmbeddedPostgres(directory, 'serve', process.env['PATH'] ?? '');
  const stop = async (): Promise<void> => {
    await server.close();
    await remove();
  };
  return { server, stop };
}
