import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const BY_SIGNAL = 128;

/** What a command was doing was broken off by a signal; the message says what became of it. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** As shells tell it: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitCode: number;

  constructor(message: string, signal: (typeof SIGNALS)[number]) {
    super(message);
    this.exitCode = BY_SIGNAL + constants.signals[signal];
  }
}

/**
 * Does something that can be broken off by SIGINT or SIGTERM; a second signal ends the process at once. Throws
 * `Interruption` where a signal came and the work failed.
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let came: (typeof SIGNALS)[number] | undefined;
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      came = signal;
      letGo();
      controller.abort();
    };
    process.once(signal, listener);
    return [signal, listener] as const;
  });
  const letGo = (): void => listeners.forEach(([signal, listener]) => process.off(signal, listener));
  try {
    return await work(controller.signal);
  } catch (error) {
    if (came === undefined) throw error;
    throw new Interruption(error instanceof Error ? error.message : String(error), came);
  } finally {
    letGo();
  }
}
