import type { Query, Storage } from '../storage.ts';

/**
 * Has the statement of a transaction that runs when the signal comes cancelled, so that nobody waits for its end. Answers
 * how to let go of the transaction before it ends. The signal may come between statements, where there is none to cancel.
 */
export async function stopStatements(
  storage: Pick<Storage, 'query'>,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<() => void> {
  if (!signal) return () => {};
  signal.throwIfAborted();
  const [backend] = await query<{ pid: number }>({ sql: 'select pg_backend_pid() as pid', parameters: [] });
  const stop = (): void => {
    // Where it cannot be cancelled it has ended, or ends by itself.
    storage.query({ sql: 'select pg_cancel_backend($1)', parameters: [backend?.pid] }).catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}
