import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SmallFederation, startSmallFederation } from '../gateway/small-federation.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await startSmallFederation({ deadlines: { request: 6_000, custodian: 2_000, access: 500 } });
});
afterAll(() => federation?.close());

const QUERY = '{ certificates { totalCount } }';

it('two viewers who ask for what takes long, again and again at once, try to take up all of the gateway’s connections to a custodian', async () => {
  federation.ministry.answer = async ({ headers }) => {
    const { sub = '' } = decodeJwt(String(headers.authorization).replace('Bearer ', ''));
    if (sub.startsWith('greedy')) await sleep(1_500);
    return { data: { certificates: { totalCount: 2 } } };
  };
  const floods = ['greedy', 'greedy too'].flatMap((as) =>
    Array.from({ length: 40 }, () => federation.ask(QUERY, { as })),
  );
  await sleep(700);
  const others = await Promise.all(['a', 'b', 'c'].map((as) => federation.ask(QUERY, { as })));
  for (const { json } of others) {
    expect(json.errors).toBeUndefined();
    expect(json.data).toEqual({ certificates: { totalCount: 2 } });
  }
  const statuses = (await Promise.all(floods)).map(({ json }) => json.extensions.custodians[0].status);
  expect(new Set(statuses)).toEqual(new Set(['ANSWERED', 'TIMED_OUT']));
  const later = await federation.ask(QUERY, { as: 'd' });
  expect(later.json.errors).toBeUndefined();
}, 30_000);
