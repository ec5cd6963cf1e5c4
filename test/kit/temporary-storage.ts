import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, escapeLiteral } from 'pg';
import { afterAll, inject } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { type StorageRequest, openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { readAsReader } from '../../src/subgraphs/kit/read-as-reader.ts';
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
  { request }: TemporaryStorage,
  labelSets: ReadonlySet<number>,
  { sql, parameters }: Statement,
  options = 'costs off',
): Promise<string> {
  const client = new Client({ connectionString: request.environment['DATABASE_URL'], pipeline: true });
  await client.connect();
  try {
    await client.query(`prepare explained as ${sql}`);
    const values = parameters.map(literal).join(', ');
    const explain = `explain (${options}) execute explained ${values && `(${values})`}`;
    const rows = await readAsReader<{ 'QUERY PLAN': string }>(client, labelSets, { sql: explain, parameters: [] });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.end();
  }
}

const literal = (value: unknown): string =>
  escapeLiteral(Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join()}}` : String(value));

/** How many pages of the database a reading statement touches, once they are in memory. */
export async function touched(
  temporary: TemporaryStorage,
  labelSets: ReadonlySet<number>,
  statement: Statement,
): Promise<number> {
  const options = 'analyze, buffers, costs off, timing off, summary off';
  await explainRead(temporary, labelSets, statement, options);
  const plan = await explainRead(temporary, labelSets, statement, options);
  return Number(/Buffers: shared hit=(\d+)/u.exec(plan)?.[1]);
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
