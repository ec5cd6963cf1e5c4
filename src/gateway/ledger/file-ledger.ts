import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { takeLock } from '../../protocol/exclusive-lock.ts';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import type { Ledger } from './ledger.ts';

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

const TAIL = 1024 * 1024;

/** What an entry takes up at most, nearly always: a probe needs as much room beside the log. */
const ROOM = 16 * 1024;

/**
 * A ledger in one file of JSON lines, readable by its owner alone. All entries that wait are written together and synced
 * once. What could not be written whole is cut off again before anything else is written, so that there is never half a
 * line, and a disk that was full serves again once it is not. Only one process may write: a file that has changed behind
 * the ledger's back is not written to.
 */
export class FileLedger implements Ledger {
  readonly #file: string;
  readonly #unlock: () => void;
  #handle: FileHandle | undefined;
  /** Bytes known to be whole and synced. */
  #size: number;
  /** Whether there may be half a write after those. */
  #torn = false;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: string, unlock: () => void, handle: FileHandle, size: number) {
    this.#file = file;
    this.#unlock = unlock;
    this.#handle = handle;
    this.#size = size;
  }

  /**
   * Opens the ledger, or begins one. A last line that a crash has torn was never acknowledged: it is taken out of the
   * ledger and kept as the text of an entry `RECOVERED`. Throws where the file cannot be written, or another process
   * writes it.
   */
  static async open(file: string, now: () => number): Promise<FileLedger> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const unlock = takeLock(`${file}.lock`);
    if (!unlock)
      throw new ConfigurationError(
        `${file}: another gateway writes this log. Give each a directory of its own for its log.`,
      );
    const handle = await openFile(file);
    const { size, torn } = await readTail(handle);
    await handle.truncate(size);
    await syncDirectory(file);
    const ledger = new FileLedger(file, unlock, handle, size);
    if (torn !== '') await ledger.append({ event: 'RECOVERED', at: new Date(now()).toISOString(), torn });
    return ledger;
  }

  append(entry: object): Promise<void> {
    return this.#add(`${JSON.stringify(entry)}\n`);
  }

  /** The file is as it was left and can be synced, and there is room beside it. */
  async probe(): Promise<void> {
    await this.#add('');
    const file = `${this.#file}.probe`;
    try {
      await writeFile(file, Buffer.alloc(ROOM), { mode: 0o600, flush: true });
    } finally {
      await rm(file, { force: true });
    }
  }

  #add(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
    this.#unlock();
  }

  async #writeAll(): Promise<void> {
    // One turn of the event loop lets requests that arrive together share a sync.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.from(group.map(({ line }) => line).join('')));
        for (const { resolve } of group) resolve();
      } catch (cause) {
        for (const { reject } of group) reject(cause);
      }
    }
    this.#writing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    const handle = await this.#whole();
    this.#torn = true;
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, this.#size + written);
        written += bytesWritten;
      }
      await handle.datasync();
    } catch (cause) {
      await this.#undo(handle).catch(() => undefined);
      throw cause;
    }
    this.#size += bytes.length;
    this.#torn = false;
  }

  /** The file, open, holding what is known to be whole and nothing else; throws where it does not, or cannot be read. */
  async #whole(): Promise<FileHandle> {
    try {
      const handle = (this.#handle ??= await openFile(this.#file));
      if (this.#torn) await this.#undo(handle);
      const { size, nlink } = await handle.stat();
      if (nlink === 0 || size !== this.#size)
        throw new Error('the log file has been changed or removed by somebody else');
      return handle;
    } catch (cause) {
      const handle = this.#handle;
      this.#handle = undefined;
      await handle?.close().catch(() => undefined);
      throw cause;
    }
  }

  async #undo(handle: FileHandle): Promise<void> {
    await handle.truncate(this.#size);
    this.#torn = false;
  }
}

/** Not in append mode, in which a position is not heeded and half a line could not be written over. */
async function openFile(file: string): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  await handle.chmod(0o600);
  return handle;
}

/** How much of the file is whole lines, and what follows them. */
async function readTail(handle: FileHandle): Promise<{ readonly size: number; readonly torn: string }> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - TAIL);
  const tail = Buffer.alloc(size - from);
  await handle.read(tail, 0, tail.length, from);
  const whole = tail.lastIndexOf('\n') + 1;
  if (whole === 0 && from > 0) throw new Error('the log file does not end in lines of a log');
  return { size: from + whole, torn: tail.subarray(whole).toString('utf8') };
}

/** A new file is durable once its directory is. */
async function syncDirectory(file: string): Promise<void> {
  const directory = await open(dirname(file), constants.O_RDONLY);
  await directory.sync().finally(() => directory.close());
}
