import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { DEMO_CUSTODIANS } from '../../src/demo/demo-custodians.ts';
import { exchangeAllLinks } from '../../src/demo/fill-custodians.ts';
import { configurationFile } from '../../src/demo/write-configuration.ts';
import type { ImportMeasured } from './import-custodian.ts';

const PROGRAM = fileURLToPath(new URL('import-custodian.ts', import.meta.url));
const REFERENCE = fileURLToPath(new URL('../../data', import.meta.url));

/** What the imports of all custodians came to, by custodian, and how long it took to exchange the links. */
export interface ImportsMeasured {
  readonly custodians: Readonly<Record<string, ImportMeasured>>;
  readonly linkSeconds: number;
}

/** Imports each custodian's delivery in a process of its own, one after the other, and exchanges the links. */
export async function importDeliveries(
  directory: string,
  deliveries: string,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (line: string) => void },
): Promise<ImportsMeasured> {
  const custodians: [string, ImportMeasured][] = [];
  for (const { id } of DEMO_CUSTODIANS) {
    onProgress(`importing at ${id}`);
    const words = [PROGRAM, id, configurationFile(directory, id), join(deliveries, id), REFERENCE];
    const child = spawn(process.execPath, [...process.execArgv, ...words], {
      ...{ stdio: ['ignore', 'pipe', 'inherit'], signal, killSignal: 'SIGTERM' },
    });
    const measured: ImportMeasured = JSON.parse(await outputOf(child));
    onProgress(`${id}: ${measured.rows} rows in ${measured.seconds.toFixed(1)} s`);
    custodians.push([id, measured]);
  }
  onProgress('exchanging links');
  const began = performance.now();
  await exchangeAllLinks(directory, process.env);
  return { custodians: Object.fromEntries(custodians), linkSeconds: (performance.now() - began) / 1_000 };
}

/** What a process wrote, when it has ended, by itself or because the signal asked for it. */
async function outputOf(child: ChildProcess): Promise<string> {
  // Told again by the exit code, or by the signal.
  child.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, code] = await Promise.all([child.stdout ? text(child.stdout) : '', ended]);
  if (code !== 0) throw new Error(`an import ended ${code === null ? 'by a signal' : `with exit code ${code}`}`);
  return output;
}
