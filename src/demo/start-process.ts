import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('../../bin/register.mjs', import.meta.url).href;
/** Spares each process some 50 MB, at no measurable cost. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=8';
const END_WITH_PARENT = new URL('end-with-parent.ts', import.meta.url).href;
const START_DEADLINE = 45_000;
const STOP_DEADLINE = 20_000;
const LINES_TOLD = 5;

/** What to run: a module that prints `listening http://…` on its standard output once it listens. */
export interface ProcessToStart {
  readonly name: string;
  readonly main: URL;
  readonly arguments: readonly string[];
  /** The file that its output is written to. */
  readonly log: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gives up starting it. */
  readonly signal: AbortSignal;
}

/** A running process of the federation. */
export interface RunningProcess {
  readonly pid: number;
  readonly url: string;
  /** Resolves when the process has ended, with how it ended. */
  readonly ended: Promise<string>;
  /** Ends it in an orderly way, and by force where that takes more than twenty seconds. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Starts a process of the federation and waits until it listens; throws where it does not. It has a process group of
 * its own, so that Ctrl-C reaches only the process that started it, which then ends the federation in the right order.
 */
export async function startProcess(wanted: ProcessToStart): Promise<RunningProcess> {
  const { main, environment, signal } = wanted;
  signal.throwIfAborted();
  const child = spawn(
    process.execPath,
    [
      SMALL_YOUNG_GENERATION,
      '--import',
      REGISTER,
      '--import',
      END_WITH_PARENT,
      fileURLToPath(main),
      ...wanted.arguments,
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: environment },
  );
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, killedBy) => resolve(killedBy === null ? `exit code ${code}` : `signal ${killedBy}`));
  });
  await once(child, 'spawn');
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE);
    await ended;
    clearTimeout(force);
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    return { pid: child.pid ?? 0, url: await listening(child, ended, wanted), ended, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes the process's output to its log and resolves with the address that it says it listens on. */
function listening(
  child: ChildProcess,
  ended: Promise<string>,
  { name, log, signal }: ProcessToStart,
): Promise<string> {
  const file = createWriteStream(log, { flags: 'a', mode: 0o600 });
  const last: string[] = [];
  return new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      file.write(`${line}\n`);
      // Its log is for the file; what it says at the end, it says in plain words.
      if (line.trim() !== '' && !line.startsWith('{')) last.push(line);
      if (last.length > LINES_TOLD) last.shift();
      const url = /^listening (http\S+)$/u.exec(line)?.[1];
      if (url !== undefined) resolve(url.replace(/\/$/u, ''));
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', read);
    child.once('close', () => file.end());
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    void sleep(START_DEADLINE, undefined, { ref: false }).then(() =>
      reject(new Error(`${name} did not start within ${START_DEADLINE / 1000} s. Its output is in ${log}.`)),
    );
    void ended.then((how) =>
      reject(new Error(`${name} ended while starting (${how}): ${last.join('\n')}\nIts output is in ${log}.`)),
    );
  });
}
