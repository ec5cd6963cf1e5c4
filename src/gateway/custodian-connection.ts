import { once } from 'node:events';
import { Pool } from 'undici';
import { Turns } from '../protocol/turns.ts';
import { CustodianHealth, type HealthSurroundings } from './custodian-health.ts';
import { type WholeAnswer, exchangeWhole } from './whole-exchange.ts';

const MAXIMUM_ANSWER = 8 * 1024 * 1024;
const CONNECTIONS = 32;
/** On how many of them one viewer's records are fetched: two who ask for as much as they can leave some for all others. */
const OF_ONE_VIEWER = 12;

/** Milliseconds that a custodian has to say that it is ready, before a request goes to it that waits for that. */
const PROBE = 1_000;

/** One custodian as the gateway's configuration names it. */
export interface Custodian {
  readonly id: string;
  readonly subgraph: string;
  readonly url: string;
  readonly name: { readonly en: string; readonly ar: string };
  readonly contact: string;
}

/** What a custodian answered over HTTP, the body as text. */
export type CustodianAnswer = WholeAnswer;

/** What is asked of a custodian; `signal` ends the exchange, body included. */
export interface CustodianRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The kept-alive connections to one custodian: the only thing that requests share. */
export class CustodianConnection {
  readonly custodian: Custodian;
  readonly health: CustodianHealth;
  /** Of viewers, for what is fetched for them. */
  readonly turns = new Turns(OF_ONE_VIEWER);
  readonly #pool: Pool;
  readonly #base: string;

  constructor(custodian: Custodian, surroundings: HealthSurroundings) {
    const { origin, pathname } = new URL(custodian.url);
    this.custodian = custodian;
    this.health = new CustodianHealth(custodian.id, surroundings);
    this.#base = pathname.replace(/\/$/u, '');
    this.#pool = new Pool(origin, {
      connections: CONNECTIONS,
      maxResponseSize: MAXIMUM_ANSWER,
      connect: { timeout: 3_000 },
    });
  }

  /** The path at which it answers GraphQL. */
  get endpoint(): string {
    return `/${this.custodian.subgraph}/graphql`;
  }

  /**
   * Comes before what is asked for a viewer; throws a `CustodianRestingError` where the custodian is left alone. A probe
   * is on behalf of all: it goes on where the signal ends, which ends the waiting for it.
   */
  async admit(signal: AbortSignal): Promise<void> {
    if (this.health.condition === 'ASKED') return;
    const admitted = this.health.admit(() => this.isReady(AbortSignal.timeout(PROBE)));
    await Promise.race([admitted, once(signal, 'abort')]);
  }

  /** Whether the custodian says that it is ready; whatever else it says, or does not, it is not. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.request({ method: 'GET', path: '/health/ready', headers: {}, signal });
      return answer.status === 200 && answer.mediaType === 'application/json';
    } catch {
      return false;
    }
  }

  /**
   * Sends one request, follows no redirect, and reads at most 8 MB as they come, nothing encoded. Throws where there is no
   * whole answer.
   */
  request({ method, path, headers, body, signal }: CustodianRequest): Promise<CustodianAnswer> {
    const sent = { accept: 'application/json', 'accept-encoding': 'identity', ...headers };
    const request = { method, path: `${this.#base}${path}`, headers: sent, ...(body !== undefined && { body }) };
    return exchangeWhole(this.#pool, request, signal);
  }

  /** Ends idle connections and waits for those in use. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
