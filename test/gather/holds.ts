import fc from 'fast-check';

/** Always the same ones in `npm test`, and ever new ones, many more, in `npm run test:long`. */
const RUNS = Number(process.env['AMANA_RANDOM_GATHERINGS'] ?? 100);
const SEED = process.env['AMANA_RANDOM_GATHERINGS'] === undefined ? 20_261_127 : Date.now() % 2 ** 31;

/** Milliseconds that all cases of a law may take, and finding the smallest of those in which it does not hold. */
export const LONGEST = 120_000 + RUNS * 500;

/** Milliseconds that hosts are given where no case is about their taking long: however busy the machine is, none does. */
export const UNHURRIED = 60_000;

/** Tries a law of gathering in as many cases as are asked for. */
export const holds = async <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => Promise<void>,
): Promise<void> => fc.assert(fc.asyncProperty<Values>(...arbitraries, law), { numRuns: RUNS, seed: SEED });
