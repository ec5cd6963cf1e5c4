import { defineConfig } from 'vitest/config';

// Two copies of graphql (.mjs and .js) would otherwise meet in one process.
const resolve = { alias: [{ find: /^graphql$/u, replacement: 'graphql/index.js' }] };
const timeouts = { testTimeout: 30_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    fsModuleCache: false,
    projects: [
      {
        resolve,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/federation/**'],
          globalSetup: 'test/kit/prepared-postgres.ts',
          ...timeouts,
        },
      },
      {
        resolve,
        test: {
          name: 'federation',
          include: ['test/federation/**/*.test.ts'],
          globalSetup: 'test/federation/global-setup.ts',
          ...timeouts,
        },
      },
    ],
  },
});
