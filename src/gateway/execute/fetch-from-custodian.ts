import { type DocumentNode, GraphQLError } from 'graphql';
import { z } from 'zod';
import { type ErrorCode, isErrorCode, messageOf } from '../../protocol/errors.ts';
import type { CustodianAnswer, CustodianConnection } from '../custodian-connection.ts';
import { type Credentials, credentialHeaders } from '../custodian-credentials.ts';
import { parseJson } from '../json-object.ts';
import { CODE_OF, type CustodianStatus } from '../custodian-status.ts';
import { type AnswerPath, ENTITIES, FetchShape } from './conform-answer.ts';

/** One fetch of a query plan, from one custodian, for one request. */
export interface CustodianFetch {
  readonly connection: CustodianConnection;
  readonly credentials: Credentials;
  readonly requestId: string;
  readonly shape: FetchShape;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The request's own, and how many milliseconds this custodian has. */
  readonly signal: AbortSignal;
  readonly deadline: number;
}

/** What a fetch brought: data that fits what was asked for, errors with listed codes, fields that the custodian withheld. */
export interface FetchResult {
  readonly status: CustodianStatus;
  readonly data: Record<string, unknown> | undefined;
  readonly errors: readonly GraphQLError[];
  readonly withheld: readonly AnswerPath[];
  /** For the operator: what went wrong where the custodian gave no usable answer. */
  readonly failure?: unknown;
}

/** Codes that speak of the client's own request; others from a custodian speak of the custodian, or of the gateway. */
const PASSED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'CURSOR_INVALID',
  'FILTER_WITHHELD',
  'OPERATION_TOO_COSTLY',
  'PAGE_TOO_LARGE',
  'RATE_LIMITED',
]);

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/graphql-response+json']);

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        path: z.array(z.union([z.string(), z.number()])).nullish(),
        extensions: z.object({ code: z.unknown() }).optional(),
      }),
    )
    .optional(),
});

/** Asks one custodian; whatever goes wrong there costs this fetch alone, and is said with a listed code. */
export async function fetchFromCustodian(fetch: CustodianFetch): Promise<FetchResult> {
  const { connection, credentials, requestId, shape, query, variables } = fetch;
  const signal = AbortSignal.any([fetch.signal, AbortSignal.timeout(fetch.deadline)]);
  let answer: CustodianAnswer;
  try {
    answer = await connection.request({
      method: 'POST',
      path: `/${connection.custodian.subgraph}/graphql`,
      headers: { 'content-type': 'application/json', ...credentialHeaders(credentials, requestId) },
      body: JSON.stringify({ query, variables }),
      signal,
    });
  } catch (failure) {
    return { ...withoutAnswer(shape, signal.aborted ? 'TIMED_OUT' : 'UNAVAILABLE'), failure };
  }
  return readAnswer(shape, answer);
}

function readAnswer(shape: FetchShape, { status, mediaType, text }: CustodianAnswer): FetchResult {
  const body = Answer.safeParse(JSON_TYPES.has(mediaType) ? parseJson(text) : undefined);
  const { data, errors: reported = [] } = body.success ? body.data : {};
  const codes = reported.map(({ extensions }) => extensions?.code).filter(isErrorCode);
  if (status !== 200 || !data) {
    const code = codes.find((listed) => PASSED_ON.has(listed));
    if (code)
      return {
        status: 'ANSWERED',
        data: undefined,
        errors: shape.rootPaths().map((path) => errorAt(code, path)),
        withheld: [],
      };
    const failure = new UnusableAnswerError(`${status}${codes[0] ? ` ${codes[0]}` : ''}`);
    return { ...withoutAnswer(shape, status === 401 || status === 403 ? 'REFUSED' : 'UNAVAILABLE'), failure };
  }
  const errors: GraphQLError[] = [];
  const conformed = shape.conform(data, (path) => errors.push(errorAt('CUSTODIAN_UNAVAILABLE', path)));
  if (!conformed) return { ...withoutAnswer(shape, 'UNAVAILABLE'), failure: new UnusableAnswerError('SHAPE') };
  const withheld: AnswerPath[] = [];
  for (const { path, extensions } of reported) {
    const known = path && shape.coordinateAt(path) !== undefined ? path : undefined;
    const code = isErrorCode(extensions?.code) ? extensions.code : undefined;
    if (code === 'FIELD_WITHHELD' && known) withheld.push(known);
    else errors.push(errorAt(code && PASSED_ON.has(code) ? code : 'CUSTODIAN_UNAVAILABLE', known));
  }
  return { status: 'ANSWERED', data: conformed, errors, withheld };
}

/** An answer that is none; `code` is its HTTP status and, where it has one, its listed code. */
class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
  readonly code: string;

  constructor(code: string) {
    super('the custodian gave no usable answer');
    this.code = code;
  }
}

/** The errors that stand in the place of all that was asked for. */
export function withoutAnswer(shape: FetchShape, status: Exclude<CustodianStatus, 'ANSWERED'>): FetchResult {
  return {
    status,
    data: undefined,
    errors: shape.rootPaths().map((path) => errorAt(CODE_OF[status], path)),
    withheld: [],
  };
}

/** An error with nothing of the custodian's own words. */
export function errorAt(code: ErrorCode, path: AnswerPath | undefined): GraphQLError {
  return new GraphQLError(messageOf(code), { extensions: { code }, ...(path && { path }) });
}

/** The shape of a fetch as the executor hands it over. */
export function shapeOf(
  schema: ConstructorParameters<typeof FetchShape>[0],
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): FetchShape {
  const representations = z.array(z.object({ __typename: z.string() })).safeParse(variables.representations);
  return new FetchShape(schema, document, representations.data?.map(({ __typename }) => __typename) ?? []);
}

/** A path in a fetch's answer as a pattern in the whole answer: `@` for any list position. */
export function patternOf(fetchedAt: readonly (string | number)[], path: AnswerPath): string[] {
  const inside = path[0] === ENTITIES ? path.slice(2) : path;
  return [...fetchedAt, ...inside].map((key) => (typeof key === 'number' ? '@' : key));
}
