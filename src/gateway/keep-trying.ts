import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 250;

/** Tries again until it succeeds or the signal says that it has taken too long; then throws what went wrong last. `waiting` hears each new reason once. */
export async function keepTrying<Value>(
  attempt: () => Promise<Value>,
  signal: AbortSignal,
  waiting: (reason: string) => void,
): Promise<Value> {
  let reason = 'no answer';
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch (cause) {
      if (signal.aborted) break;
      reason = cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
      if (reason !== told) waiting(reason);
      told = reason;
    }
    await pause(PATIENCE, undefined, { signal }).catch(() => undefined);
  }
  throw new Error(reason);
}
