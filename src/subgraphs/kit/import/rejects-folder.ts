import { randomBytes } from 'node:crypto';
import {
  type FileHandle,
  access,
  constants,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ImportError } from './fault.ts';

/**
 * The folder of rejected rows, a file for each delivered one that has some, which only its owner may read. It appears as
 * a whole when the import has succeeded. Until then the rows stand in files without a name, which go with the process
 * however it ends.
 */
export class RejectsFolder {
  readonly #path: string;
  readonly #unfinished: string;
  readonly #files = new Map<string, FileHandle>();
  #isBegun = false;

  private constructor(path: string, custodian: string) {
    this.#path = path;
    // What another custodian's import finishes at the same time is not this one's to publish or to remove.
    this.#unfinished = `${path}.${custodian}.unfinished`;
  }

  /**
   * Prepares for the rows of a custodian, into which nothing else is imported meanwhile. Throws `ImportError` where
   * something is there already: it may have been corrected by hand.
   */
  static async open(given: string, custodian: string): Promise<RejectsFolder> {
    // A link to a folder stands for that folder.
    const path = await realpath(given).catch(() => resolve(given));
    const held = await readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw new ImportError(`The rejected rows cannot be written: ${given} is no folder that can be opened.`, {
        cause: error,
      });
    });
    if (held.length > 0) {
      throw new ImportError(
        `${given} holds something already, perhaps corrected rows. Name another folder for the rejected rows; it need not exist yet.`,
      );
    }
    await access(dirname(path), constants.W_OK);
    const folder = new RejectsFolder(path, custodian);
    // What an import left that was killed while it finished.
    await rm(folder.#unfinished, { recursive: true, force: true });
    return folder;
  }

  /** Appends text to the file of that name, which begins with `head`. */
  async write(file: string, head: string, text: string): Promise<void> {
    if (text === '') return;
    const known = this.#files.get(file);
    const handle = known ?? (await this.#openNameless());
    this.#files.set(file, handle);
    await handle.appendFile(known ? text : head + text);
  }

  /** Has everything on the disk but for the folder's name; to be called while the import can still be undone. */
  async finish(): Promise<void> {
    if (this.#files.size === 0) return;
    await mkdir(this.#unfinished, { mode: 0o700 });
    this.#isBegun = true;
    for (const [file, handle] of this.#files) {
      const named = await open(join(this.#unfinished, file), 'wx', 0o600);
      try {
        for await (const bytes of handle.createReadStream({ start: 0, autoClose: false }))
          await named.appendFile(bytes);
        await named.sync();
      } finally {
        await named.close();
      }
    }
  }

  /** Gives the folder its name; without rejected rows there is none. Throws `ImportError` where it cannot, but it is there. */
  async publish(): Promise<void> {
    const isNeeded = this.#files.size > 0;
    await this.#close();
    if (!isNeeded) return;
    await rename(this.#unfinished, this.#path).catch((cause: unknown) => {
      throw new ImportError(
        `The accepted rows are imported, but the folder of the rejected ones could not be named ${this.#path}: it is ${this.#unfinished}.`,
        { cause },
      );
    });
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#close();
    if (this.#isBegun) await rm(this.#unfinished, { recursive: true, force: true });
  }

  async #openNameless(): Promise<FileHandle> {
    const path = join(dirname(this.#path), `.${basename(this.#path)}.${randomBytes(6).toString('hex')}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  }

  async #close(): Promise<void> {
    for (const handle of this.#files.values()) await handle.close();
    this.#files.clear();
  }
}
