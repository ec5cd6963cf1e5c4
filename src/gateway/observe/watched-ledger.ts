import type { Ledger } from '../ledger/ledger.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** How long an entry that was written proves that another can be, in milliseconds. */
const PROVES = 5_000;

/** A ledger whose lag is measured, and of which it is known whether it can be written. */
export class WatchedLedger implements Ledger {
  readonly #ledger: Ledger;
  readonly #metrics: GatewayMetrics;
  readonly #now: () => number;
  #writtenAt = -Infinity;

  constructor(ledger: Ledger, metrics: GatewayMetrics, now: () => number) {
    this.#ledger = ledger;
    this.#metrics = metrics;
    this.#now = now;
  }

  async append(entry: object): Promise<void> {
    const began = performance.now();
    const ended = (result: 'durable' | 'failed'): void =>
      this.#metrics.time('amana_gateway_log_seconds', { result }, performance.now() - began);
    try {
      await this.#ledger.append(entry);
      this.#writtenAt = this.#now();
      ended('durable');
    } catch (cause) {
      this.#writtenAt = -Infinity;
      ended('failed');
      throw cause;
    }
  }

  probe(): Promise<void> {
    return this.#ledger.probe();
  }

  /** Whether an entry could be written now: one was a moment ago, or a probe shows it. */
  async isWritable(): Promise<boolean> {
    if (this.#now() < this.#writtenAt + PROVES) return true;
    await this.probe();
    return true;
  }

  close(): Promise<void> {
    return this.#ledger.close();
  }
}
