import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Pool } from 'pg';
import { z } from 'zod';
import { CustodianId, SubgraphName } from '../../protocol/identifiers.ts';
import { StorageError } from './storage-error.ts';
import type { Query, Statement } from './storage.ts';

/** Whose database is brought up to date: the custodian, the subgraphs it hosts, the folder with its own migrations. */
export interface MigrationPlan {
  readonly custodian: string;
  readonly subgraphs: readonly string[];
  readonly migrations: URL;
}

type Up = (query: Query) => Promise<void>;
const CodeMigration = z.object({ up: z.custom<Up>((up) => typeof up === 'function') });

const KIT_MIGRATIONS = new URL('./migrations/', import.meta.url);

/**
 * Runs the migrations that the database has not seen yet, the kit's first, then the custodian's, all of them or none:
 * `.sql` files, and `.ts` files that export `up`, where only code can tell what the rows that are there become. Safe where
 * several processes do it at once: they take turns by an advisory lock. Throws `StorageError`.
 */
export async function migrate(pool: Pool, plan: MigrationPlan): Promise<void> {
  const { error, results } = await new Migrator({
    // Not destroyed afterwards: that would end the pool, which is the storage's.
    db: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    provider: {
      getMigrations: () => migrationsOf(plan),
    },
    // A later version of the kit brings migrations that come before the custodian's own, which have long been run.
    allowUnorderedMigrations: true,
  }).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  const said = error instanceof Error ? error.message : String(error);
  throw new StorageError(
    `The database cannot be brought up to date${failed ? ` (migration ${failed})` : ''}: ${said}`,
    { cause: error },
  );
}

/** Whether a database has all migrations of a plan, as one that was put back from an older backup has not. */
export async function isUpToDate(query: Query, plan: MigrationPlan): Promise<boolean> {
  const [wanted, run] = await Promise.all([
    migrationsOf(plan),
    query<{ name: string }>({ sql: 'select name from kysely_migration', parameters: [] }),
  ]);
  const names = new Set(run.map(({ name }) => name));
  return Object.keys(wanted).every((name) => names.has(name));
}

async function migrationsOf(plan: MigrationPlan): Promise<Record<string, Migration>> {
  const fill = (text: string): string =>
    text
      .replaceAll('{{custodian}}', CustodianId.parse(plan.custodian))
      .replaceAll('{{subgraphs}}', plan.subgraphs.map((name) => SubgraphName.parse(name)).join('|'));
  return {
    ...(await migrationsIn(KIT_MIGRATIONS, '0-kit', fill)),
    ...(await migrationsIn(plan.migrations, '1-own', fill)),
  };
}

async function migrationsIn(
  folder: URL,
  prefix: string,
  fill: (text: string) => string,
): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((name) => /\.(?:sql|ts)$/u.test(name));
  const entries = files.map(async (name): Promise<[string, Migration]> => {
    const file = join(fileURLToPath(folder), name);
    const migration = name.endsWith('.ts') ? await codeOf(file) : sqlOf(fill(await readFile(file, 'utf8')));
    return [`${prefix}/${name.replace(/\.\w+$/u, '')}`, migration];
  });
  return Object.fromEntries(await Promise.all(entries));
}

const sqlOf = (text: string): Migration => ({ up: async (db) => void (await sql.raw(text).execute(db)) });

async function codeOf(file: string): Promise<Migration> {
  const { up } = CodeMigration.parse(await import(pathToFileURL(file).href));
  return {
    up: async (db: Kysely<unknown>) => {
      const query: Query = async <Row>({ sql: text, parameters }: Statement) =>
        (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
      await up(query);
    },
  };
}
