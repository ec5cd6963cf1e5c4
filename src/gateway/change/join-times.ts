import type { Logger } from 'pino';
import { describeCause } from '../../protocol/describe-cause.ts';
import type { GatewayState } from './gateway-state.ts';

/**
 * When custodians joined the federation, in this run or an earlier one: a walk that began before has pages without them.
 * Where that is not known of an earlier run, they join now.
 */
export class JoinTimes {
  readonly #state: GatewayState;
  readonly #now: () => number;
  readonly #log: Logger;
  #joined: ReadonlyMap<string, number>;
  /** When the last one joined, be it there still or not. */
  #last: number;

  private constructor(
    { state, now, log }: { readonly state: GatewayState; readonly now: () => number; readonly log: Logger },
    joined: ReadonlyMap<string, number>,
    last: number,
  ) {
    this.#state = state;
    this.#now = now;
    this.#log = log;
    this.#joined = joined;
    this.#last = last;
  }

  /** Those that are kept. */
  static async read(parts: {
    readonly state: GatewayState;
    readonly now: () => number;
    readonly log: Logger;
  }): Promise<JoinTimes> {
    const { custodians, last } = (await parts.state.joined()) ?? { custodians: [], last: 0 };
    return new JoinTimes(parts, new Map(custodians.map(({ id, at }) => [id, at])), last);
  }

  /** By custodian, when each of those joined that are in the federation from now on; who is not has left it. */
  async of(present: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const now = Math.max(this.#now(), this.#last + 1);
    const joined = new Map(present.map((id) => [id, this.#joined.get(id) ?? now]));
    const isSame = joined.size === this.#joined.size && present.every((id) => this.#joined.has(id));
    this.#joined = joined;
    if (isSame) return joined;
    this.#last = Math.max(this.#last, ...joined.values());
    const custodians = Array.from(joined, ([id, at]) => ({ id, at }));
    await this.#state
      .keepJoined({ custodians, last: this.#last })
      .catch((cause: unknown) => this.#log.error({ cause: describeCause(cause) }, 'who has joined cannot be kept'));
    return joined;
  }
}
