import { isDeepStrictEqual } from 'node:util';
import type { Incomplete } from '../custodian-status.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import type { GatheredAnswer } from './gathered-answer.ts';

/** One host's part of what was gathered for a request. */
export interface GatheredReport {
  /** Its records in the answer; one in two places counts twice. */
  readonly records: number;
  readonly incomplete: readonly Incomplete[];
}

/** The hosts' parts of all that was gathered for one request. */
export class GatheredReports {
  readonly #byCustodian = new Map<string, GatheredReport>();

  get byCustodian(): ReadonlyMap<string, GatheredReport> {
    return this.#byCustodian;
  }

  /** Adds one fetch's; `patternOf` says where in the whole answer a path of the fetch is. */
  add({ records, incomplete }: GatheredAnswer, patternOf: (path: AnswerPath) => readonly string[]): void {
    for (const [custodian, count] of records) {
      const known = this.#of(custodian);
      this.#byCustodian.set(custodian, { ...known, records: known.records + count });
    }
    for (const { custodian, ...one } of incomplete) {
      const known = this.#of(custodian);
      const told = { ...one, path: patternOf(one.path) };
      // Fetches of more entities than a host takes at once, or at several places of one pattern, tell the same.
      if (known.incomplete.some((other) => isDeepStrictEqual(other, told))) continue;
      this.#byCustodian.set(custodian, { ...known, incomplete: [...known.incomplete, told] });
    }
  }

  #of(custodian: string): GatheredReport {
    return this.#byCustodian.get(custodian) ?? { records: 0, incomplete: [] };
  }
}
