import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const PARENT = 1;
const TIMES = [11, 15] as const;

/**
 * User and system time of processes, all that they started, and those of them that have ended, in seconds, as Linux
 * tells it (`proc_pid_stat(5)`), to a hundredth; undefined where there is no such telling. Unlike the time on the clock
 * it does not grow while others use the machine.
 */
export function processorSeconds(pids: readonly number[]): number | undefined {
  const stats = new Map(
    readdirSafely('/proc').flatMap((name) => {
      const stat = /^\d+$/u.test(name) ? statOf(name) : undefined;
      return stat ? [[Number(name), stat] as const] : [];
    }),
  );
  if (stats.size === 0) return undefined;
  const children = Map.groupBy([...stats.keys()], (pid) => stats.get(pid)?.[PARENT]);
  const used = (pid: number): number =>
    (stats.get(pid) ?? []).slice(...TIMES).reduce((sum, ticks) => sum + ticks, 0) +
    (children.get(pid) ?? []).reduce((sum, child) => sum + used(child), 0);
  return pids.reduce((sum, pid) => sum + used(pid), 0) / TICKS_PER_SECOND;
}

/** The fields after the name, which may hold anything: state, parent, … user and system time, and those of children. */
function statOf(pid: string): readonly number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return undefined; // ended meanwhile
  }
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
