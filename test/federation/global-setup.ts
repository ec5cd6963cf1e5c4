import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startFederation } from '../../src/demo/start-federation.ts';
import { PURPOSES } from '../../src/protocol/purposes.ts';
import { traceReceiver } from './trace-receiver.ts';

/** Where the federation that all tests of this folder share can be reached, and the directory with its keys and files. */
export interface SharedFederation {
  readonly directory: string;
  readonly gateway: string;
  readonly issuer: string;
  readonly custodians: Readonly<Record<'ministry' | 'missing' | 'ngo-a' | 'ngo-b', string>>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    federation: SharedFederation;
  }
}

/** Wide, so that on a busy machine nothing is late; tests of outages have gateways of their own with narrow ones. */
const DEADLINES = { request: 60_000, custodian: 30_000, access: 15_000 };

/** Of two custodians that host one subgraph, the first: what gathering from both adds has federations of its own. */
const oneHostEach = (custodians: unknown): unknown =>
  Array.isArray(custodians) ? custodians.filter(({ id }) => id !== 'ngo-b') : custodians;

/** Starts the real federation on free ports once, with the deliveries imported and the demo's grants given. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'amana-federation-'));
  const traces = await traceReceiver(join(directory, 'traces.jsonl'));
  const observed = { logLevel: 'debug', traces: { endpoint: traces.endpoint, sampleRatio: 1 } };
  const federation = await startFederation({
    directory,
    environment: process.env,
    adjust: (name, settings) => ({
      ...settings,
      ...observed,
      ...(name === 'gateway' && { deadlines: DEADLINES, custodians: oneHostEach(settings['custodians']) }),
      ...(name.startsWith('ngo-') && { askedAboutPersons: [...PURPOSES] }),
    }),
  });
  const { gateway, issuer, custodians } = federation;
  project.provide('federation', { directory, gateway, issuer, custodians });
  return async () => {
    await federation.stop();
    await traces.close();
    await rm(directory, { recursive: true });
  };
}
