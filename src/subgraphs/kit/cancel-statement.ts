import type { ClientBase, Pool } from 'pg';

/**
 * Runs statements on a connection; where the signal ends before they have, cancels the one that runs, over a connection
 * of `cancelling`. It is through only when the cancelling is, which otherwise might hit what runs there next.
 */
export async function cancelWith<Result>(
  signal: AbortSignal,
  client: ClientBase,
  cancelling: Pool,
  work: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const backend = 'processID' in client ? client.processID : undefined; // not in the driver's types
  let cancelled: Promise<unknown> | undefined;
  const cancel = (): void => {
    // Where that fails, the statement runs into its time limit.
    cancelled = cancelling.query('select pg_cancel_backend($1)', [backend]).catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', cancel);
    await cancelled;
  }
}
