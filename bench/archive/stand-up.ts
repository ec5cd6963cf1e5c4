import { choosePorts } from '../../src/demo/choose-ports.ts';
import { DEMO_CUSTODIANS, type DemoCustodian } from '../../src/demo/demo-custodians.ts';
import { FederationProcesses } from '../../src/demo/federation-processes.ts';
import {
  PROCESSES,
  type Ports,
  type ProcessName,
  type Settings,
  addressOf,
  writeConfiguration,
} from '../../src/demo/write-configuration.ts';

/** The demo's processes on a directory, running. */
export interface StandingFederation {
  readonly directory: string;
  readonly gateway: string;
  readonly issuer: string;
  /** The address of each custodian's subgraph. */
  readonly custodians: Readonly<Record<DemoCustodian['id'], string>>;
  /** Seconds from starting each process until it is ready, its PostgreSQL included. */
  readonly startSeconds: Readonly<Record<ProcessName, number>>;
  /** The process of each, whose PostgreSQL is a child of it. */
  readonly pids: ReadonlyMap<ProcessName, number>;
  readonly signal: AbortSignal;
  stop(): Promise<void>;
}

// One viewer asks more in a minute here than any does.
const LIMITS = { depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 1_000_000 };

const adjusted = (name: ProcessName, settings: Settings): Settings =>
  name === 'gateway' ? { ...settings, limits: LIMITS } : settings;

/** Writes keys and configuration for the demo's processes into a directory; answers their ports. */
export async function configure(directory: string): Promise<Ports> {
  const ports = await choosePorts({});
  await writeConfiguration(directory, ports, adjusted);
  return ports;
}

/** Starts the demo's processes one after the other on a directory that was configured and filled. */
export async function standUp(directory: string, ports: Ports, signal: AbortSignal): Promise<StandingFederation> {
  const processes = new FederationProcesses({
    ...{ directory, ports, environment: process.env, onProgress: () => {}, signal },
  });
  try {
    const seconds: [ProcessName, number][] = [];
    for (const name of PROCESSES) {
      const began = performance.now();
      await processes.start(name);
      seconds.push([name, (performance.now() - began) / 1_000]);
    }
    const graphql = DEMO_CUSTODIANS.map(({ id, subgraph }) => [id, `${addressOf(ports, id)}/${subgraph}/graphql`]);
    return {
      ...{ directory, signal, gateway: addressOf(ports, 'gateway'), issuer: addressOf(ports, 'identity-provider') },
      custodians: Object.fromEntries(graphql),
      startSeconds: Object.fromEntries(seconds) as Record<ProcessName, number>,
      pids: new Map([...processes.running].map(([name, { pid }]) => [name, pid])),
      stop: () => processes.stopAll(),
    };
  } catch (error) {
    await processes.stopAll();
    throw error;
  }
}
