import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * How long others may have to wait while one request is at work, in milliseconds. What is aimed at is 100 on a machine
 * that has nothing else to do; an attack that works takes many seconds.
 */
export const LONGEST_STALL = 1_000;

/** The longest time for which nothing else ran in this process, the gateway's, while something was done; in milliseconds. */
export async function longestStall(act: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  await pause(20);
  delay.enable();
  await pause(20);
  await act();
  await pause(30);
  delay.disable();
  return delay.max / 1e6;
}
