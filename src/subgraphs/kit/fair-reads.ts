import type { Storage } from './storage.ts';

type Reading = Pick<Storage, 'read'>;

/** Of eight connections (`open-storage.ts`) two viewers who ask for as much as they can leave two for all others. */
const AT_ONCE = 3;

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** Has each viewer read a few statements at once and the others in turn, so that nobody keeps a custodian from answering the others. */
export class FairReads {
  readonly #storage: Reading;
  readonly #lanes = new Map<string, Lane>();

  constructor(storage: Reading) {
    this.#storage = storage;
  }

  /** What one viewer reads from, in all requests. */
  of(viewer: string): Reading {
    return {
      read: (labelSets, statement, signal) =>
        this.#inTurn(viewer, () => this.#storage.read(labelSets, statement, signal)),
    };
  }

  async #inTurn<Result>(viewer: string, work: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes.get(viewer) ?? { running: 0, waiting: [] };
    this.#lanes.set(viewer, lane);
    if (lane.running < AT_ONCE) lane.running += 1;
    else await new Promise<void>((resolve) => lane.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over.
      const next = lane.waiting.shift();
      if (next) next();
      else lane.running -= 1;
      if (lane.running === 0) this.#lanes.delete(viewer);
    }
  }
}
