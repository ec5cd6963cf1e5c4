import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { choosePorts } from './choose-ports.ts';
import type { DemoCustodian } from './demo-custodians.ts';
import { FederationProcesses } from './federation-processes.ts';
import { lockDirectory } from './lock-directory.ts';
import { dashboardToken, tokenOf } from './obtain-token.ts';
import { prepareCustodians } from './prepare-custodians.ts';
import type { RunningProcess } from './start-process.ts';
import {
  type Adjust,
  PROCESSES,
  type Ports,
  type ProcessName,
  addressOf,
  writeConfiguration,
} from './write-configuration.ts';

/** How to bring a federation up. */
export interface FederationOptions {
  /** Where its keys, configuration, databases and logs are; made where it does not exist. */
  readonly directory: string;
  /** The loopback port of each process; a free one where none is given. */
  readonly ports?: Partial<Ports>;
  /** The processes to start now; all by default. The others can be started by `startOne`. */
  readonly only?: readonly ProcessName[];
  /** Changes the configuration of processes before they start. */
  readonly adjust?: Adjust;
  /** The environment of the processes. */
  readonly environment: NodeJS.ProcessEnv;
  /** Told what is going on, a line at a time. */
  readonly onProgress?: (line: string) => void;
  /** Gives up starting: what was started is ended again, and `startFederation` throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A running federation. */
export interface Federation {
  /** The gateway's address, without a path. */
  readonly gateway: string;
  readonly issuer: string;
  /** The custodians' addresses by their ids. */
  readonly custodians: Readonly<Record<DemoCustodian['id'], string>>;
  /** The processes that run now. */
  readonly processes: ReadonlyMap<ProcessName, RunningProcess>;
  /** An access token for the gateway of somebody who can sign in, obtained as a browser would. */
  tokenOf(person: string): Promise<string>;
  /** The dashboard's own access token for the gateway. */
  dashboardToken(): Promise<string>;
  /** Ends one process in an orderly way. */
  stopOne(name: ProcessName): Promise<void>;
  /** Starts one process that does not run, with the configuration that it had. */
  startOne(name: ProcessName): Promise<void>;
  /** Ends one process as a crash would. */
  kill(name: ProcessName): Promise<void>;
  /** Ends everything and gives the directory back. */
  stop(): Promise<void>;
}

/**
 * Brings the demo federation up: identity provider, custodians each with a PostgreSQL of its own, and gateway as
 * separate processes, with the deliveries imported, links exchanged and the demo's grants given. Throws where that
 * fails, a port is in use or the directory is; then nothing is left running.
 */
export async function startFederation(options: FederationOptions): Promise<Federation> {
  const { only = PROCESSES, adjust = (_, settings) => settings, environment, onProgress = () => {} } = options;
  mkdirSync(join(options.directory, 'logs'), { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const lock = lockDirectory(directory);
  let processes: FederationProcesses | undefined;
  const stop = async () => {
    await processes?.stopAll();
    lock.release();
  };
  try {
    const ports = await choosePorts(options.ports ?? {});
    await writeConfiguration(directory, ports, adjust);
    const failure = new AbortController();
    const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
    processes = new FederationProcesses({ directory, ports, environment, onProgress, signal });
    const start = (name: ProcessName) => processes?.start(name);
    const [first, then] = [only.filter(startsFirst), only.filter((name) => !startsFirst(name))];
    const prepared = prepareCustodians({ directory, environment, onProgress, signal });
    await allOrNone([prepared, ...first.map(start)], failure);
    await allOrNone(then.map(start), failure);
    const [gateway, issuer] = [addressOf(ports, 'gateway'), addressOf(ports, 'identity-provider')];
    lock.announce({ pid: process.pid, gateway, issuer });
    return federationOf(processes, { directory, ports, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The custodians are prepared meanwhile; the others need them prepared. */
const startsFirst = (name: ProcessName): boolean => name === 'identity-provider';

/** Waits for all; where one fails, gives up the others and throws its failure when they have ended too. */
async function allOrNone(starting: readonly (Promise<void> | undefined)[], failure: AbortController): Promise<void> {
  try {
    await Promise.all(starting);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(starting);
    throw error;
  }
}

function federationOf(
  processes: FederationProcesses,
  { directory, ports, stop }: { directory: string; ports: Ports; stop: () => Promise<void> },
): Federation {
  const [gateway, issuer] = [addressOf(ports, 'gateway'), addressOf(ports, 'identity-provider')];
  return {
    gateway,
    issuer,
    custodians: {
      ministry: addressOf(ports, 'ministry'),
      missing: addressOf(ports, 'missing'),
      'ngo-a': addressOf(ports, 'ngo-a'),
      'ngo-b': addressOf(ports, 'ngo-b'),
    },
    processes: processes.running,
    tokenOf: (person) => tokenOf({ gateway, issuer }, person),
    dashboardToken: () => dashboardToken({ issuer }, directory),
    startOne: (name) => processes.start(name),
    stopOne: (name) => processes.stop(name),
    kill: (name) => processes.kill(name),
    stop,
  };
}
