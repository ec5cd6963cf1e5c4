/** What the gateway must have to serve; a custodian is not among it: without one, its part of answers is missing, and said. */
export type Checks = Readonly<Record<'supergraph' | 'log' | 'identity-provider', () => boolean | Promise<boolean>>>;

export type Check = keyof Checks | 'stopping';

/** How long what was found out holds, in milliseconds: anybody may ask, and asking must cost nothing. */
const HOLDS = 1_000;

/** How long one check may take, in milliseconds. */
const PATIENCE = 2_000;

/** Whether the gateway may be sent requests. */
export class Readiness {
  readonly #checks: Checks;
  readonly #now: () => number;
  #found: Promise<readonly Check[]> = Promise.resolve([]);
  #until = -Infinity;
  #isStopping = false;
  #isWatched = false;

  constructor(checks: Checks, now: () => number) {
    this.#checks = checks;
    this.#now = now;
  }

  /** From now on it may not. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Whether anybody has ever asked, and so would see it turn. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** The checks that fail, for somebody who sends requests or not by them; none means ready. */
  failed(): Promise<readonly Check[]> {
    this.#isWatched = true;
    return this.#failed();
  }

  /** Every check, and whether it is well. */
  async readings(): Promise<{ readonly check: Check; readonly isWell: boolean }[]> {
    const failed = await this.#failed();
    const names: Check[] = ['supergraph', 'log', 'identity-provider', 'stopping'];
    return names.map((check) => ({ check, isWell: !failed.includes(check) }));
  }

  async #failed(): Promise<readonly Check[]> {
    if (this.#now() >= this.#until) {
      this.#until = this.#now() + HOLDS;
      this.#found = this.#ask();
    }
    const found = await this.#found;
    return this.#isStopping ? [...found, 'stopping'] : found;
  }

  async #ask(): Promise<readonly Check[]> {
    const { supergraph, log, 'identity-provider': provider } = this.#checks;
    const asked = await Promise.all([
      isWell('supergraph', supergraph),
      isWell('log', log),
      isWell('identity-provider', provider),
    ]);
    return asked.flatMap(([check, well]) => (well ? [] : [check]));
  }
}

async function isWell(
  name: keyof Checks,
  check: () => boolean | Promise<boolean>,
): Promise<readonly [keyof Checks, boolean]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE);
  });
  try {
    return [name, await Promise.race([check(), late])];
  } catch {
    return [name, false];
  } finally {
    clearTimeout(timer);
  }
}
