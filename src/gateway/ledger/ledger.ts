/** The gateway's account of who asked for what: append-only, and durable once `append` has resolved. */
export interface Ledger {
  /** Resolves when the entry is on disk; rejects where it is not, and then nothing of it is in the ledger. */
  append(entry: object): Promise<void>;
  /** Resolves where an entry could be written now, which it finds out without leaving one; rejects where it could not. */
  probe(): Promise<void>;
  /** Waits for what is being written, then ends. */
  close(): Promise<void>;
}
