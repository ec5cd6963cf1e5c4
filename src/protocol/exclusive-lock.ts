import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Takes the lock that a file stands for and answers how to give it back, or undefined where it is taken, by another
 * process or by this one. The kernel gives it back when its process dies, however it dies, so it is never stale: it is
 * an SQLite file in exclusive mode, since Node has no file locks of its own.
 */
export function takeLock(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
    return () => database.close();
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
