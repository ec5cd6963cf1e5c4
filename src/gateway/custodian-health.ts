import type { Logger } from 'pino';
import { describeCause } from '../protocol/describe-cause.ts';

/** What a custodian's health needs: a clock in milliseconds since 1970, numbers from 0 to 1, the operator's log. */
export interface HealthSurroundings {
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
}

/** Which of a custodian's doors was asked (`/access`, or that of its records), for whom, in which request. */
export interface Asking {
  readonly door: string;
  readonly viewer: string;
  readonly requestId: string;
}

/** For the operator: whether a custodian is asked, left alone, or being asked whether it is ready. */
export const CONDITIONS = ['ASKED', 'LEFT_ALONE', 'PROBED'] as const;

export type CustodianCondition = (typeof CONDITIONS)[number];

/** A custodian is left alone now, so it was not asked. */
export class CustodianRestingError extends Error {
  override readonly name = 'CustodianRestingError';
}

/** How many failures with no usable answer between, and over how many milliseconds: a moment's halt is no reason to make it a longer one. */
const FAILURES = 3;
const PATIENCE = 1_000;

/** Milliseconds of the first rest and of the longest; each is twice the one before, less up to a half by chance. */
const FIRST_REST = 1_000;
const LONGEST_REST = 30_000;

/** No connection came about: nothing that was asked can bring that about. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Leaves a custodian alone for a while where it keeps failing, then has it asked whether it is ready, by one request on
 * behalf of all. A usable answer at the same door forgets failures. A failure to connect counts once for each request,
 * any other once for each viewer: a viewer who asks for too much, however often, cannot have it left alone for others.
 * Circuit breakers from packages count calls, whoever made them, and let one of them be the probe.
 */
export class CustodianHealth {
  readonly #custodian: string;
  readonly #surroundings: HealthSurroundings;
  /** By door: of whom, and since when. */
  readonly #failures = new Map<string, { readonly of: Set<string>; readonly since: number }>();
  /** Rests since the last usable answer at the door which brought the first of them about. */
  #rests = 0;
  #door: string | undefined;
  #until: number | undefined;
  #isProbed = false;

  constructor(custodian: string, surroundings: HealthSurroundings) {
    this.#custodian = custodian;
    this.#surroundings = surroundings;
  }

  get condition(): CustodianCondition {
    if (this.#isProbed) return 'PROBED';
    return this.#until === undefined ? 'ASKED' : 'LEFT_ALONE';
  }

  /**
   * Whole seconds after which it is worth asking again; undefined where the custodian is not left alone. It follows from
   * failures and chance, whatever the records.
   */
  get retryAfter(): number | undefined {
    if (this.#until === undefined) return undefined;
    return Math.max(1, Math.ceil((this.#until - this.#surroundings.now()) / 1000));
  }

  /** Throws a `CustodianRestingError` where the custodian is left alone; once that is over, the first comer probes it. */
  async admit(isReady: () => Promise<boolean>): Promise<void> {
    if (this.#until === undefined) return;
    if (this.#isProbed || this.#surroundings.now() < this.#until) throw new CustodianRestingError();
    this.#isProbed = true;
    try {
      if (await isReady()) this.#until = undefined;
      else this.#rest();
    } finally {
      this.#isProbed = false;
    }
    if (this.#until !== undefined) throw new CustodianRestingError();
  }

  /** Hears of an answer that was not usable, or of none. */
  failed({ door, viewer, requestId }: Asking, cause: unknown): void {
    if (this.#until !== undefined) return;
    const { now, log } = this.#surroundings;
    const failures = this.#failures.get(door) ?? { of: new Set(), since: now() };
    this.#failures.set(door, failures);
    if (failures.of.size < FAILURES)
      failures.of.add(isUnreachable(cause) ? `request ${requestId}` : `viewer ${viewer}`);
    if (failures.of.size < FAILURES || now() - failures.since < PATIENCE) return;
    if (this.#rests === 0)
      log.warn(
        { custodian: this.#custodian, cause: describeCause(cause) },
        'a custodian keeps failing and is left alone for a while',
      );
    this.#door = door;
    this.#rest();
  }

  /** Hears of a usable answer. */
  answered({ door }: Pick<Asking, 'door'>): void {
    this.#failures.delete(door);
    if (door !== this.#door) return;
    this.#door = undefined;
    this.#until = undefined;
    this.#rests = 0;
    this.#surroundings.log.info({ custodian: this.#custodian }, 'a custodian that was left alone answers again');
  }

  #rest(): void {
    const { now, random } = this.#surroundings;
    const longest = Math.min(LONGEST_REST, FIRST_REST * 2 ** this.#rests);
    this.#rests += 1;
    this.#until = now() + longest * (1 - random() / 2);
    this.#failures.clear();
  }
}

const isUnreachable = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && UNREACHABLE.has(cause.code);
