import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { takeLock } from '../../protocol/exclusive-lock.ts';
import {
  EMBEDDED_USER,
  type PostgresFiles,
  initialisePostgres,
  runningPostgres,
  startPostgres,
  stopPostgres,
} from './postgres-process.ts';
import { StorageError } from './storage-error.ts';

const Holder = z.strictObject({ pid: z.int().min(1), use: z.enum(['serve', 'administer']) });

/** What a database is opened for: to serve a custodian's records, or for one command of its operator. */
export type StorageUse = z.infer<typeof Holder>['use'];

/** How to reach an embedded PostgreSQL, and how to let go of it: `close` stops it where this process started it. */
export interface EmbeddedPostgres {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  close(): Promise<void>;
}

const PATIENCE = 60_000;
const INITIALISING = 'data-';

/**
 * A private PostgreSQL in a directory. One process runs it: the one that holds the directory's lock, which ends with the
 * process. A second `serve` is refused; `administer` goes in beside the one that serves, and otherwise waits for its
 * turn and runs it for as long as it needs. A PostgreSQL left over by a process that was killed is stopped and started
 * anew. `path` is where `unshare` and `setpriv` are looked for. Throws `StorageError`.
 */
export async function openEmbeddedPostgres(place: string, use: StorageUse, path: string): Promise<EmbeddedPostgres> {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const directory = realpathSync(place);
  for (const end = Date.now() + PATIENCE; ; await sleep(25)) {
    const release = takeLock(join(directory, 'lock'));
    if (release) return hold(directory, use, path, release);
    const holder = readHolder(directory);
    if (holder?.use === 'serve' && use === 'serve') {
      throw new StorageError(
        `${directory} is already being served by process ${holder.pid}. ` +
          'Stop that process first, or give this custodian a storage.directory of its own.',
      );
    }
    const running = holder?.use === 'serve' ? runningPostgres(filesIn(directory).data) : undefined;
    if (running?.ready) return { connection: connectionTo(directory, running.port), close: async () => {} };
    if (Date.now() > end) {
      throw new StorageError(
        `${directory} is still in use by process ${holder?.pid ?? 'unknown'}. Try again when it has ended.`,
      );
    }
  }
}

/** Runs PostgreSQL under the lock until `close`. */
async function hold(directory: string, use: StorageUse, path: string, release: () => void): Promise<EmbeddedPostgres> {
  const files = filesIn(directory);
  const letGo = (): void => {
    rmSync(join(directory, 'holder.json'), { force: true });
    release();
  };
  try {
    writeFileSync(join(directory, 'holder.json'), JSON.stringify({ pid: process.pid, use }));
    await initialiseOnce(directory, files, path);
    const orphan = runningPostgres(files.data);
    if (orphan) await stopPostgres(files.data, orphan);
    const running = await startPostgres(files, path);
    const close = async (): Promise<void> => {
      await stopPostgres(files.data, running);
      letGo();
    };
    return { connection: connectionTo(directory, running.port), close };
  } catch (error) {
    letGo();
    throw error;
  }
}

/** Set up beside its place and then moved there, so that a half-made one is never taken for a whole. */
async function initialiseOnce(directory: string, files: PostgresFiles, path: string): Promise<void> {
  for (const left of readdirSync(directory).filter((name) => name.startsWith(INITIALISING))) {
    rmSync(join(directory, left), { recursive: true });
  }
  if (existsSync(files.data)) return;
  writeFileSync(files.password, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const unfinished = join(directory, `${INITIALISING}${randomBytes(6).toString('hex')}`);
  await initialisePostgres({ ...files, data: unfinished }, path);
  renameSync(unfinished, files.data);
}

const filesIn = (directory: string): PostgresFiles => ({
  data: join(directory, 'data'),
  password: join(directory, 'password'),
  log: join(directory, 'postgres.log'),
});

function connectionTo(directory: string, port: number): EmbeddedPostgres['connection'] {
  const { password } = filesIn(directory);
  return {
    host: '127.0.0.1',
    port,
    user: EMBEDDED_USER,
    password: readFileSync(password, 'utf8'),
    database: 'postgres',
  };
}

/** Who holds the lock; undefined while that process is only just taking or leaving it. */
function readHolder(directory: string): z.infer<typeof Holder> | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(join(directory, 'holder.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
