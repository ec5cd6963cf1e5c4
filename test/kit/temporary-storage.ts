import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeLiteral } from 'pg';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { type StorageRequest, openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { readAsReader } from '../../src/subgraphs/kit/read-as-reader.ts';
import type { Statement, Storage } from '../../src/subgraphs/kit/storage.ts';

const PATH = process.env['PATH'] ?? '';
const OWNER = 'custodian';

/** A custodian's fresh database, migrated; `request` opens it again (with `openStorage`), `close` removes it. */
export interface TemporaryStorage {
  readonly storage: Storage;
  readonly request: StorageRequest;
  close(): Promise<void>;
}

/** Which custodian's database: its id, its subgraph, and the folder of `src/subgraphs` with its migrations. */
export interface TemporaryCustodian {
  readonly custodian: string;
  readonly subgraph: 'ministry' | 'missing' | 'ngo';
}

/**
 * A fresh migrated database for a test, owned by a role that is no superuser, as in production. The databases of one
 * test file share one real PostgreSQL, which starts with the first (about a second) and ends with the last.
 */
export async function temporaryStorage({ custodian, subgraph }: TemporaryCustodian): Promise<TemporaryStorage> {
  const server = await enter();
  const database = `${subgraph}_${randomBytes(6).toString('hex')}`;
  await asSuperuser(server, [`create database ${database} owner ${OWNER}`]);
  const { host, port, password } = server.connection;
  const request: StorageRequest = {
    configuration: { custodian, storage: { kind: 'database' } },
    subgraphs: [subgraph],
    migrations: migrationsOf(subgraph),
    use: 'serve',
    environment: { DATABASE_URL: `postgres://${OWNER}:${password}@${host}:${port}/${database}` },
  };
  const storage = await openStorage(request);
  const close = async (): Promise<void> => {
    await storage.close();
    await asSuperuser(server, [`drop database ${database} with (force)`]);
    await leave();
  };
  return { storage, request, close };
}

/** The folder with a custodian's migrations. */
export const migrationsOf = (subgraph: string): URL =>
  new URL(`../../src/subgraphs/${subgraph}/migrations/`, import.meta.url);

/** A directory for one test and how to remove it. */
export async function temporaryDirectory(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'amana-'));
  return { directory, remove: () => rm(directory, { recursive: true }) };
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
  await storage.query({
    sql: `insert into ${table} (${names}) select ${expressions} from generate_series(1, ${rows}) as n`,
    parameters: [],
  });
  await storage.query({ sql: `analyze ${table}`, parameters: [] });
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

/** The PostgreSQL that this test file's databases share, as its superuser; for tests of what only the server can tell. */
export async function asSuperuser(server: EmbeddedPostgres, statements: readonly string[]): Promise<void> {
  const client = new Client(server.connection);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

interface SharedServer {
  readonly server: EmbeddedPostgres;
  readonly stop: () => Promise<void>;
}

let shared: Promise<SharedServer> | undefined;
let users = 0;

async function enter(): Promise<EmbeddedPostgres> {
  users += 1;
  shared ??= start();
  return (await shared).server;
}

async function leave(): Promise<void> {
  users -= 1;
  if (users > 0) return;
  const ending = shared;
  shared = undefined;
  await (await ending)?.stop();
}

async function start(): Promise<SharedServer> {
  const { directory, remove } = await temporaryDirectory();
  const server = await openEmbeddedPostgres(directory, 'serve', PATH);
  await asSuperuser(server, [
    `create role ${OWNER} login password '${server.connection.password}'`,
    'create role amana_reader nologin nobypassrls',
    `grant amana_reader to ${OWNER} with inherit false, set true`,
  ]);
  const stop = async (): Promise<void> => {
    await server.close();
    await remove();
  };
  return { server, stop };
}
