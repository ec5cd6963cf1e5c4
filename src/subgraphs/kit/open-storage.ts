import { type ClientBase, type ClientConfig, Pool, TypeOverrides } from 'pg';
import { ConfigurationError, readPrivateFile } from '../../protocol/read-configuration.ts';
import { cancelWith } from './cancel-statement.ts';
import type { CustodianConfiguration } from './configuration.ts';
import { type StorageUse, openEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { prepared, readAsReader } from './read-as-reader.ts';
import { StorageError } from './storage-error.ts';
import type { Query, Storage } from './storage.ts';

const OLDEST_SERVER = 160_000;
const NEVER = new AbortController().signal;
const CONNECTIONS = { serve: 8, administer: 3 } as const;

/** Which database is opened, what for, and the environment variables (`DATABASE_URL`, `PATH`). */
export interface StorageRequest {
  readonly configuration: Pick<CustodianConfiguration, 'custodian' | 'storage'>;
  readonly subgraphs: readonly string[];
  /** The folder with the custodian's own migrations. */
  readonly migrations: URL;
  readonly use: StorageUse;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens a custodian's PostgreSQL, its own or the embedded one, and brings it up to date. Throws `ConfigurationError` or
 * `StorageError`, with nothing left running.
 */
export async function openStorage(request: StorageRequest): Promise<Storage> {
  const { configuration, use } = request;
  const server = await reach(request);
  const common = { ...server.connection, connectionTimeoutMillis: 10_000 };
  const pool = new Pool({
    ...common,
    application_name: `amana ${use} ${process.pid}`,
    max: CONNECTIONS[use],
    // Bounds what prepared statements of ever different texts may take up in the server.
    maxUses: 2_000,
    pipeline: true,
    types: columnTypes(),
  });
  // One of its own, which is there when all others are busy.
  const cancelling = new Pool({ ...common, application_name: `amana cancel ${process.pid}`, max: 1 });
  // A connection lost while idle concerns nobody: the next statement opens another, or fails and says so.
  for (const each of [pool, cancelling]) each.on('error', () => {});
  // Lost while in use, it fails the statement that is under way, and must not end the process besides.
  pool.on('connect', (client) => client.on('error', () => {}));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= Promise.all([pool.end(), cancelling.end()]).then(() => server.close()));
  try {
    await refuseUnusable(pool);
    await migrate(pool, { ...request, custodian: configuration.custodian });
    await refuseWithoutArabic(pool);
    await refuseOtherOrder(pool);
  } catch (error) {
    await close();
    throw error;
  }
  return storageOn(pool, cancelling, close);
}

function storageOn(pool: Pool, cancelling: Pool, close: () => Promise<void>): Storage {
  const withClient = async <Result>(work: (client: ClientBase) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      // Only a connection outside any transaction is used again.
      client.release(client.getTransactionStatus() !== 'I');
    }
  };
  return {
    read: async (labelSets, statement, signal = NEVER) =>
      labelSets.size === 0
        ? []
        : withClient((client) =>
            cancelWith(signal, client, cancelling, () => readAsReader(client, labelSets, statement)),
          ),
    query: (statement) => withClient((client) => queryOn(client)(statement)),
    transaction: (work) =>
      withClient(async (client) => {
        await client.query('begin');
        try {
          const result = await work(queryOn(client));
          const { command } = await client.query('commit');
          if (command === 'COMMIT') return result;
          throw new StorageError('A statement of the transaction failed, so none of it was kept.');
        } catch (error) {
          // Its locks are gone when the caller hears of it, and not only when the connection is.
          await client.query('rollback').catch(() => {});
          throw error;
        }
      }),
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, awaited: pool.waitingCount }),
    close,
  };
}

const queryOn =
  (client: ClientBase): Query =>
  async (statement) => {
    const { rows } = await client.query(statement.parameters.length > 0 ? prepared(statement) : statement.sql);
    return rows;
  };

async function reach({
  configuration,
  use,
  environment,
}: StorageRequest): Promise<{ connection: ClientConfig; close(): Promise<void> }> {
  const { storage } = configuration;
  if (storage.kind === 'embedded') {
    return openEmbeddedPostgres(storage.directory, use, environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin');
  }
  const { urlFile } = storage;
  const connectionString = urlFile === undefined ? environment['DATABASE_URL'] : readPrivateFile(urlFile);
  if (!connectionString) {
    throw new ConfigurationError(
      'storage.kind is database: set the environment variable DATABASE_URL, or name a file with storage.urlFile; ' +
        'the URL is, for example, postgres://user:password@host:5432/database.',
    );
  }
  return { connection: { connectionString }, close: async () => {} };
}

/** `bigint` and `count` as numbers where they are exact; days stay the text that was stored, since a `Date` would move them. */
function columnTypes(): TypeOverrides {
  const [INT8, DATE, DATE_ARRAY] = [20, 1082, 1182];
  const types = new TypeOverrides();
  types.setTypeParser(INT8, (text) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number)) throw new RangeError('a bigint is too large to be a number');
    return number;
  });
  types.setTypeParser(DATE, (text) => text);
  types.setTypeParser(DATE_ARRAY, (text) => text.slice(1, -1).split(',').filter(Boolean));
  return types;
}

async function refuseUnusable(pool: Pool): Promise<void> {
  const version = await pool
    .query(`select current_setting('server_version_num')::integer as number`)
    .catch((cause: unknown) => {
      const said = cause instanceof Error ? cause.message || ('code' in cause ? cause.code : cause.name) : cause;
      throw new StorageError(
        `The database cannot be reached: ${said}. Check DATABASE_URL, and that PostgreSQL runs there.`,
        { cause },
      );
    });
  if (version.rows[0]?.number < OLDEST_SERVER) throw new StorageError('PostgreSQL 16 or later is needed.');
}

async function refuseWithoutArabic(pool: Pool): Promise<void> {
  const { rows } = await pool.query(`select cardinality(show_trgm('محمد')) as trigrams`);
  if (rows[0]?.trigrams > 0) return;
  throw new StorageError(
    `This database cannot search Arabic text: show_trgm('محمد') is empty there, since its LC_CTYPE is C. ${CREATE}`,
  );
}

/** What lists are ordered by is compared with what other custodians hold, code point by code point. */
async function refuseOtherOrder(pool: Pool): Promise<void> {
  const { rows } = await pool.query(`select 'B' < 'a' and 'ﭐ' < '😀' as "byCodePoint"`);
  if (rows[0]?.byCodePoint === true) return;
  throw new StorageError(`This database orders text as a language does, and not by code points. ${CREATE}`);
}

const CREATE =
  "Create it with, for example: create database amana template template0 encoding 'UTF8' locale_provider libc locale 'C.UTF-8'.";
