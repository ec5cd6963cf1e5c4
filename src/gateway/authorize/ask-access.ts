import { AccessAnswer } from '../../protocol/access-answer.ts';
import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import { ClientGoneError, hasLeft } from '../client-gone-error.ts';
import { type Credentials, type CustodianCredentials, credentialHeaders } from '../custodian-credentials.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import { CustodianRestingError } from '../custodian-health.ts';
import { ExpiringCache } from '../expiring-cache.ts';
import { parseJson } from '../json-object.ts';
import type { Viewer } from '../identify.ts';
import type { RequestWatch } from '../observe/request-watch.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { viewerKeys } from '../viewer-keys.ts';
import { within } from '../within.ts';

/**
 * What a custodian grants the viewer for the declared purpose, with the credentials to ask it; or that it did not say, and
 * with which code.
 */
export type CustodianAccess =
  | { readonly status: 'ANSWERED'; readonly answer: AccessAnswer; readonly credentials: Credentials }
  | { readonly status: 'UNAVAILABLE' | 'REFUSED'; readonly code: ErrorCode };

/** A question under way, for one request or several. */
interface Question {
  readonly access: Promise<CustodianAccess>;
  /** Ended when none of them waits for it any more. */
  readonly abandoned: AbortController;
  waiting: number;
}

/** Milliseconds: for obtaining credentials, and for the question itself. */
export interface AccessDeadlines {
  readonly custodian: number;
  readonly access: number;
}

const REMEMBERED = 10_000;

/** Characters of an answer: a thousand grants take about half as many, and answers are kept for many viewers. */
const LONGEST = 512 * 1024;

/** Custodians themselves read their grants on every request; this only spares the question on a page of many requests. */
const REUSE = 5_000;

/**
 * Asks custodians what they grant, and keeps the answers for a few seconds, never beyond the moment at which a grant
 * lapses: an answer by (viewer, kind of viewer, purpose, custodian), a question under way by the viewer's token and the
 * reference besides.
 */
export class AccessQuestions {
  readonly #credentials: CustodianCredentials;
  readonly #deadlines: () => AccessDeadlines;
  readonly #now: () => number;
  readonly #answers: ExpiringCache<AccessAnswer>;
  readonly #questions = new Map<string, Question>();
  readonly #failed: (custodian: string, requestId: string, cause: unknown) => void;
  readonly #looked: (isKnown: boolean) => void;

  /** `failed` hears, for the operator, why a custodian did not answer; `looked` whether an answer was kept from before. */
  constructor(
    credentials: CustodianCredentials,
    deadlines: () => AccessDeadlines,
    now: () => number,
    failed: (custodian: string, requestId: string, cause: unknown) => void,
    looked: (isKnown: boolean) => void,
  ) {
    this.#looked = looked;
    this.#failed = failed;
    this.#credentials = credentials;
    this.#deadlines = deadlines;
    this.#now = now;
    this.#answers = new ExpiringCache(REMEMBERED, now);
  }

  /**
   * One custodian's answer; what fails, or takes too long, is `UNAVAILABLE`, and never a denial. A question that is under
   * way is not asked again; it ends at its own deadlines, or with the last of the requests that wait for it (`signal`).
   * Where everything is known, nothing is begun.
   */
  ask(
    connection: CustodianConnection,
    viewer: Viewer,
    requestId: string,
    watch: RequestWatch,
    signal: AbortSignal,
  ): Promise<CustodianAccess> {
    const { id } = connection.custodian;
    const known = this.#known(viewer, id);
    if (known) return Promise.resolve(known);
    const { token, context } = viewerKeys(viewer, id);
    const key = `${token} ${context}`;
    const question = this.#questions.get(key) ?? this.#begin(key, connection, viewer, requestId, watch);
    question.waiting += 1;
    const leave = (): void => {
      question.waiting -= 1;
      if (question.waiting > 0) return;
      this.#end(key, question);
      question.abandoned.abort(new ClientGoneError());
    };
    signal.addEventListener('abort', leave, { once: true });
    return question.access;
  }

