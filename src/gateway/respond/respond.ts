import type { GraphQLFormattedError } from 'graphql';
import { type ErrorCode, isErrorCode, messageOf, statusOf } from '../../protocol/errors.ts';
import type { CustodianReport } from '../custodian-status.ts';
import type { WithheldAs } from '../receive/receive-request.ts';
import type { Asker, RequestLog } from '../record/record-request.ts';
import type { Withheld } from '../withheld.ts';

/** What leaves: the GraphQL response and, where the request is refused, its HTTP status. */
export interface FinalResponse {
  readonly status: number | undefined;
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly errors?: readonly GraphQLFormattedError[];
    readonly extensions: Readonly<Record<string, unknown>>;
  };
}

interface Ending {
  readonly id: string;
  readonly log: RequestLog;
  /** Masked already. */
  readonly errors: readonly GraphQLFormattedError[];
  readonly withheld: readonly Withheld[];
}

/** An answer that was executed; `withheldAs` is how the client wants to be told. */
export interface Answer extends Ending {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly custodians: readonly CustodianReport[];
  /** Whether the client is told of them: not of plain subgraphs. */
  readonly tellsCustodians: boolean;
  /** Those withheld in whose place there can be no null. */
  readonly unfilled: readonly Withheld[];
  readonly withheldAs: WithheldAs;
  readonly viewer: Asker;
  /** Whether the client is gone. */
  readonly isAbandoned: boolean;
}

/** A request that ended before it was executed. */
export interface Refusal extends Ending {
  readonly viewer: Asker | undefined;
}

/** Adds the reports, writes the closing entry, and only then lets the answer go; without the entry there is no answer. */
export async function respondAnswer(answer: Answer): Promise<FinalResponse> {
  const { id, log, data, errors, withheld, unfilled, custodians, withheldAs, viewer, isAbandoned } = answer;
  if (withheldAs === 'reject' && withheld.length > 0) {
    return respondRefusal({ id, log, viewer, withheld, errors: [errorOf('OPERATION_WITHHELD')] });
  }
  const all = [...errors, ...(withheldAs === 'errors' ? withheld : unfilled).map(withheldError)];
  const outcome = { custodians, withheld, codes: codesOf(all) };
  return unlessUnlogged(id, isAbandoned ? log.abandoned(id, outcome) : log.answered(id, outcome), {
    status: undefined,
    body: {
      data,
      ...(all.length > 0 && { errors: all }),
      extensions: { requestId: id, withheld, ...(answer.tellsCustodians && { custodians }) },
    },
  });
}

/** Writes the entry of a refusal, and only then lets the refusal go. */
export async function respondRefusal({ id, log, viewer, errors, withheld }: Refusal): Promise<FinalResponse> {
  const codes = codesOf(errors);
  return unlessUnlogged(id, log.refused(id, viewer, { custodians: [], withheld, codes }), {
    status: statusOf(codes[0] ?? 'INTERNAL_SERVER_ERROR'),
    body: { errors, extensions: { requestId: id, ...(withheld.length > 0 && { withheld }) } },
  });
}

async function unlessUnlogged(id: string, logged: Promise<void>, response: FinalResponse): Promise<FinalResponse> {
  try {
    await logged;
    return response;
  } catch {
    return {
      status: statusOf('LOG_UNAVAILABLE'),
      body: { errors: [errorOf('LOG_UNAVAILABLE')], extensions: { requestId: id } },
    };
  }
}

const errorOf = (code: ErrorCode): GraphQLFormattedError => ({ message: messageOf(code), extensions: { code } });

/** The path is a pattern, with `@` for list positions: what is withheld never depends on how much there is. */
const withheldError = ({ path }: Withheld): GraphQLFormattedError => ({
  ...errorOf('UNAUTHORIZED_FIELD_OR_TYPE'),
  path,
});

function codesOf(errors: readonly GraphQLFormattedError[]): ErrorCode[] {
  return [...new Set(errors.map(({ extensions }) => extensions?.code).filter(isErrorCode))];
}
