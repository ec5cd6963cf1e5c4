import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { type StorageRequest, openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { temporaryDirectory } from './temporary-directory.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The directory of a PostgreSQL that does not run, with a migrated database of each custodian: to be copied. */
    preparedPostgres: string;
  }
}

/** Which custodian's database: its id, its subgraph, and the folder of `src/subgraphs` with its migrations. */
export interface TemporaryCustodian {
  readonly custodian: string;
  readonly subgraph: 'ministry' | 'missing' | 'ngo';
}

/** Whose databases are prepared. */
const CUSTODIANS: readonly TemporaryCustodian[] = [
  { custodian: 'ministry', subgraph: 'ministry' },
  { custodian: 'missing', subgraph: 'missing' },
  { custodian: 'ngo-a', subgraph: 'ngo' },
  { custodian: 'ngo-b', subgraph: 'ngo' },
];
const PATH = process.env['PATH'] ?? '';
const OWNER = 'custodian';

/** The role that owns a test's database is no superuser, as in production. */
const ROLES = (password: string): string[] => [
  `create role ${OWNER} login password '${password}'`,
  'create role amana_reader nologin nobypassrls',
  `grant amana_reader to ${OWNER} with inherit false, set true`,
];

/** What a test has written need not outlive the machine. */
const CARELESS = ['fsync', 'full_page_writes'].map((setting) => `alter system set ${setting} = off`);

const templateOf = ({ custodian }: TemporaryCustodian): string => `prepared_${custodian.replaceAll('-', '_')}`;

/** Prepares, once for all tests, the PostgreSQL that each test file starts a copy of. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { directory, remove } = await temporaryDirectory();
  const server = await openEmbeddedPostgres(directory, 'serve', PATH);
  await asSuperuser(server, [...CARELESS, 'select pg_reload_conf()', ...ROLES(server.connection.password)]);
  for (const custodian of CUSTODIANS) {
    const storage = await openStorage(await createDatabase(server, custodian, 'template1', templateOf(custodian)));
    await storage.close();
  }
  await server.close();
  project.provide('preparedPostgres', directory);
  return remove;
}

/** A fresh database on a copy of what was prepared, and how it is opened. */
export const freshDatabase = (server: EmbeddedPostgres, custodian: TemporaryCustodian): Promise<StorageRequest> =>
  createDatabase(
    server,
    custodian,
    CUSTODIANS.some((one) => one.custodian === custodian.custodian) ? templateOf(custodian) : 'template1',
    `${custodian.subgraph}_${randomBytes(6).toString('hex')}`,
  );

/** Takes a database away, whoever is still connected to it. */
export const dropDatabase = (server: EmbeddedPostgres, { environment }: StorageRequest): Promise<void> =>
  asSuperuser(server, [`drop database ${new URL(environment['DATABASE_URL'] ?? '').pathname.slice(1)} with (force)`]);

async function createDatabase(
  server: EmbeddedPostgres,
  { custodian, subgraph }: TemporaryCustodian,
  template: string,
  name: string,
): Promise<StorageRequest> {
  await asSuperuser(server, [`create database ${name} owner ${OWNER} template ${template}`]);
  const { host, port, password } = server.connection;
  return {
    configuration: { custodian, storage: { kind: 'database' } },
    subgraphs: [subgraph],
    migrations: migrationsOf(subgraph),
    use: 'serve',
    environment: { DATABASE_URL: `postgres://${OWNER}:${password}@${host}:${port}/${name}` },
  };
}

/** The folder with a custodian's migrations. */
export const migrationsOf = (subgraph: string): URL =>
  new URL(`../../src/subgraphs/${subgraph}/migrations/`, import.meta.url);

/** Runs statements on a PostgreSQL as its superuser; for what only the server can tell. */
export async function asSuperuser(server: EmbeddedPostgres, statements: readonly string[]): Promise<void> {
  const client = new Client(server.connection);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
