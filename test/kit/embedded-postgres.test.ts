import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { runningPostgres } from '../../src/subgraphs/kit/postgres-process.ts';
import { asSuperuser, migrationsOf } from './prepared-postgres.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const PATH = process.env['PATH'] ?? '';

let directory: string;
let remove: () => Promise<void>;
let children: ChildProcess[];

beforeEach(async () => {
  ({ directory, remove } = await temporaryDirectory());
  children = [];
});
afterEach(async () => {
  for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.stdin?.end();
    await once(child, 'exit');
  }
  const left = runningPostgres(join(directory, 'data'));
  if (left) process.kill(left.pid, 'SIGQUIT');
  await remove();
  expect(left).toBeUndefined();
});

const open = (use: 'serve' | 'administer' = 'serve', path = PATH): Promise<EmbeddedPostgres> =>
  openEmbeddedPostgres(directory, use, path);

/** Another process that opens the directory, and what it said first: `{ open: port }` or `{ refused: message }`. */
async function another(
  use: 'serve' | 'administer',
  path = PATH,
): Promise<{ child: ChildProcess; said: { open?: number; refused?: string } }> {
  const script = new URL('./hold-storage.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', './bin/register.mjs', script, directory, use, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, said: JSON.parse(line) };
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new Client(server.connection);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

/** A search path without `setpriv`, so that PostgreSQL outlives a killed parent, as it does on other systems. */
async function pathWithoutSetpriv(): Promise<string> {
  const path = join(directory, 'bin');
  await mkdir(path);
  for (const name of ['unshare', 'true']) await symlink(`/usr/bin/${name}`, join(path, name));
  return path;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function gone(data: string): Promise<void> {
  for (let waited = 0; runningPostgres(data) && waited < 10_000; waited += 20) await sleep(20);
}

it('is private, durable and reads Arabic, and leaves no process and no lock when it closes', async () => {
  const server = await open();
  await asSuperuser(server, ['create extension pg_trgm']);
  expect(
    await ask(
      server,
      `select current_setting('fsync'), current_setting('listen_addresses'), cardinality(show_trgm('محمد')) > 0`,
    ),
  ).toEqual([['on', '127.0.0.1', true]]);
  const stranger = new Client({ ...server.connection, password: 'guessed' });
  await expect(stranger.connect()).rejects.toThrow(/password authentication failed/u);
  expect((await stat(join(directory, 'password'))).mode & 0o777).toBe(0o600);
  const pid = runningPostgres(join(directory, 'data'))?.pid ?? 0;
  expect(process.kill(pid, 0)).toBe(true);
  await server.close();
  // It has ended; its parent, this process, may only not have been told yet.
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect((await readdir(directory)).sort()).toEqual(['data', 'lock', 'password', 'postgres.log']);
});

it('refuses a second serve, in another process and in this one, and says which process holds the directory', async () => {
  const server = await open();
  try {
    await expect(open()).rejects.toThrow(new RegExp(`being served by process ${process.pid}\\.`, 'u'));
    const { child, said } = await another('serve');
    expect(said.refused).toContain(`being served by process ${process.pid}.`);
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(1);
    expect(await ask(server, 'select 1')).toEqual([[1]]);
  } finally {
    await server.close();
  }
});

it('lets a command in beside the process that serves, and goes on when the command has ended', async () => {
  const { child, said } = await another('serve');
  const command = await open('administer');
  expect(command.connection.port).toBe(said.open);
  await asSuperuser(command, ['create table kept (n integer)', 'insert into kept values (7)']);
  await command.close();
  expect(runningPostgres(join(directory, 'data'))?.ready).toBe(true);
  child.stdin?.end();
  await once(child, 'exit');
  const alone = await open('administer');
  expect(await ask(alone, 'select n from kept')).toEqual([[7]]);
  await alone.close();
});

it('lets commands take turns where nothing serves', async () => {
  const work = async (n: number): Promise<void> => {
    const command = await open('administer');
    await asSuperuser(command, [`create table turn_${n} (n integer)`]);
    await command.close();
  };
  await Promise.all([work(1), work(2), work(3)]);
  expect(runningPostgres(join(directory, 'data'))).toBeUndefined();
});

it('lets exactly one of several win that start at the same time on a new directory', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => another('serve')));
  expect(all.filter(({ said }) => said.open)).toHaveLength(1);
  const winner = all.find(({ said }) => said.open)?.child;
  for (const { said } of all) if (!said.open) expect(said.refused).toContain(`process ${winner?.pid}.`);
});

