import { hasLeft } from '../client-gone-error.ts';
import type { CustodianAnswer, CustodianConnection } from '../custodian-connection.ts';
import { CustodianRestingError } from '../custodian-health.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import { questionOf } from './combine-parts.ts';
import { type FetchPart, type FetchResult, withoutAnswer } from './fetch-part.ts';
import { readAnswer } from './read-answer.ts';

/** Whom to ask for one request, and how. */
export interface CustodianFetch {
  readonly connection: CustodianConnection;
  /** For whom and for which request a failure counts. */
  readonly viewer: string;
  readonly requestId: string;
  /** What proves to a custodian who asks, and by which it goes on with the request's trace. */
  readonly headers: Readonly<Record<string, string>>;
  /** The request's own, and the one that also ends when custodians have had their time. */
  readonly signal: AbortSignal;
  readonly bounds: AbortSignal;
}

/**
 * Asks one custodian, in one exchange, for all parts; whatever goes wrong there costs these alone, and is said with a
 * listed code.
 */
export async function fetchFromCustodian(fetch: CustodianFetch, parts: readonly FetchPart[]): Promise<FetchResult[]> {
  const { connection, viewer, requestId, headers, bounds: signal } = fetch;
  const path = connection.endpoint;
  const asking = { door: path, viewer, requestId };
  const without = (status: Exclude<CustodianStatus, 'ANSWERED'>, failure?: unknown): FetchResult[] =>
    parts.map(({ shape }) => ({ ...withoutAnswer(shape, status), ...(failure !== undefined && { failure }) }));
  let answer: CustodianAnswer;
  let isAsked = false;
  try {
    await connection.admit(signal);
    answer = await connection.turns.inTurn(viewer, signal, () => {
      isAsked = true;
      return connection.request({
        method: 'POST',
        path,
        headers: { ...headers, 'content-type': 'application/json' },
        body: questionOf(parts),
        signal,
      });
    });
  } catch (failure) {
    if (failure instanceof CustodianRestingError || hasLeft(fetch.signal)) return without('UNAVAILABLE');
    // Of a request that has run out of time the custodian may have had little, or nothing.
    if (isAsked && !fetch.signal.aborted) connection.health.failed(asking, failure);
    return without(signal.aborted ? 'TIMED_OUT' : 'UNAVAILABLE', failure);
  }
  const results = readAnswer(parts, answer);
  const failed = results.find(({ status }) => status === 'UNAVAILABLE');
  if (failed) connection.health.failed(asking, failed.failure);
  else if (results.some(({ status }) => status === 'ANSWERED')) connection.health.answered(asking);
  return results;
}
