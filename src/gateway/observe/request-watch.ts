import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import type { Span, SpanName, Tracer } from '../../protocol/traces.ts';
import type { Custodian } from '../custodian-connection.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** What the operator is told of requests by: counts and spans. */
export interface Instruments {
  readonly metrics: GatewayMetrics;
  readonly tracer: Tracer;
}

/** What a custodian can be asked. */
export type QuestionKind = 'ACCESS' | 'ROOTS' | 'ENTITIES';

/** A question to a custodian that is under way. */
export interface WatchedQuestion {
  /** What goes with it, so that the custodian's spans belong to the same trace. */
  readonly headers: Readonly<Record<string, string>>;
  ended(status: CustodianStatus): void;
}

type Stage = Exclude<SpanName, 'request' | 'ask' | 'serve' | 'statement'>;

/** One request as the operator's instruments see it: how far it came and who was asked, and nothing of what it says. */
export class RequestWatch {
  readonly #instruments: Instruments;
  readonly #began = performance.now();
  readonly #request: Span;
  #stage: Span;

  /** A client's own `traceparent` is not taken over: it would reach custodians, in words that the client has chosen. */
  constructor(instruments: Instruments, requestId: string) {
    this.#instruments = instruments;
    this.#request = instruments.tracer.begin('request', { 'amana.request': requestId });
    this.#stage = this.#request;
  }

  /** Runs a stage within a span of its own. */
  async stage<Result>(name: Stage, work: () => Result | Promise<Result>): Promise<Result> {
    const span = this.#request.child(name);
    this.#stage = span;
    try {
      const result = await work();
      span.end();
      return result;
    } catch (cause) {
      span.end({ 'amana.code': cause instanceof ListedError ? cause.code : 'INTERNAL_SERVER_ERROR' });
      throw cause;
    } finally {
      this.#stage = this.#request;
    }
  }

  /** A question to a custodian within the stage that runs now. */
  asks({ id, subgraph }: Custodian, question: QuestionKind): WatchedQuestion {
    const { metrics } = this.#instruments;
    const began = performance.now();
    const span = this.#stage.child('ask', {
      'amana.custodian': id,
      'amana.subgraph': subgraph,
      'amana.question': question,
    });
    return {
      headers: span.headers,
      ended(status) {
        metrics.time('amana_gateway_custodian_seconds', { custodian: id, question }, performance.now() - began);
        metrics.count('amana_gateway_custodian_answers_total', { custodian: id, question, status });
        span.end({ 'amana.status': status });
      },
    };
  }

  /** The request has its answer, which is ready to leave; `code` is the first in it. */
  ended(outcome: Outcome, code: ErrorCode = 'INTERNAL_SERVER_ERROR'): void {
    const { metrics } = this.#instruments;
    metrics.count('amana_gateway_requests_total', { outcome });
    metrics.time('amana_gateway_request_seconds', { outcome }, performance.now() - this.#began);
    if (outcome === 'REFUSED') metrics.count('amana_gateway_refusals_total', { code });
    this.#request.end(outcome === 'REFUSED' ? { 'amana.code': code } : {});
  }
}

/** How a request ended: refused as a whole, answered with errors in it, or answered. */
export type Outcome = 'REFUSED' | 'PARTIAL' | 'ANSWERED';

/** The outcome of an answer with these codes and, where the whole request was refused, an HTTP status. */
export function outcomeOf(status: number | undefined, codes: readonly ErrorCode[]): Outcome {
  if (status !== undefined) return 'REFUSED';
  return codes.length > 0 ? 'PARTIAL' : 'ANSWERED';
}

/** Hears, for the operator, whether something was found in a cache. */
export const looked =
  ({ metrics }: Pick<Instruments, 'metrics'>, cache: 'access' | 'plan' | 'validation') =>
  (isKnown: boolean): void =>
    metrics.count('amana_gateway_cache_total', { cache, result: isKnown ? 'hit' : 'miss' });
