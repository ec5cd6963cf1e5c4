import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import { compareMedians, timesOf } from './response-times.ts';

/** Times as a busy machine has them: spread, with others' work coming and going for both, and now and then a long wait. */
function timesWith(seed: number, slower: number): { one: number[]; other: number[] } {
  const random = xoroshiro128plus(seed);
  const time = (load: number): number => {
    const spread = 1 + uniformFloat64(random) + uniformFloat64(random);
    return load * spread + (uniformFloat64(random) < 0.02 ? 100 : 0);
  };
  const pairs = Array.from({ length: 1000 }, (_, pair) => {
    const load = 3 + 2 * Math.sin(pair / 50);
    return [time(load), slower * time(load)] as const;
  });
  return { one: pairs.map(([one]) => one), other: pairs.map(([, other]) => other) };
}

test('of questions that take the same time, none is told from the other', () => {
  for (let seed = 1; seed <= 8; seed += 1) expect(compareMedians(timesWith(seed, 1)).isTold).toBe(false);
});

test('of questions of which one takes a fifth longer, or less, one is told from the other', () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    expect(compareMedians(timesWith(seed, 1.2)).isTold).toBe(true);
    expect(compareMedians(timesWith(seed, 1 / 1.2)).isTold).toBe(true);
  }
});

test('questions are asked equally often, neither of them always first', async () => {
  const asked: string[] = [];
  const ask = { one: async () => asked.push('one'), other: async () => asked.push('other') };
  const { one, other } = await timesOf(ask, 100);
  expect([one.length, other.length]).toEqual([100, 100]);
  const first = asked.filter((_, index) => index % 2 === 0);
  expect(first.filter((question) => question === 'one').length).toBeGreaterThan(40);
  expect(first.filter((question) => question === 'other').length).toBeGreaterThan(40);
});
