import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

/** A row that was not taken over: where it stands, why, and its text as delivered, which is personal. */
export interface RejectedRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly row: string;
}

/**
 * The file of rejected rows, one JSON object a line, which only its owner may read. It takes its name when the import
 * has succeeded, replacing that of the import before; until then it stands beside it under a name of its own.
 */
export class RejectsFile {
  readonly #path: string;
  readonly #unfinished: string;
  readonly #handle: FileHandle;

  private constructor(path: string, unfinished: string, handle: FileHandle) {
    this.#path = path;
    this.#unfinished = unfinished;
    this.#handle = handle;
  }

  /** Opens it for writing; throws where its folder does not exist or cannot be written. */
  static async create(path: string): Promise<RejectsFile> {
    const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
    return new RejectsFile(path, unfinished, await open(unfinished, 'wx', 0o600));
  }

  /** Appends rows. */
  async write(rows: readonly RejectedRow[]): Promise<void> {
    if (rows.length > 0) await this.#handle.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  /** Has everything on the disk; to be called while the import can still be undone. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** Gives the file its name. */
  async publish(): Promise<void> {
    await this.#handle.close();
    await rename(this.#unfinished, this.#path);
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#unfinished, { force: true });
  }
}
