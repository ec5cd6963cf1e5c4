import type { ErrorCode } from '../../../protocol/errors.ts';
import { type Span, TRACE_HEADER, type Tracer } from '../../../protocol/traces.ts';
import type { Storage } from '../storage.ts';
import type { CustodianMetrics } from './custodian-metrics.ts';
import { tracedStorage } from './watch-storage.ts';

/** What the custodian's operator is told of requests by. */
export interface Instruments {
  readonly metrics: CustodianMetrics;
  readonly tracer: Tracer;
}

/** How an exchange ended. */
export interface Ending {
  readonly door: string;
  readonly code: ErrorCode | undefined;
  /** The fields asked for which no grant carries. */
  readonly withheld: readonly string[];
}

/** One exchange as the operator's instruments see it, and nothing of what it says. */
export class ExchangeWatch {
  readonly #instruments: Instruments;
  readonly #requestId: string;
  readonly #began = { at: Date.now(), on: performance.now() };
  #span: Span | undefined;

  constructor(instruments: Instruments, requestId: string) {
    this.#instruments = instruments;
    this.#requestId = requestId;
  }

  /**
   * The request has proved that it comes from a viewer by way of a gateway: only now is its `traceparent` believed, and
   * a span worth its cost.
   */
  proved(headers: Readonly<Record<string, unknown>>): void {
    const traceparent = headers[TRACE_HEADER];
    this.#span = this.#instruments.tracer.begin(
      'serve',
      { 'amana.request': this.#requestId },
      { began: this.#began.at, traceparent: typeof traceparent === 'string' ? traceparent : undefined },
    );
  }

  /** The storage, with a span for each of this exchange's statements. */
  storage(storage: Storage): Storage {
    return this.#span ? tracedStorage(storage, this.#span) : storage;
  }

  /** The answer is logged, and leaves. */
  ended({ door, code, withheld }: Ending): void {
    const { metrics } = this.#instruments;
    metrics.count('amana_custodian_requests_total', { door, outcome: code === undefined ? 'ANSWERED' : 'REFUSED' });
    metrics.time('amana_custodian_request_seconds', { door }, performance.now() - this.#began.on);
    if (code !== undefined) metrics.count('amana_custodian_refusals_total', { code });
    for (const coordinate of withheld) metrics.count('amana_custodian_withheld_total', { coordinate });
    this.#span?.end(code === undefined ? {} : { 'amana.code': code });
  }
}
