import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ImportError } from './fault.ts';

// Opening must neither follow a link put there since it was looked at, nor wait for the other end of a pipe.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a delivered file to be read. Throws `ImportError` where a link, a pipe or a folder stands in its place. */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const refusal = (cause?: unknown): ImportError =>
    new ImportError(`The delivery cannot be read: ${basename(path)} is not a regular file.`, { cause });
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' || error.code === 'ENXIO' ? refusal(error) : error;
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw refusal();
}