  #known(viewer: Viewer, custodian: string): CustodianAccess | undefined {
    const answer = this.#answers.get(viewerKeys(viewer, custodian).grants);
    const credentials = answer && this.#credentials.known(viewer, custodian);
    if (!credentials) return undefined;
    this.#looked(true);
    return { status: 'ANSWERED', answer, credentials };
  }

  #begin(
    key: string,
    connection: CustodianConnection,
    viewer: Viewer,
    requestId: string,
    watch: RequestWatch,
  ): Question {
    const abandoned = new AbortController();
    const access = this.#ask(connection, viewer, requestId, watch, abandoned.signal).finally(() =>
      this.#end(key, question),
    );
    const question: Question = { access, abandoned, waiting: 0 };
    this.#questions.set(key, question);
    return question;
  }

  /** Whoever asks from now on begins anew. */
  #end(key: string, question: Question): void {
    if (this.#questions.get(key) === question) this.#questions.delete(key);
  }

  async #ask(
    connection: CustodianConnection,
    viewer: Viewer,
    requestId: string,
    watch: RequestWatch,
    abandoned: AbortSignal,
  ): Promise<CustodianAccess> {
    const { id } = connection.custodian;
    const deadlines = this.#deadlines();
    try {
      const credentials = await within(abandoned, deadlines.custodian, (signal) =>
        this.#credentials.of(viewer, id, signal),
      );
      const known = this.#answers.get(viewerKeys(viewer, id).grants);
      this.#looked(known !== undefined);
      if (known) return { status: 'ANSWERED', answer: known, credentials };
      const answer = await within(abandoned, deadlines.access, (signal) =>
        askOne(connection, credentials, requestId, watch, signal),
      );
      if (!answer) {
        this.#credentials.forget(viewer, id);
        return { status: 'REFUSED', code: 'CUSTODIAN_REFUSED' };
      }
      this.#answers.set(viewerKeys(viewer, id).grants, answer, this.#reusableUntil(answer));
      return { status: 'ANSWERED', answer, credentials };
    } catch (cause) {
      if (!abandoned.aborted && !(cause instanceof CustodianRestingError)) this.#failed(id, requestId, cause);
      return { status: 'UNAVAILABLE', code: cause instanceof ListedError ? cause.code : 'CUSTODIAN_UNAVAILABLE' };
    }
  }

  /** Forgets an answer that the custodian has meanwhile contradicted. */
  forget(viewer: Viewer, custodian: string): void {
    this.#answers.delete(viewerKeys(viewer, custodian).grants);
    this.#credentials.forget(viewer, custodian);
  }

  #reusableUntil({ grants }: AccessAnswer): number {
    return Math.min(this.#now() + REUSE, ...grants.map(({ until }) => Date.parse(until)));
  }
}

/** Undefined where the custodian refuses to say; throws where it gives no usable answer. */
async function askOne(
  connection: CustodianConnection,
  credentials: Credentials,
  requestId: string,
  watch: RequestWatch,
  signal: AbortSignal,
): Promise<AccessAnswer | undefined> {
  const { custodian, health } = connection;
  const asking = { door: '/access', viewer: credentials.viewer, requestId };
  await connection.admit(signal);
  const question = watch.asks(custodian, 'ACCESS');
  try {
    const headers = { ...credentialHeaders(credentials, requestId), ...question.headers };
    const { status, text } = await connection.request({ method: 'GET', path: asking.door, headers, signal });
    if (status === 401 || status === 403) {
      question.ended('REFUSED');
      return undefined;
    }
    const isUsable = status === 200 && text.length <= LONGEST;
    const answer = AccessAnswer.safeParse(isUsable ? parseJson(text) : undefined);
    if (!answer.success || answer.data.custodian !== custodian.id) throw new UnusableAnswerError(String(status));
    health.answered(asking);
    question.ended('ANSWERED');
    return answer.data;
  } catch (cause) {
    question.ended('UNAVAILABLE');
    if (!hasLeft(signal)) health.failed(asking, cause);
    throw cause;
  }
}
