import { GraphQLError } from 'graphql';

/**
 * Every code that leaves the gateway or a custodian: its HTTP status where the whole request is refused with it, and
 * the sentence that the client reads. Messages never carry a value of the request or of a record.
 */
export const ERRORS = {
  UNAUTHENTICATED: [
    401,
    'A valid access token for this service is needed. Sign in again and send it as a Bearer token in the Authorization header.',
  ],
  CONTEXT_INVALID: [
    401,
    'A valid request context, signed by the gateway for this custodian and this viewer within the last minute, is needed.',
  ],
  PURPOSE_MISSING: [
    400,
    'Say what the request is for in the header Amana-Purpose, for example: Amana-Purpose: IDENTIFICATION; ref="A-17/2026".',
  ],
  PURPOSE_UNKNOWN: [
    400,
    'Amana-Purpose must be one of IDENTIFICATION, FAMILY_TRACING, CRIMINAL_INVESTIGATION, RESEARCH, STATISTICS, COORDINATION, with an optional ; ref="..." of at most 64 printable ASCII characters.',
  ],
  BAD_REQUEST: [
    400,
    'The request is not a GraphQL request. Send JSON with a "query" and, where needed, "variables" and "operationName".',
  ],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Send the request as application/json in UTF-8.'],
  NOT_ACCEPTABLE: [406, 'Accept application/json or application/graphql-response+json: nothing else is answered.'],
  PAYLOAD_TOO_LARGE: [413, 'The request is too large. Send a shorter document and fewer variables.'],
  METHOD_NOT_ALLOWED: [405, 'Send operations with POST.'],
  RANGE_REFUSED: [416, 'Images are served whole. Send the request without a Range header.'],
  NOT_FOUND: [404, 'There is nothing at this address.'],
  GRAPHQL_PARSE_FAILED: [400, 'The document is not valid GraphQL.'],
  GRAPHQL_VALIDATION_FAILED: [400, 'The document does not fit the schema.'],
  OPERATION_RESOLUTION_FAILURE: [
    400,
    'The document holds several operations, or none of the name given: say which with "operationName".',
  ],
  BAD_USER_INPUT: [400, 'A variable or an argument has a value that does not fit its type.'],
  CURSOR_INVALID: [
    400,
    'The cursor is not one that was given to you for this list with this filter. Start again from the first page.',
  ],
  PAGE_TOO_LARGE: [400, 'Ask for 1 to 200 records a page.'],
  OPERATION_TOO_COSTLY: [
    400,
    'The operation asks for too much at once. Ask for fewer fields, fewer levels or smaller pages.',
  ],
  RATE_LIMITED: [429, 'Too many requests. Wait a moment and try again.'],
  FILTER_WITHHELD: [
    403,
    'A filter reads a field that you may not see, so it may not be used. Leave it out, or ask the custodian for access.',
  ],
  OPERATION_WITHHELD: [
    403,
    'A part of the operation may not be seen by you, and the request asked to be refused in that case.',
  ],
  UNAUTHORIZED_FIELD_OR_TYPE: [
    403,
    'This field is withheld from you. extensions.withheld says by whom, why, and whom to ask.',
  ],
  FIELD_WITHHELD: [403, 'This field is withheld from you for the declared purpose.'],
  CUSTODIAN_UNAVAILABLE: [
    503,
    'This custodian could not be asked, or gave no usable answer: its part is missing, and does not say that there is nothing.',
  ],
  CUSTODIAN_TIMED_OUT: [
    504,
    'This custodian did not answer in time: its part is missing, and does not say that there is nothing.',
  ],
  CUSTODIAN_REFUSED: [
    502,
    'This custodian refused the request: its part is missing, and does not say that there is nothing.',
  ],
  SUBGRAPH_UNAVAILABLE: [
    503,
    'A subgraph could not be asked, or reported an error here: this part is missing, and does not say that there is nothing.',
  ],
  SUBGRAPH_TIMED_OUT: [
    504,
    'A subgraph did not answer in time: this part is missing, and does not say that there is nothing.',
  ],
  IDENTITY_PROVIDER_UNAVAILABLE: [
    503,
    'The identity provider does not answer, so it cannot be found out who asks: what is missing is not denied. Try again later.',
  ],
  LOG_UNAVAILABLE: [503, 'The access log cannot be written, so nothing can be answered. Try again later.'],
  INTERNAL_SERVER_ERROR: [500, 'Something failed here. The request id tells the operator which request it was.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof ERRORS;

/** Whether a text, say out of another program's answer, is one of the listed codes. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERRORS, code);

/** The HTTP status of a request refused with a code. */
export const statusOf = (code: ErrorCode): number => ERRORS[code][0];

/** The public sentence of a code. */
export const messageOf = (code: ErrorCode): string => ERRORS[code][1];

/** What a client reads of a whole request that is refused, by the gateway and by custodians alike. */
export const refusalBody = (code: ErrorCode, requestId: string, message: string = messageOf(code)): object => ({
  errors: [{ message, extensions: { code } }],
  extensions: { requestId },
});

/** A refusal or failure with a listed code: the only error whose code reaches a client. What the operator should read goes into `cause`. */
export class ListedError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(
    code: ErrorCode,
    options: { path?: readonly (string | number)[]; detail?: string; cause?: unknown } = {},
  ) {
    super(options.detail ?? messageOf(code), {
      extensions: { code, http: { status: statusOf(code) } },
      ...(options.path && { path: options.path }),
      ...(options.cause instanceof Error && { originalError: options.cause }),
    });
    this.code = code;
  }
}
