import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Milliseconds that two questions took, pair by pair. */
export interface Times {
  readonly one: readonly number[];
  readonly other: readonly number[];
}

/** How far two questions can be told apart by the median of their times. */
export interface Comparison {
  /** Milliseconds. */
  readonly medians: readonly [one: number, other: number];
  /** How likely a difference of medians as large as this one is where there is none (0 to 1). */
  readonly chance: number;
  readonly isTold: boolean;
}

const WARM_UP = 50;
const PERMUTATIONS = 2_000;

/** Rarer than this is no chance: among all pairs of a run it comes up by itself once in many runs, and twice never. */
const UNLIKELY = 0.001;

/** Asks two questions in turn, in an order drawn for each pair, so that whatever else the machine does meets both alike. */
export async function timesOf(
  ask: { readonly one: () => Promise<unknown>; readonly other: () => Promise<unknown> },
  samples: number,
): Promise<Times> {
  const random = xoroshiro128plus(samples);
  const times = { one: [] as number[], other: [] as number[] };
  for (let pair = -WARM_UP; pair < samples; pair += 1) {
    const order = uniformInt(random, 0, 1) === 0 ? (['one', 'other'] as const) : (['other', 'one'] as const);
    for (const question of order) {
      const began = performance.now();
      await ask[question]();
      if (pair >= 0) times[question].push(performance.now() - began);
    }
  }
  return times;
}

/**
 * Whether the medians differ by more than chance: a permutation test, in which each pair is swapped or not. It asks
 * nothing of how times are distributed, and pairs share the moment's load.
 */
export function compareMedians({ one, other }: Times): Comparison {
  const medians = [medianOf(one), medianOf(other)] as const;
  const difference = Math.abs(medians[0] - medians[1]);
  const random = xoroshiro128plus(one.length);
  const [left, right] = [new Float64Array(one.length), new Float64Array(one.length)];
  let asLarge = 0;
  for (let permutation = 0; permutation < PERMUTATIONS; permutation += 1) {
    for (const [pair, time] of one.entries()) {
      const swapped = uniformInt(random, 0, 1) === 1;
      const partner = other[pair] ?? 0;
      left[pair] = swapped ? partner : time;
      right[pair] = swapped ? time : partner;
    }
    if (Math.abs(medianOf(left) - medianOf(right)) >= difference) asLarge += 1;
  }
  const chance = (asLarge + 1) / (PERMUTATIONS + 1);
  return { medians, chance, isTold: chance < UNLIKELY };
}

function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/**
 * Fails where two questions can be told apart by the median of their times. A difference is measured again before it
 * counts, so that what another program did in the meantime is not taken for one.
 */
export async function expectAlike(
  what: string,
  ask: { readonly one: () => Promise<unknown>; readonly other: () => Promise<unknown> },
  samples: number,
): Promise<void> {
  const first = compareMedians(await timesOf(ask, samples));
  const again = first.isTold ? compareMedians(await timesOf(ask, samples)) : undefined;
  console.info(`${what}: ${[first, ...(again ? [again] : [])].map(described).join(', again ')}`);
  if (again?.isTold && isSlower(first) === isSlower(again))
    throw new Error(`${what}: told apart by ${samples} samples`);
}

const isSlower = ({ medians: [one, other] }: Comparison): boolean => one > other;

const described = ({ medians, chance }: Comparison): string =>
  `${medians.map((median) => median.toFixed(3)).join(' / ')} ms (p = ${chance.toFixed(4)})`;
