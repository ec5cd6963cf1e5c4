import { expect, it } from 'vitest';
import { ask, askCustodian, federation, give, startGateway } from './harness.ts';
import { recordingProxy } from './recording-proxy.ts';
it('x', async () => {
  const t = async <T>(n: string, w: () => Promise<T>) => { const s = performance.now(); const r = await w(); console.log(n, Math.round(performance.now() - s)); return r; };
  for (let i = 0; i < 3; i++) await t('give', () => give('ministry', 'w' + i, ['registered', 'identifying']));
  await t('give3', () => Promise.all((['ministry','missing','ngo-a'] as const).map((c) => give(c, 'v', ['registered', 'identifying']))));
  const q = '{ deathCertificates(first: 3) { totalCount nodes { id name { asWritten } statedCause } } }';
  for (let i = 0; i < 3; i++) await t('ask', () => ask(q, { as: 'v' }));
  for (let i = 0; i < 3; i++) await t('askC', () => askCustodian('ministry', q, { as: 'v' }));
  const p = await recordingProxy(federation.custodians.ministry);
  const g = await t('gateway', () => startGateway({ ministry: p.url }));
  const a = await ask(q, { as: 'v', gateway: g.url });
  console.log(a.status, a.text, p.recorded.map((r) => [r.path, r.headers, r.body, r.answer]));
  await g.stop(); await p.close();
});
