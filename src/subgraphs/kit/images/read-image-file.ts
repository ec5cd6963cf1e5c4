import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageRefusal } from './image-refusal.ts';

const LONGEST_PATH = 1024;
const LARGEST = 128 * 1024 * 1024;
// Opening must neither follow a link put there since it was looked at, nor wait for the other end of a pipe.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The content of an image of a delivery, by its delivered path, of at most 128 MiB; undefined where there is no such
 * file. It comes from within the folder: a path that leads out of it, or over a symbolic link, is refused, and so is
 * whatever is no regular file. Throws `ImageRefusal`.
 */
export async function readImageFile(folder: string, path: string): Promise<Buffer | undefined> {
  const names = path.split('/');
  const isUnsafe = (name: string): boolean => name === '' || name === '.' || name === '..';
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (path.length > LONGEST_PATH || /[\\\u0000-\u001F]|^[a-z]:/iu.test(path) || names.some(isUnsafe)) {
    throw new ImageRefusal('UNSAFE_PATH');
  }
  try {
    for (const [last] of names.entries()) {
      const stands = await lstat(join(folder, ...names.slice(0, last + 1)));
      if (stands.isSymbolicLink()) throw new ImageRefusal('SYMBOLIC_LINK');
    }
    const file = await open(join(folder, ...names), FLAGS);
    try {
      return await readWhole(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ENAMETOOLONG') throw new ImageRefusal('UNSAFE_PATH', { cause: error });
    if (code === 'ELOOP') throw new ImageRefusal('SYMBOLIC_LINK', { cause: error });
    throw code === 'ENXIO' ? new ImageRefusal('NOT_A_FILE', { cause: error }) : error;
  }
}

async function readWhole(file: FileHandle): Promise<Buffer> {
  const found = await file.stat();
  if (!found.isFile()) throw new ImageRefusal('NOT_A_FILE');
  if (found.size > LARGEST) throw new ImageRefusal('TOO_LARGE');
  const content = Buffer.alloc(found.size);
  let filled = 0;
  while (filled < content.length) {
    const { bytesRead } = await file.read(content, filled, content.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return content.subarray(0, filled);
}
