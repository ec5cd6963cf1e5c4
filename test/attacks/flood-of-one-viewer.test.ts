import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
  await custodian.storage.query({
    sql: `insert into custody_transfers (id, reference, sort_key, label_set, labels, review_status, date_value, date_from, date_to)
      select 'ministry:' || n, 'T-' || n, n::text, 1, '{}', 'PRELIMINARY', '2014', '2014-01-01', '2014-12-31'
        from generate_series(1, 50000) n`,
    parameters: [],
  });
  await custodian.storage.query({ sql: 'analyze', parameters: [] });
  for (const subject of ['greedy', 'greedy too', 'other'])
    await custodian.grant({ subject, scopes: ['ministry:registered', 'ministry:identifying'] });
});
afterAll(() => custodian?.close());

/** As many numbers as one request may ask for at the gateway, each of which looks at all records. */
const COUNTS = Array.from({ length: 60 }, (_, n) => {
  const day = `2013-0${1 + (n % 2)}-${String(1 + (n % 28)).padStart(2, '0')}`;
  return `c${n}: custodyTransfers(filter: { linked: false, dateFrom: "${day}" }) { totalCount }`;
});

it.each([[['greedy']], [['greedy', 'greedy too']]])(
  '%j ask for so much at once that others try in vain to have an answer',
  async (viewers) => {
    const headers = await custodian.credentials({ as: 'other' });
    const began = performance.now();
    const floods = viewers.flatMap((as) =>
      Array.from({ length: 10 }, () => custodian.ask(`{ ${COUNTS.join(' ')} }`, { as })),
    );
    await sleep(300);
    const asked = performance.now();
    const access = await fetch(`${custodian.url}/access`, { headers });
    const answer = await custodian.ask('{ custodyTransfers(first: 1) { nodes { id } } }', { as: 'other' });
    const waited = performance.now() - asked;
    expect([access.status, answer.status, answer.errors]).toEqual([200, 200, []]);
    for (const flood of await Promise.all(floods)) expect(flood.errors).toEqual([]);
    expect(waited).toBeLessThan((performance.now() - began) / 4);
  },
  60_000,
);
