import { existsSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Two copies of graphql (.mjs and .js) would otherwise meet in one process.
const resolve = { alias: [{ find: /^graphql$/u, replacement: 'graphql/index.js' }] };
// The stack is as bin/amana has it.
const every = { testTimeout: 30_000, hookTimeout: 120_000, execArgv: ['--stack-size=3000'] };

// The tests make and remove tens of thousands of small files, which in memory take a fraction of the time.
const [MEMORY, ROOM] = ['/dev/shm', 8 * 1024 ** 3];
if (existsSync(MEMORY)) {
  const { bavail, bsize } = statfsSync(MEMORY);
  if (Math.min(bavail * bsize, freemem()) > ROOM) process.env['TMPDIR'] ??= MEMORY;
}

// Hundreds of processes load the same modules.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

export default defineConfig({
  test: {
    // Half of its time a test waits, for deadlines or for processes to start: on two cores, three take turns well.
    maxWorkers: 3,
    fsModuleCache: false,
    projects: [
      {
        resolve,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/federation/**'],
          globalSetup: 'test/kit/prepared-postgres.ts',
          ...every,
        },
      },
      {
        resolve,
        test: {
          name: 'federation',
          include: ['test/federation/**/*.test.ts'],
          globalSetup: 'test/federation/global-setup.ts',
          ...every,
        },
      },
    ],
  },
});
