import { afterAll, beforeAll, expect, it } from 'vitest';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';

const SAMPLES = 1_000;
const RECORDS = 5_000;

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
  const coordinated = await custodian.labelSet('COORDINATED');
  await custodian.storage.query({
    sql: `insert into custody_transfers (id, reference, sort_key, label_set, labels, review_status, date_value, date_from, date_to)
      select 'ministry:' || n, 'T-' || n, n::text, case n % 2 when 0 then $1 else 1 end, case n % 2 when 0 then array['COORDINATED'] else '{}' end,
          'PRELIMINARY', '2014', '2014-01-01', '2014-12-31'
        from generate_series(1, $2::int) n`,
    parameters: [coordinated, RECORDS],
  });
  await custodian.storage.query({ sql: 'analyze', parameters: [] });
  await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
});
afterAll(() => custodian?.close());

const BY_ID =
  'query ($by: [ID!]) { custodyTransfers(filter: { id: $by }) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }';
const BY_REFERENCE =
  'query ($by: String) { custodyTransfers(filter: { reference: $by }) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }';

/** How likely a time of the one list is longer than one of the other; a half where they do not differ (Mann and Whitney's U). */
function likelihood(ones: readonly number[], others: readonly number[]): number {
  const longer = ones.reduce((sum, one) => sum + others.filter((other) => one > other).length, 0);
  return longer / (ones.length * others.length);
}

/** Five times the spread that the likelihood has by chance. */
const BY_CHANCE = 5 * Math.sqrt((2 * SAMPLES + 1) / (12 * SAMPLES * SAMPLES));

it('the measure would tell a difference of a twentieth', () => {
  const times = Array.from({ length: SAMPLES }, (_, n) => 5 + (n % 10) / 10);
  const longer = times.map((time) => time * 1.05);
  expect(likelihood(longer, times) - 0.5).toBeGreaterThan(BY_CHANCE);
  expect(likelihood(times, times.toReversed())).toBeCloseTo(0.45, 5);
});

it.each([
  ['its id', BY_ID, ['ministry:2468'], ['ministry:8642'], ['ministry:2467']],
  ['its reference', BY_REFERENCE, 'T-2468', 'T-8642', 'T-2467'],
])(
  'a record asked for by %s tells neither by what is answered nor by how long it takes whether it is hidden or absent',
  async (_, query, hidden, absent, visible) => {
    const times: Record<'hidden' | 'absent', number[]> = { hidden: [], absent: [] };
    const answers = new Set<string>();
    const reads = new Set<number>();
    let headers: Record<string, string> = {};
    const ask = async (by: unknown) => {
      custodian.reads.length = 0;
      const began = performance.now();
      const answer = await custodian.post('/ministry/graphql', JSON.stringify({ query, variables: { by } }), headers);
      const time = performance.now() - began;
      return { answer, time };
    };
    for (let n = 0; n < SAMPLES + 50; n += 1) {
      if (n % 200 === 0) headers = { 'content-type': 'application/json', ...(await custodian.credentials()) };
      // In turn, and in either order: whatever else the machine is doing is the same for both.
      const order = n % 2 === 0 ? (['hidden', 'absent'] as const) : (['absent', 'hidden'] as const);
      for (const which of order) {
        const { answer, time } = await ask(which === 'hidden' ? hidden : absent);
        answers.add(`${answer.status} ${answer.text.replaceAll(/"requestId":"[^"]*"/gu, '')}`);
        reads.add(custodian.reads.length);
        if (n >= 50) times[which].push(time);
      }
    }
    expect([...answers]).toEqual([expect.stringContaining('"totalCount":0,"nodes":[]')]);
    expect(reads.size).toBe(1);
    expect(Math.abs(likelihood(times.hidden, times.absent) - 0.5)).toBeLessThan(BY_CHANCE);
    expect((await ask(visible)).answer.data.custodyTransfers.totalCount).toBe(1);
  },
  180_000,
);
