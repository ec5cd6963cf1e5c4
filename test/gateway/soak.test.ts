import { expect, test } from 'vitest';
import { soak } from './soak.ts';

test(
  'memory does not grow with requests, once each viewer and document has been seen',
  { timeout: 300_000 },
  async () => {
    const measured = await soak({
      atOnce: 8,
      measuredAt: [1_500, 3_500],
      viewers: 100,
      documents: 70,
      freshTokens: false,
    });
    const [before = 0, after = 0] = measured.map(({ heapMegabytes }) => heapMegabytes);
    // A leak of a kilobyte a request would be 2 MB.
    expect(after - before).toBeLessThan(2);
  },
);
