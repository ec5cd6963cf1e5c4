import { expect, it } from 'vitest';
import { ask, federation } from './harness.ts';
import { readFileSync } from 'node:fs';
it('x', async () => {
  const q = readFileSync('src/demo/cross-organisation-query.graphql','utf8');
  const a = await ask(q, { variables: { ids: ['psn_03d0cba4e5f2978fb82b','psn_70539857a00d3c26df80','psn_895a7fd3cdbf824c1087'] } });
  console.log(JSON.stringify(a, null, 1));
});
