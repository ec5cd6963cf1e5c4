import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

const PRECISION = 1_000_000;

/**
 * Draws that follow from a seed and from what they are for, and from nothing else: any person of an invented archive can
 * be made again, the same, without those before.
 */
export class Draw {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(seed: number, ...purpose: readonly (string | number)[]) {
    const digest = createHash('sha256')
      .update([seed, ...purpose].join('/'))
      .digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  }

  /** A whole number between two, both included. */
  whole(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  /** True in a share of all draws, 0 to 1. */
  chance(share: number): boolean {
    return this.whole(1, PRECISION) <= share * PRECISION;
  }

  /** One of a list that is not empty. */
  oneOf<Value>(list: readonly Value[]): Value {
    const value = list[this.whole(0, list.length - 1)];
    if (value === undefined) throw new RangeError('nothing can be drawn from an empty list');
    return value;
  }

  /** Small hexadecimal digits, so many; a multiple of four. */
  hexadecimal(digits: number): string {
    return Array.from({ length: digits / 4 }, () => this.whole(0, 0xffff).toString(16).padStart(4, '0')).join('');
  }
}
