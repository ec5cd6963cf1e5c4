import type { TouchedCustodian } from '../authorize/custodian-part.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import type { CustodianStatus } from '../custodian-status.ts';
import type { RequestWatch } from '../observe/request-watch.ts';
import { AnswerRoom } from './answer-room.ts';
import { type FetchPart, type FetchResult, withoutAnswer } from './fetch-part.ts';
import { fetchFromCustodian } from './fetch-from-custodian.ts';
import { groupParts } from './group-parts.ts';
import { within } from '../within.ts';

/** What asking the custodians of one request takes. */
export interface ExchangeSettings {
  readonly requestId: string;
  readonly watch: RequestWatch;
  readonly hosts: ReadonlyMap<string, readonly CustodianConnection[]>;
  /** By custodian. */
  readonly touched: ReadonlyMap<string, TouchedCustodian>;
  readonly signal: AbortSignal;
  /** Milliseconds for one exchange. */
  readonly deadline: number;
  /** Hears of an exchange that brought no usable answer. */
  readonly failed: (touched: TouchedCustodian, failure: unknown) => void;
}

interface WaitingPart {
  readonly part: FetchPart;
  readonly answered: (result: FetchResult) => void;
  readonly broken: (cause: unknown) => void;
}

/** The exchanges of one request with custodians: what is asked of one of them at one time goes as one question, if one takes it. */
export class CustodianExchanges {
  /** How each custodian that was asked took part; where several exchanges differ, how the one did that failed. */
  readonly statuses = new Map<string, CustodianStatus>();
  readonly room = new AnswerRoom();
  readonly #settings: ExchangeSettings;
  readonly #waiting = new Map<CustodianConnection, WaitingPart[]>();

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
  }

  /** Asks one custodian, at the end of this turn of the event loop; whatever goes wrong there is in the result. */
  ask(connection: CustodianConnection, part: FetchPart): Promise<FetchResult> {
    return new Promise((answered, broken) => {
      if (this.#waiting.size === 0) setImmediate(() => void this.#askAll());
      const waiting = this.#waiting.get(connection);
      const one = { part, answered, broken };
      if (waiting) waiting.push(one);
      else this.#waiting.set(connection, [one]);
    });
  }

  /** Asks for all that waits: those who are asked at one time share one deadline. */
  #askAll(): Promise<unknown> {
    const { signal, deadline } = this.#settings;
    const all = [...this.#waiting];
    this.#waiting.clear();
    return within(signal, deadline, (bounds) =>
      Promise.all(
        all.flatMap(([connection, parts]) => grouped(parts).map((group) => this.#exchange(connection, group, bounds))),
      ),
    );
  }

  /** An answer that was taken for one turns out not to be. */
  lied({ custodian, health }: CustodianConnection, failure: unknown): void {
    const touched = this.#settings.touched.get(custodian.id);
    this.statuses.set(custodian.id, 'UNAVAILABLE');
    if (touched?.access.status !== 'ANSWERED') return;
    const { viewer } = touched.access;
    health.failed({ door: `/${custodian.subgraph}/graphql`, viewer, requestId: this.#settings.requestId }, failure);
    this.#settings.failed(touched, failure);
  }

  async #exchange(connection: CustodianConnection, parts: readonly WaitingPart[], bounds: AbortSignal): Promise<void> {
    try {
      const results = await this.#ask(
        connection,
        parts.map(({ part }) => part),
        bounds,
      );
      for (const [index, { answered, part }] of parts.entries())
        answered(results[index] ?? withoutAnswer(part.shape, 'UNAVAILABLE'));
    } catch (cause) {
      for (const { broken } of parts) broken(cause);
    }
  }

  /** Nothing is ever sent to a custodian that has not said what it grants to this viewer for this purpose. */
  async #ask(
    connection: CustodianConnection,
    parts: readonly FetchPart[],
    bounds: AbortSignal,
  ): Promise<FetchResult[]> {
    const { custodian } = connection;
    const { touched, watch, requestId, signal, failed } = this.#settings;
    const one = touched.get(custodian.id);
    const before = this.statuses.get(custodian.id);
    // A custodian that has failed this request once is not waited for again.
    if (before !== undefined && before !== 'ANSWERED') return parts.map(({ shape }) => withoutAnswer(shape, before));
    if (one?.access.status !== 'ANSWERED')
      return this.#told(
        custodian.id,
        parts.map(({ shape }) => withoutAnswer(shape, 'UNAVAILABLE')),
      );
    const { viewer, headers } = one.access;
    const question = watch.asks(custodian, parts.some(({ shape }) => shape.isOfEntities) ? 'ENTITIES' : 'ROOTS');
    const fetch = { connection, viewer, requestId, headers: { ...headers, ...question.headers }, signal, bounds };
    const results = this.#told(custodian.id, await fetchFromCustodian(fetch, parts));
    question.ended(this.statuses.get(custodian.id) ?? 'UNAVAILABLE');
    const failure = results.find((result) => result.failure !== undefined)?.failure;
    if (failure !== undefined) failed(one, failure);
    return results;
  }

  #told(custodian: string, results: FetchResult[]): FetchResult[] {
    for (const { status } of results)
      if (status !== 'ANSWERED' || !this.statuses.has(custodian)) this.statuses.set(custodian, status);
    return results;
  }
}

/** Nobody waits for what is thrown where all are asked: those who wait for an answer hear of it, and the process goes on. */
function grouped(parts: readonly WaitingPart[]): WaitingPart[][] {
  try {
    return groupParts(parts);
  } catch (cause) {
    for (const { broken } of parts) broken(cause);
    return [];
  }
}
