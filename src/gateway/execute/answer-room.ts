import { UnusableAnswerError } from '../unusable-answer-error.ts';

/** In characters: how much of one answer one custodian may take where its entities stand in several places. */
const MOST = 16 * 1024 * 1024;

/**
 * How much of a request's answer is left to each custodian. What it says is bounded as it comes, but not by how often the
 * client, or another custodian, has named whom it is of.
 */
export class AnswerRoom {
  readonly #left = new Map<string, number>();

  /** Throws an `UnusableAnswerError` where a custodian's entities, each as many times as it stands in the answer, take too much. */
  take(custodian: string, entities: Iterable<readonly [entity: unknown, times: number]>): void {
    let left = this.#left.get(custodian) ?? MOST;
    for (const [entity, times] of entities) {
      if (times > 1) left -= times * sizeOf(entity, left / times);
      if (left < 0) throw new UnusableAnswerError('LENGTH');
    }
    this.#left.set(custodian, left);
  }
}

/** About how many characters a value takes as JSON; where it is more than `most`, something more than that. */
function sizeOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let size = 2;
  for (const [key, inside] of Object.entries(value)) {
    size += key.length + 4 + sizeOf(inside, most - size);
    if (size > most) return size;
  }
  return size;
}
