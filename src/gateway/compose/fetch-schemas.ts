import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CONTEXT_HEADER, type ContextSigner, signSchemaCredential } from '../../protocol/request-context.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { ServedSchema } from './subgraph-schema.ts';

const PATIENCE = 250;

/**
 * Reads every custodian's schema, asking again until all have answered or the signal says that the start has taken too
 * long; then throws, naming each custodian that is missing and why.
 */
export async function fetchSchemas(
  connections: readonly CustodianConnection[],
  signer: ContextSigner,
  log: Logger,
  signal: AbortSignal,
): Promise<ServedSchema[]> {
  const results = await Promise.allSettled(
    connections.map((connection) => fetchSchema(connection, signer, log, signal)),
  );
  const missing = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
  if (missing.length > 0) throw new Error(`Not every custodian gave its schema in time.\n  ${missing.join('\n  ')}`);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function fetchSchema(
  connection: CustodianConnection,
  signer: ContextSigner,
  log: Logger,
  signal: AbortSignal,
): Promise<ServedSchema> {
  const { id, subgraph, url } = connection.custodian;
  let reason = '';
  while (!signal.aborted) {
    try {
      const credential = await signSchemaCredential(signer, id);
      const { status, text } = await connection.request({
        method: 'GET',
        path: `/${subgraph}/schema`,
        headers: { [CONTEXT_HEADER]: credential, accept: 'text/plain, application/graphql' },
        signal,
      });
      if (status === 200) return { subgraph, url: `${url}/${subgraph}/graphql`, sdl: text };
      throw new Error(`it answers ${status}${status === 401 ? ": has it pinned this gateway's key?" : ''}`);
    } catch (cause) {
      const now = messageOf(cause);
      if (now !== reason && !signal.aborted) log.info({ custodian: id, url, reason: now }, 'waiting for a custodian');
      if (!signal.aborted) reason = now;
    }
    await pause(PATIENCE, undefined, { signal }).catch(() => undefined);
  }
  throw new Error(`${id} at ${url}: ${reason === '' ? 'no answer' : reason}`);
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
