import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { TYPICAL_QUERIES } from '../../bench/archive/queries.ts';
import { spreadOf } from '../../bench/archive/spread.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SMALL = ['--people', '40', '--photographs', '300', '--images', '2', '--rounds', '1', '--json'];

it('the archive benchmark imports, starts and asks, and leaves nothing behind', { timeout: 300_000 }, async () => {
  const TMPDIR = await mkdtemp(join(tmpdir(), 'amana-bench-test-'));
  try {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'bench', '--', 'archive', ...SMALL], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR },
    });
    const [measured] = JSON.parse(stdout);
    expect(measured.size).toEqual({ people: 40, photographs: 300, seed: 1 });
    expect(Object.keys(measured.imports.custodians)).toEqual(['ministry', 'missing', 'ngo-a', 'ngo-b']);
    expect(measured.imports.custodians['ngo-a'].images.attached).toBe(2);
    expect(measured.queries.map(({ name }: { name: string }) => name)).toEqual(TYPICAL_QUERIES.map(({ name }) => name));
    for (const { at } of measured.queries) {
      for (const { p50, p95, samples } of Object.values<{ p50: number; p95: number; samples: number }>(at)) {
        expect(samples).toBeGreaterThan(0);
        expect(p50).toBeGreaterThan(0);
        expect(p95).toBeGreaterThanOrEqual(p50);
      }
    }
    expect((await readdir(TMPDIR)).filter((name) => name.startsWith('amana-'))).toEqual([]);
  } finally {
    await rm(TMPDIR, { recursive: true, force: true });
  }
});

it('percentiles are samples, by nearest rank', () => {
  const samples = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(spreadOf(samples)).toEqual({ p50: 50, p95: 95, samples: 100 });
  expect(spreadOf([7])).toEqual({ p50: 7, p95: 7, samples: 1 });
});
