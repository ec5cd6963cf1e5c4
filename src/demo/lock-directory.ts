import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { takeLock } from '../protocol/exclusive-lock.ts';

const Running = z.strictObject({ pid: z.int().min(1), gateway: z.url(), issuer: z.url() });

/** The federation that runs on a directory: its process, and where its gateway and identity provider are. */
export type RunningFederation = Readonly<z.infer<typeof Running>>;

/** The federation that says it runs on a directory; it may be left over from one that was killed. */
export function runningFederation(directory: string): RunningFederation | undefined {
  try {
    return Running.parse(JSON.parse(readFileSync(fileIn(directory), 'utf8')));
  } catch {
    return undefined; // none, or one that is only just starting
  }
}

/** A directory taken for this process, until it gives it back or ends. */
export interface LockedDirectory {
  announce(running: RunningFederation): void;
  release(): void;
}

/** Takes an existing directory for this process; throws where a federation already runs on it. */
export function lockDirectory(directory: string): LockedDirectory {
  const release = takeLock(join(directory, 'lock'));
  if (!release) {
    const running = runningFederation(directory);
    const which = running ? ` (process ${running.pid}, gateway ${running.gateway})` : '';
    throw new Error(
      `A federation already runs on ${directory}${which}. ` +
        'Stop it with Ctrl-C where it runs, or give this one a directory of its own with --directory.',
    );
  }
  const forget = () => rmSync(fileIn(directory), { force: true });
  forget();
  return {
    announce: (running) => writeFileSync(fileIn(directory), JSON.stringify(running), { mode: 0o600 }),
    release: () => {
      forget();
      release();
    },
  };
}

const fileIn = (directory: string): string => join(directory, 'running.json');
