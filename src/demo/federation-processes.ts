import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_CUSTODIANS } from './demo-custodians.ts';
import { programOf } from './program-of.ts';
import { type RunningProcess, startProcess } from './start-process.ts';
import type { Ports, ProcessName } from './write-configuration.ts';

const READY_DEADLINE = 30_000;

interface Surroundings {
  readonly directory: string;
  readonly ports: Ports;
  readonly environment: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  /** Gives up what is starting. */
  readonly signal: AbortSignal;
}

/** The processes of one federation, of which each can be started, stopped and killed by its name. */
export class FederationProcesses {
  readonly #surroundings: Surroundings;
  readonly #running = new Map<ProcessName, RunningProcess>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Those that run now. */
  get running(): ReadonlyMap<ProcessName, RunningProcess> {
    return this.#running;
  }

  /** Starts a process that does not run and waits until it is ready; throws where it does not get there. */
  async start(name: ProcessName): Promise<void> {
    if (this.#running.has(name)) throw new Error(`${name} runs already.`);
    const { directory, ports, environment, onProgress, signal } = this.#surroundings;
    const log = join(directory, 'logs', `${name}.log`);
    const process = await startProcess({ name, ...programOf(name, directory, ports), log, environment, signal });
    this.#running.set(name, process);
    void this.#tellOfItsEnd(name, process, log);
    if (name !== 'identity-provider') await untilReady(name, process.url, signal);
    onProgress(`${name} listens on ${process.url}`);
  }

  /** Ends a process in an orderly way. */
  stop(name: ProcessName): Promise<void> {
    return this.#take(name)?.stop() ?? Promise.resolve();
  }

  /** Ends a process as a crash would. */
  kill(name: ProcessName): Promise<void> {
    return this.#take(name)?.kill() ?? Promise.resolve();
  }

  /** Ends all of them, those that ask before those that are asked. */
  async stopAll(): Promise<void> {
    await this.stop('gateway');
    await Promise.all(DEMO_CUSTODIANS.map(({ id }) => this.stop(id)));
    await this.stop('identity-provider');
  }

  #take(name: ProcessName): RunningProcess | undefined {
    const process = this.#running.get(name);
    this.#running.delete(name);
    return process;
  }

  async #tellOfItsEnd(name: ProcessName, process: RunningProcess, log: string): Promise<void> {
    const how = await process.ended;
    if (this.#running.get(name) !== process) return;
    this.#running.delete(name);
    this.#surroundings.onProgress(`${name} ended by itself (${how}). Its output is in ${log}.`);
  }
}

async function untilReady(name: string, url: string, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([AbortSignal.timeout(READY_DEADLINE), signal]);
  while (!(await isReady(url, deadline))) {
    signal.throwIfAborted();
    if (deadline.aborted)
      throw new Error(`${name} listens on ${url}, but is not ready after ${READY_DEADLINE / 1000} s.`);
    await sleep(50);
  }
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet, or no longer
  }
}
