import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AMANA } from '../cli/run-amana.ts';
import { type CustodianStore, custodianStore } from './custodian-store.ts';
import { writeMinistrySettings } from './ministry-settings.ts';
import { stateOf } from './state-of.ts';

const SEED = Number(process.env['AMANA_TEST_SEED'] ?? Date.now() % 1_000_000);
const KILLS = 10;
const MORE = 2_000;
const MINUTES = 60_000;

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let workplace: string;
let store: CustodianStore;
beforeEach(async () => {
  workplace = await mkdtemp(join(tmpdir(), 'amana-killed-'));
  store = await openStore();
});
afterEach(async () => {
  await store.close();
  await rm(workplace, { recursive: true });
});

/** The Ministry after a first delivery, and in its folder a second, of which each file has changed, new and faulty rows. */
async function openStore(): Promise<CustodianStore> {
  const opened = await custodianStore('ministry');
  await opened.deliver();
  await opened.import();
  await rm(opened.rejectsFolder, { recursive: true });
  await opened.correct('custody_transfers.csv', '18/03/2015,4844,unconscious', '18/03/2015,4845,weak');
  await append(opened, 'death_certificates.csv', (n, date) => `K-${n};;A;B;;${date};HO-607;;;`);
  await append(opened, 'custody_transfers.csv', (n, date) => `K-${n},,BR-215,HO-601,${date},${n},`);
  await append(opened, 'court_files.csv', (n, date) => `K-${n},,CT-MFC,A,${date},,,no`);
  return opened;
}

/** Appends rows to a delivered file, in whatever encoding it is; every fiftieth is faulty. */
async function append(opened: CustodianStore, file: string, row: (n: number, date: string) => string): Promise<void> {
  const rows = Array.from({ length: MORE }, (_, n) => row(n, n % 50 === 0 ? 'x' : '2014'));
  await appendFile(join(opened.folder, file), `${rows.join('\n')}\n`);
}

async function startImport(into: CustodianStore): Promise<{ child: ChildProcess; said: () => string }> {
  const config = join(workplace, 'ministry.yaml');
  await writeMinistrySettings(config);
  const words = ['import', 'ministry', into.folder, '--config', config, '--json', '--rejects', into.rejectsFolder];
  const child = spawn(AMANA, words, {
    env: { ...process.env, ...into.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => heard.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => heard.push(chunk));
  return { child, said: () => Buffer.concat(heard).toString() };
}

async function importUndisturbed(into: CustodianStore): Promise<{ milliseconds: number; report: unknown }> {
  const started = performance.now();
  const { child, said } = await startImport(into);
  const [code] = await once(child, 'close');
  expect(`${code} ${code === 0 ? '' : said()}`).toBe('0 ');
  return { milliseconds: performance.now() - started, report: JSON.parse(said()) };
}

describe('an import that is ended at any moment', () => {
  it(
    'has changed everything or nothing, leaves no rejected rows lying about, and the next run does it all',
    async () => {
      const random = seeded(SEED);
      console.log(`AMANA_TEST_SEED=${SEED}`);
      const undisturbed = await openStore();
      const { milliseconds, report } = await importUndisturbed(undisturbed);
      expect(report).toMatchObject({
        files: [
          { delivered: 2_589, rejected: 41, superseded: 0 },
          { delivered: 2_360, rejected: 40, superseded: 1 },
          { delivered: 2_222, rejected: 40, superseded: 0 },
        ],
      });
      const after = await stateOf(undisturbed);
      const rejected = await readFile(join(undisturbed.rejectsFolder, 'custody_transfers.csv'), 'utf8');
      await undisturbed.close();
      const before = await stateOf(store);
      expect(before).not.toBe(after);
      const met = { before: 0, after: 0 };
      for (let round = 0; round < KILLS; round += 1) {
        const signal = round % 2 === 0 ? 'SIGKILL' : 'SIGINT';
        // The start of a process takes its time: most of the moments should lie in what comes after.
        const moment = milliseconds * (0.25 + 0.8 * random());
        const { child, said } = await startImport(store);
        const closed = once(child, 'close');
        await Promise.race([sleep(moment), closed]);
        child.kill(signal);
        const [code, by] = await closed;
        await untilAlone(store);
        const state = await stateOf(store);
        const isAfter = state === after;
        if (!isAfter) expect(state).toBe(before);
        met[isAfter ? 'after' : 'before'] += 1;
        if (signal === 'SIGINT' && by === null) {
          // By signal alone it ends before it listens for one; nothing was changed then either.
          expect(`${code} ${isAfter}`).toBe(isAfter ? '0 true' : '130 false');
          if (!isAfter) expect(said()).toContain('nothing was changed');
        }
        // A process that is killed between two moves may leave what is finished under the name of the unfinished.
        const left = (await readdir(dirname(store.folder))).filter((name) => name !== 'delivery');
        expect(
          isAfter ? ['rejects', 'rejects.ministry.unfinished', undefined] : ['rejects.ministry.unfinished', undefined],
        ).toContain(left[0]);
        expect(left.length).toBeLessThanOrEqual(1);
        if (by === null) expect(left).toEqual(isAfter ? ['rejects'] : []);
        if (!isAfter) continue;
        await store.close();
        store = await openStore();
      }
      console.log(`ended before: ${met.before}, after: ${met.after}`);
      expect(met.before).toBeGreaterThan(0);
      await importUndisturbed(store);
      expect(await stateOf(store)).toBe(after);
      expect(await readdir(dirname(store.folder))).toEqual(['delivery', 'rejects']);
      expect(await readFile(join(store.rejectsFolder, 'custody_transfers.csv'), 'utf8')).toBe(rejected);
    },
    10 * MINUTES,
  );

  it(
    'ends promptly by Ctrl-C in the midst of a long statement, says so, and ends with 130',
    { timeout: 2 * MINUTES },
    async () => {
      const before = await stateOf(store);
      // Somebody else's transaction holds a row that the import wants: its statement would wait for ever.
      let letGo = (): void => {};
      const held = new Promise<void>((resolve) => (letGo = resolve));
      const holding = store.storage.transaction(async (query) => {
        await query({ sql: "select 1 from custody_transfers where reference = 'T-00002' for update", parameters: [] });
        await held;
      });
      const { child, said } = await startImport(store);
      const closed = once(child, 'close');
      const isWaiting = async (): Promise<boolean> => {
        const waiting = await store.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
        return waiting.length > 0;
      };
      while (!(await isWaiting())) await sleep(20);
      const asked = performance.now();
      child.kill('SIGINT');
      expect(await closed).toEqual([130, null]);
      expect(performance.now() - asked).toBeLessThan(10_000);
      expect(said()).toBe('amana: Interrupted: nothing was changed. Run the same command again to import it.\n');
      letGo();
      await holding;
      expect(await stateOf(store)).toBe(before);
      expect(await readdir(dirname(store.folder))).toEqual(['delivery']);
    },
  );
});

/** Waits until PostgreSQL has noticed that a killed process is gone, and rolled back what it did. */
async function untilAlone({ rows }: CustodianStore): Promise<void> {
  const others = "select 1 from pg_stat_activity where application_name like 'amana administer %'";
  while ((await rows(`${others} and datname = current_database()`)).length > 0) await sleep(20);
}
