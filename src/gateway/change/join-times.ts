import { describeCause } from '../../protocol/describe-cause.ts';
import type { KeeperParts } from './keeper-parts.ts';

/**
 * When custodians joined the federation, in this run or an earlier one: a walk that began before has pages without them.
 * Where that is not known of an earlier run, they join now.
 */
export class JoinTimes {
  readonly #parts: Pick<KeeperParts, 'state' | 'now' | 'log'>;
  #joined: ReadonlyMap<string, number>;

  private constructor(parts: Pick<KeeperParts, 'state' | 'now' | 'log'>, joined: ReadonlyMap<string, number>) {
    this.#parts = parts;
    this.#joined = joined;
  }

  /** Those that are kept. */
  static async read(parts: Pick<KeeperParts, 'state' | 'now' | 'log'>): Promise<JoinTimes> {
    const { custodians = [] } = (await parts.state.joined()) ?? {};
    return new JoinTimes(parts, new Map(custodians.map(({ id, at }) => [id, at])));
  }

  /** By custodian, when each of those joined that are in the federation from now on; who is not has left it. */
  async of(present: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { state, now, log } = this.#parts;
    const former = this.#joined;
    const next = Math.max(now(), ...Array.from(former.values(), (at) => at + 1));
    const joined = new Map(present.map((id) => [id, former.get(id) ?? next]));
    this.#joined = joined;
    if (joined.size === former.size && present.every((id) => former.has(id))) return joined;
    const custodians = Array.from(joined, ([id, at]) => ({ id, at }));
    // Kept before anybody is answered by it: who is forgotten to have left would be taken for one that was there all along.
    await state
      .keepJoined({ custodians })
      .catch((cause: unknown) => log.error({ cause: describeCause(cause) }, 'who has joined cannot be kept'));
    return joined;
  }
}
