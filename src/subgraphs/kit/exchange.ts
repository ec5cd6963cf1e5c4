import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../../protocol/request-context.ts';
import type { AccessLogEntry } from './access-log.ts';
import type { FieldRules } from './field-rules.ts';
import type { GrantsAnswer } from './grants.ts';
import type { ViewerAccess } from './grants-in-force.ts';
import { ExchangeWatch, type Instruments } from './observe/exchange-watch.ts';
import { ReadAccount } from './viewer-request.ts';

/** One request from its arrival to its answer, as far as it has come. */
export class Exchange {
  readonly requestId: string;
  readonly account = new ReadAccount();
  readonly watch: ExchangeWatch;
  /** Known as soon as the token is verified. */
  subject: string | undefined;
  viewer: RequestContext | undefined;
  granted: { readonly access: ViewerAccess; readonly answer: GrantsAnswer } | undefined;
  /** Whether it came to a door that is for viewers, so that its refusal has a row in the access log, whoever asked. */
  isForViewers = false;
  /** Whether it may read records, so that also its answer has a row. */
  asksRecords = false;

  /** Takes the gateway's request id where it is one, and otherwise gives one. */
  constructor(requestId: unknown, instruments: Instruments) {
    this.requestId = typeof requestId === 'string' && /^[\w-]{8,64}$/u.test(requestId) ? requestId : randomUUID();
    this.watch = new ExchangeWatch(instruments, this.requestId);
  }

  /** Who asks and what is granted; throws where that has not been found out, which no handler may come before. */
  known(): { viewer: RequestContext; access: ViewerAccess; answer: GrantsAnswer } {
    if (!this.viewer || !this.granted) throw new Error('a request was handled before its viewer was known');
    return { viewer: this.viewer, ...this.granted };
  }

  /** The fields asked for which no grant carries: from the operation and the grants alone, whatever the records. */
  withheld(rules: FieldRules): string[] {
    const access = this.granted?.access;
    if (!access) return [];
    return [...this.account.coordinates].filter((coordinate) => !access.carries(rules.requirementOf(coordinate)));
  }

  /** The exchange's row in the access log; undefined where it is neither a refusal to a viewer nor an answer with records. */
  logEntry(): AccessLogEntry | undefined {
    const { subject, viewer, account } = this;
    if (!this.isForViewers || (account.code === undefined && !this.asksRecords)) return undefined;
    return {
      requestId: this.requestId,
      ...(subject !== undefined && { viewer: subject }),
      ...(viewer && { subjectKind: viewer.subjectKind, purpose: viewer.purpose }),
      ...(viewer?.ref !== undefined && { reference: viewer.ref }),
      outcome: account.code === undefined ? 'ANSWERED' : 'REFUSED',
      ...(account.code !== undefined && { code: account.code }),
      coordinates: [...account.coordinates],
      withheld: [...account.withheld],
      records: [...account.records, ...account.persons],
    };
  }
}