it('ends with a process that was killed, where the system can do that', async ({ skip }) => {
  const { child } = await another('serve');
  if (process.platform !== 'linux') skip();
  child.kill('SIGKILL');
  await once(child, 'exit');
  await gone(join(directory, 'data'));
  expect(runningPostgres(join(directory, 'data'))).toBeUndefined();
});

it('takes over from a process that was killed and left PostgreSQL running, with what was committed', async () => {
  const { child } = await another('serve', await pathWithoutSetpriv());
  const command = await open('administer');
  await asSuperuser(command, ['create table kept (n integer)', 'insert into kept values (7)']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const orphan = runningPostgres(join(directory, 'data'));
  expect(orphan?.ready).toBe(true);
  const [server, second] = await Promise.allSettled([open(), another('serve').then(({ said }) => said)]);
  const winner = server.status === 'fulfilled' ? server.value : undefined;
  expect(
    [winner !== undefined, second.status === 'fulfilled' && second.value.open !== undefined].filter(Boolean),
  ).toHaveLength(1);
  expect(runningPostgres(join(directory, 'data'))?.pid).not.toBe(orphan?.pid);
  const reader = winner ?? (await open('administer'));
  expect(await ask(reader, 'select n from kept')).toEqual([[7]]);
  await reader.close();
});

it('starts where PostgreSQL itself was killed, and where its number now belongs to another program', async () => {
  const first = await open();
  await asSuperuser(first, ['create table kept (n integer)', 'insert into kept values (7)']);
  const pidFile = join(directory, 'data', 'postmaster.pid');
  const left = await readFile(pidFile, 'utf8');
  process.kill(Number(left.split('\n')[0]), 'SIGKILL');
  await gone(join(directory, 'data'));
  await first.close();
  await writeFile(pidFile, left.replace(/^\d+/u, String(process.ppid)));
  const second = await open();
  expect(await ask(second, 'select n from kept')).toEqual([[7]]);
  await second.close();
});

it('starts anew where setting up was interrupted, and says what is wrong where it cannot start', async () => {
  await mkdir(join(directory, 'data-half'), { recursive: true });
  await writeFile(join(directory, 'holder.json'), '{"pid":');
  const server = await open();
  await server.close();
  expect(await readdir(directory)).not.toContain('data-half');
  await writeFile(join(directory, 'data', 'PG_VERSION'), '9\n');
  await expect(open()).rejects.toThrow(/does not start on .*(?:incompatible|not compatible)/su);
});

it('serves a custodian’s storage, twice in a row, on two directories at once', async () => {
  const request = (name: string) => ({
    configuration: { custodian: 'ministry', storage: { kind: 'embedded' as const, directory: join(directory, name) } },
    subgraphs: ['ministry'],
    migrations: migrationsOf('ministry'),
    use: 'serve' as const,
    environment: { PATH },
  });
  for (let round = 0; round < 2; round += 1) {
    const opened = await Promise.all(['a', 'b'].map((name) => openStorage(request(name))));
    for (const storage of opened)
      expect(await storage.read(new Set([1]), { sql: 'select count(*) as count from links', parameters: [] })).toEqual([
        { count: 0 },
      ]);
    await Promise.all(opened.map((storage) => storage.close()));
  }
});
