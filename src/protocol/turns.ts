interface Lane {
  running: number;
  /** In the order in which they came. */
  readonly waiting: Set<() => void>;
}

/** Lets each of many do a few things at once and what more they want in turn, so that nobody takes up what is for all. */
export class Turns {
  readonly #atOnce: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Does something when it is somebody's turn; throws the signal's reason where it ends before. */
  async inTurn<Result>(who: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(who) ?? { running: 0, waiting: new Set() };
    this.#lanes.set(who, lane);
    if (lane.running < this.#atOnce) lane.running += 1;
    else await turnIn(lane, signal);
    try {
      return await work();
    } finally {
      const [next] = lane.waiting;
      // Whoever waits takes the place over.
      if (next) next();
      else lane.running -= 1;
      if (lane.running === 0) this.#lanes.delete(who);
    }
  }
}

const turnIn = ({ waiting }: Lane, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const begin = (): void => {
      waiting.delete(begin);
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(begin);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    waiting.add(begin);
  });
