import { it } from 'vitest';
import { copyFile } from 'node:fs/promises';
import { custodianStore } from './custodian-store.ts';
it('bench', async () => {
  const s = await custodianStore('ngo-a');
  await s.deliver('collections.csv','bodies.csv');
  await copyFile('/tmp/imp/photographs.csv', s.folder+'/photographs.csv');
  let n=0;
  await s.import({onProgress: ({rows}) => { if (n++%40===0) console.log(`MEM ${rows} ${Math.round(process.memoryUsage().rss/1e6)} ${Math.round(process.memoryUsage().heapUsed/1e6)}`); }});
  await s.close();
}, 200000);
