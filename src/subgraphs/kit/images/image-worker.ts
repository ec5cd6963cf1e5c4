import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { ImageRefusal, type RefusalReason } from './image-refusal.ts';
import { ImageVault } from './image-vault.ts';
import { makeDerivatives } from './make-derivatives.ts';
import { readImageFile } from './read-image-file.ts';

/** What a worker is started with. */
export interface ImageWork {
  /** The folder that paths are relative to. */
  readonly folder: string;
  readonly secret: Uint8Array;
  /** Where sealed originals go; undefined where originals stay as they are. */
  readonly originals: string | undefined;
}

/** One image to be made ready. */
export interface ImageTask {
  readonly record: string;
  readonly path: string;
  /** As the list gives it, in hexadecimal. */
  readonly digest: string | null;
}

/** What became of an image; derivatives come sealed. */
export type ImageOutcome =
  | {
      readonly outcome: 'READY';
      readonly blurred: Uint8Array;
      readonly reduced: Uint8Array;
      readonly original: string | null;
    }
  | { readonly outcome: 'MISSING' | 'MISMATCHED' }
  | { readonly outcome: 'REFUSED'; readonly reason: RefusalReason };

const work: ImageWork = workerData;
const vault = new ImageVault(work.secret);

// A fault that is none of the image's ends the worker, and with it the import.
parentPort?.on('message', async (task: ImageTask) => parentPort?.postMessage(await makeReady(task)));

async function makeReady(task: ImageTask): Promise<ImageOutcome> {
  try {
    const content = await readImageFile(work.folder, task.path);
    if (content === undefined) return { outcome: 'MISSING' };
    if (task.digest === null) throw new ImageRefusal('NO_DIGEST');
    // Before anything else looks at it: the decoder sees only what the list vouches for.
    if (createHash('sha256').update(content).digest('hex') !== task.digest) return { outcome: 'MISMATCHED' };
    const { blurred, reduced } = await makeDerivatives(content);
    const as = { record: task.record, digest: task.digest };
    return {
      outcome: 'READY',
      blurred: vault.seal(blurred, { what: 'BLURRED', ...as }),
      reduced: vault.seal(reduced, { what: 'REDUCED', ...as }),
      original: work.originals === undefined ? null : await sealOriginal(work.originals, content, as),
    };
  } catch (error) {
    if (error instanceof ImageRefusal) return { outcome: 'REFUSED', reason: error.reason };
    throw error;
  }
}

/** Writes a sealed original and answers its file's name, which it has only when it is whole. */
async function sealOriginal(
  directory: string,
  content: Buffer,
  as: { readonly record: string; readonly digest: string },
): Promise<string> {
  const name = vault.nameOf({ what: 'ORIGINAL', ...as });
  const folder = join(directory, name.slice(0, 2));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = join(directory, `${name}.part`);
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(vault.seal(content, { what: 'ORIGINAL', ...as }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, join(folder, name));
  return name;
}
