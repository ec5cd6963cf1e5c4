import { createHmac } from 'node:crypto';
import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import type { Authorization } from '../authorize/authorize-operation.ts';
import type { CustodianReport } from '../custodian-status.ts';
import type { DeclaredPurpose } from '../../protocol/purposes.ts';
import type { Subject } from '../identify.ts';
import type { Withheld } from '../withheld.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** How a request ended, for its closing entry. */
export interface Outcome {
  readonly custodians: readonly CustodianReport[];
  readonly withheld: readonly Withheld[];
  /** The codes of the errors in the answer; a refusal has one. */
  readonly codes: readonly ErrorCode[];
}

/** Who asks, where he has signed in, and for what, where that was said. */
export type Asker = Partial<Subject> & Partial<DeclaredPurpose>;

/** The entries that a request leaves in the ledger; each rejects with `LOG_UNAVAILABLE` where it cannot be written. */
export interface RequestLog {
  /** Before anything is fetched: who asks, for what purpose, for which fields of which custodians. */
  opened(id: string, viewer: Asker, authorization: Authorization): Promise<void>;
  /** Before the answer leaves: what each custodian answered, and what was withheld. */
  answered(id: string, outcome: Outcome): Promise<void>;
  /** Instead of that where the client was gone by then: what had been answered, and goes nowhere. */
  abandoned(id: string, outcome: Outcome): Promise<void>;
  /** A request refused after it was read; the viewer where one was known by then. */
  refused(id: string, viewer: Asker | undefined, outcome: Outcome): Promise<void>;
}

/**
 * Writes requests to a ledger. Viewers and references stand in it as HMACs under the log's key (the same viewer the same
 * in every entry), records not at all.
 */
export function requestLog(
  ledger: Ledger,
  key: Buffer,
  now: () => number,
  failed: (cause: unknown) => void,
): RequestLog {
  const pseudonym = (kind: string, text: string): string =>
    createHmac('sha256', key).update(`${kind}\u0000${text}`).digest('base64url').slice(0, 32);
  const describe = ({ subject, subjectKind, purpose, ref }: Asker): object => ({
    viewer: subject === undefined ? null : pseudonym('subject', subject),
    kind: subjectKind,
    purpose,
    ...(ref !== undefined && { ref: pseudonym('ref', ref) }),
  });
  const append = async (event: string, id: string, entry: object): Promise<void> => {
    try {
      await ledger.append({ event, id, at: new Date(now()).toISOString(), ...entry });
    } catch (cause) {
      failed(cause);
      throw new ListedError('LOG_UNAVAILABLE', { cause });
    }
  };
  const close = (event: string, id: string, { custodians, withheld, codes }: Outcome): Promise<void> =>
    append(event, id, { custodians, withheld: withheld.map(brief), codes });
  return {
    opened: (id, viewer, { touched, withheld }) =>
      append('OPENED', id, {
        ...describe(viewer),
        custodians: Object.fromEntries(
          Array.from(touched.values())
            .filter(({ isInvolved }) => isInvolved)
            .map(({ custodian, coordinates }) => [custodian.id, [...coordinates]]),
        ),
        withheld: withheld.entries().map(brief),
      }),
    answered: (id, outcome) => close('ANSWERED', id, outcome),
    abandoned: (id, outcome) => close('ABANDONED', id, outcome),
    refused: (id, viewer, { withheld, codes }) =>
      append('REFUSED', id, {
        ...(viewer && describe(viewer)),
        ...(withheld.length > 0 && { withheld: withheld.map(brief) }),
        codes,
      }),
  };
}

/** Paths hold aliases, which are the client's own words; coordinates are the schema's. */
const brief = ({ coordinate, custodian, reason }: Withheld): object => ({ coordinate, custodian, reason });
