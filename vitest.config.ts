import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Two copies of graphql (.mjs and .js) would otherwise meet in one process.
  resolve: { alias: [{ find: /^graphql$/u, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    fsModuleCache: false,
    reporters: process.env.CI ? ['default'] : ['default'],
  },
});
