import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ArchiveSize, InventedArchive } from '../../src/demo/generate/archive.ts';
import { generateDeliveries } from '../../src/demo/generate/generate-deliveries.ts';
import { readPlaces } from '../../src/demo/generate/places.ts';
import { type ImportsMeasured, importDeliveries } from './import-deliveries.ts';
import { type QueryMeasured, type Rounds, measureQueries } from './measure-queries.ts';
import { type StandingFederation, configure, standUp } from './stand-up.ts';

/** What is measured, and who is told and may stop it. */
export interface ArchiveWanted {
  readonly size: ArchiveSize;
  readonly images: number;
  readonly rounds: Rounds;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What came out at one size. */
export interface ArchiveMeasured {
  readonly size: ArchiveSize;
  readonly generateSeconds: number;
  readonly imports: ImportsMeasured;
  readonly startSeconds: StandingFederation['startSeconds'];
  readonly queries: readonly QueryMeasured[];
}

const REFERENCE = fileURLToPath(new URL('../../data', import.meta.url));

/** Generates, imports, starts and asks, in a temporary folder of its own, which is removed however that ends. */
export async function measureArchive({
  size,
  images,
  rounds,
  signal,
  onProgress,
}: ArchiveWanted): Promise<ArchiveMeasured> {
  const directory = await mkdtemp(join(tmpdir(), 'amana-bench-'));
  try {
    const deliveries = join(directory, 'deliveries');
    const began = performance.now();
    onProgress(`generating ${size.people} people and ${size.photographs} photographs`);
    const { files } = await generateDeliveries({ ...size, images, folder: deliveries });
    const generateSeconds = (performance.now() - began) / 1_000;
    await mkdir(join(directory, 'logs'), { mode: 0o700 });
    const ports = await configure(directory);
    const imports = await importDeliveries(directory, deliveries, { signal, onProgress });
    refuseUnexpected(files, imports);
    onProgress('starting');
    const federation = await standUp(directory, ports, signal);
    try {
      const archive = new InventedArchive(size, readPlaces(REFERENCE));
      const queries = await measureQueries(federation, archive, rounds, (round) => {
        if (round % 10 === 0) onProgress(`asked ${round} of ${rounds.warmUp + rounds.measured} times`);
      });
      return { size, generateSeconds, imports, startSeconds: federation.startSeconds, queries };
    } finally {
      await federation.stop();
    }
  } finally {
    // A PostgreSQL whose importer was ended may still be ending, too.
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

/** Throws where an import did not reject exactly what is faulty: then it was not the work that is to be measured. */
function refuseUnexpected(
  files: readonly { readonly custodian: string; readonly file: string; readonly faulty: number }[],
  { custodians }: ImportsMeasured,
): void {
  for (const { custodian, file, faulty } of files) {
    const rejected = custodians[custodian]?.files.find((one) => one.file === file)?.rejected;
    if (rejected !== faulty)
      throw new Error(`${custodian} rejected ${rejected} rows of ${file}, where ${faulty} are faulty`);
  }
}
