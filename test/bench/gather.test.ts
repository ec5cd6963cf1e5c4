import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SMALL = ['--hosts', '1,3', '--rounds', '1', '--questions', '200', '--json'];

/** Processes that were started with a mark in their environment, and run. */
async function running(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const found = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    return environment.includes(mark) ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

it('the gathering benchmark asks in every way, and leaves nothing behind', { timeout: 120_000 }, async () => {
  const TMPDIR = await mkdtemp(join(tmpdir(), 'amana-bench-test-'));
  const mark = randomUUID();
  try {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'bench', '--', 'gather', ...SMALL], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR, BENCH_MARK: mark },
    });
    const measured: Record<string, unknown>[] = JSON.parse(stdout);
    const ways = ['one by one', 'by hand', 'amana'];
    const cases = ['', ', skewed', ', one host slow'].flatMap((suffix) => ways.map((way) => `${way}${suffix}`));
    expect(measured.map(({ hosts, way }) => `${hosts} ${way}`)).toEqual([
      ...ways.map((way) => `1 ${way}`),
      ...cases.map((way) => `3 ${way}`),
    ]);
    for (const { hosts: _hosts, way, ...figures } of measured) {
      expect(Object.keys(figures)).toEqual(['rps', 'p50', 'p99', 'rss', 'cpuMs']);
      for (const figure of Object.values(figures)) expect(figure, String(way)).toBeGreaterThan(0);
    }
    // 500 ms are the slow host's deadline; it would take two seconds.
    const slow = measured.find(({ way }) => way === 'amana, one host slow');
    expect(slow?.['p50']).toBeGreaterThanOrEqual(490);
    expect(slow?.['p50']).toBeLessThan(1_900);
    // What Node keeps of modules is its own.
    expect((await readdir(TMPDIR)).filter((name) => name !== 'node-compile-cache')).toEqual([]);
    expect(await running(mark)).toEqual([]);
  } finally {
    await rm(TMPDIR, { recursive: true, force: true });
  }
});
