import { AccessAnswer } from '../../protocol/access-answer.ts';
import { type Credentials, type CustodianCredentials, credentialHeaders } from '../custodian-credentials.ts';
import type { CustodianConnection } from '../custodian-connection.ts';
import { ExpiringCache } from '../expiring-cache.ts';
import { parseJson } from '../json-object.ts';
import type { Viewer } from '../identify.ts';
import type { RequestWatch, WatchedQuestion } from '../observe/request-watch.ts';

/** What a custodian grants the viewer for the declared purpose, with the credentials to ask it; or that it did not say. */
export type CustodianAccess =
  | { readonly status: 'ANSWERED'; readonly answer: AccessAnswer; readonly credentials: Credentials }
  | { readonly status: 'UNAVAILABLE' | 'REFUSED' };

/** Milliseconds: for obtaining credentials, and for the question itself. */
export interface AccessDeadlines {
  readonly custodian: number;
  readonly access: number;
}

const REMEMBERED = 10_000;

/** Custodians themselves read their grants on every request; this only spares the question on a page of many requests. */
const REUSE = 5_000;

/** Asks custodians what they grant, and keeps the answers for a few seconds, never beyond the moment at which a grant lapses. */
export class AccessQuestions {
  readonly #credentials: CustodianCredentials;
  readonly #deadlines: AccessDeadlines;
  readonly #now: () => number;
  readonly #answers: ExpiringCache<AccessAnswer>;
  readonly #asking = new Map<string, Promise<CustodianAccess>>();
  readonly #failed: (custodian: string, requestId: string, cause: unknown) => void;
  readonly #looked: (isKnown: boolean) => void;

  /** `failed` hears, for the operator, why a custodian did not answer; `looked` whether an answer was kept from before. */
  constructor(
    credentials: CustodianCredentials,
    deadlines: AccessDeadlines,
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
   * way is not asked again; since others may wait for it, it ends at its own deadlines and not with a request.
   */
  ask(
    connection: CustodianConnection,
    viewer: Viewer,
    requestId: string,
    watch: RequestWatch,
  ): Promise<CustodianAccess> {
    const key = JSON.stringify([viewer.token, viewer.ref, answerKey(viewer, connection.custodian.id)]);
    const asking =
      this.#asking.get(key) ?? this.#ask(connection, viewer, requestId, watch).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(
    connection: CustodianConnection,
    viewer: Viewer,
    requestId: string,
    watch: RequestWatch,
  ): Promise<CustodianAccess> {
    const { id } = connection.custodian;
    let question: WatchedQuestion | undefined;
    const ended = (access: CustodianAccess): CustodianAccess => {
      question?.ended(access.status);
      return access;
    };
    try {
      const credentials = await this.#credentials.of(viewer, id, AbortSignal.timeout(this.#deadlines.custodian));
      const known = this.#answers.get(answerKey(viewer, id));
      this.#looked(known !== undefined);
      if (known) return { status: 'ANSWERED', answer: known, credentials };
      question = watch.asks(connection.custodian, 'ACCESS');
      const { status, text } = await connection.request({
        method: 'GET',
        path: '/access',
        headers: { ...credentialHeaders(credentials, requestId), ...question.headers },
        signal: AbortSignal.timeout(this.#deadlines.access),
      });
      if (status === 401 || status === 403) {
        this.#credentials.forget(viewer, id);
        return ended({ status: 'REFUSED' });
      }
      const answer = AccessAnswer.safeParse(status === 200 ? parseJson(text) : undefined);
      if (!answer.success || answer.data.custodian !== id) throw new Error(`/access answers ${status}`);
      this.#answers.set(answerKey(viewer, id), answer.data, this.#reusableUntil(answer.data));
      return ended({ status: 'ANSWERED', answer: answer.data, credentials });
    } catch (cause) {
      this.#failed(id, requestId, cause);
      return ended({ status: 'UNAVAILABLE' });
    }
  }

  /** Forgets an answer that the custodian has meanwhile contradicted. */
  forget(viewer: Viewer, custodian: string): void {
    this.#answers.delete(answerKey(viewer, custodian));
    this.#credentials.forget(viewer, custodian);
  }

  #reusableUntil({ grants }: AccessAnswer): number {
    return Math.min(this.#now() + REUSE, ...grants.map(({ until }) => Date.parse(until)));
  }
}

const answerKey = ({ subject, subjectKind, purpose }: Viewer, custodian: string): string =>
  JSON.stringify([subject, subjectKind, purpose, custodian]);
