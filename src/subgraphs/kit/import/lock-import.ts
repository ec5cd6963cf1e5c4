import type { Query } from '../storage.ts';
import { ImportError } from './fault.ts';

/**
 * Makes the current transaction the only one that imports into this custodian, deliveries or links, until it ends.
 * Throws `ImportError` where another is at it. Reading is not hindered.
 */
export async function lockImport(query: Query): Promise<void> {
  const [lock] = await query<{ taken: boolean }>({
    sql: "select pg_try_advisory_xact_lock(hashtext('amana import')) as taken",
    parameters: [],
  });
  if (lock?.taken) return;
  throw new ImportError('Another import into this custodian is running. Wait until it has ended, then try again.');
}
