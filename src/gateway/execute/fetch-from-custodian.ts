import { type DocumentNode, GraphQLError } from 'graphql';
import { z } from 'zod';
import { type ErrorCode, isErrorCode, messageOf } from '../../protocol/errors.ts';
import { hasLeft } from '../client-gone-error.ts';
import type { CustodianAnswer, CustodianConnection } from '../custodian-connection.ts';
import { CustodianRestingError } from '../custodian-health.ts';
import { type JsonObject, isJsonObject, parseJson } from '../json-object.ts';
import { CODE_OF, type CustodianStatus } from '../custodian-status.ts';
import { clientName } from './client-names.ts';
import { partsOf, questionOf } from './combine-parts.ts';
import type { EntityKeys, Representation } from './entity-keys.ts';
import { tellPlaces } from './tell-places.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { ENTITIES, FetchShape } from './conform-answer.ts';
import type { AnswerPath } from './read-value.ts';

/** One question of a query plan. */
export interface FetchPart {
  readonly shape: FetchShape;
  /** Of entities, the keys by which they are asked for, where it is for this fetch to look at them. */
  readonly keys?: EntityKeys | undefined;
  readonly document: DocumentNode;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Whom to ask for one request, and how. */
export interface CustodianFetch {
  readonly connection: CustodianConnection;
  /** For whom and for which request a failure counts. */
  readonly viewer: string;
  readonly requestId: string;
  /** What proves to a custodian who asks, and by which it goes on with the request's trace. */
  readonly headers: Readonly<Record<string, string>>;
  /** The request's own, and the one that also ends when custodians have had their time. */
  readonly signal: AbortSignal;
  readonly bounds: AbortSignal;
}

/** What a fetch brought: data that fits what was asked for, errors with listed codes, fields that the custodian withheld. */
export interface FetchResult {
  readonly status: CustodianStatus;
  readonly data: Record<string, unknown> | undefined;
  readonly errors: readonly GraphQLError[];
  /** One path for each pattern of paths. */
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

/** Those that, where a whole fetch is refused, speak of all its variables, representations among them. */
const OF_THE_WHOLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BAD_USER_INPUT', 'OPERATION_TOO_COSTLY']);

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/graphql-response+json']);

/**
 * How many errors an answer may hold: in all (fields withheld on a page of records have one each), and of those that are
 * told apart. More are noise, on which the gateway spends no more time.
 */
const MOST_ERRORS = 50_000;
const MOST_TOLD_APART = 1_000;

/**
 * Asks one custodian, in one exchange, for all parts; whatever goes wrong there costs these alone, and is said with a
 * listed code.
 */
export async function fetchFromCustodian(fetch: CustodianFetch, parts: readonly FetchPart[]): Promise<FetchResult[]> {
  const { connection, viewer, requestId, headers, bounds: signal } = fetch;
  const path = connection.endpoint;
  const asking = { door: path, viewer, requestId };
  const without = (status: Exclude<CustodianStatus, 'ANSWERED'>, failure?: unknown): FetchResult[] =>
    parts.map(({ shape }) => ({ ...withoutAnswer(shape, status), ...(failure !== undefined && { failure }) }));
  let answer: CustodianAnswer;
  let isAsked = false;
  try {
    await connection.admit(signal);
    answer = await connection.turns.inTurn(viewer, signal, () => {
      isAsked = true;
      return connection.request({
        method: 'POST',
        path,
        headers: { ...headers, 'content-type': 'application/json' },
        body: questionOf(parts),
        signal,
      });
    });
  } catch (failure) {
    if (failure instanceof CustodianRestingError || hasLeft(fetch.signal)) return without('UNAVAILABLE');
    // Of a request that has run out of time the custodian may have had little, or nothing.
    if (isAsked && !fetch.signal.aborted) connection.health.failed(asking, failure);
    return without(signal.aborted ? 'TIMED_OUT' : 'UNAVAILABLE', failure);
  }
  const results = readAnswer(parts, answer);
  const failed = results.find(({ status }) => status === 'UNAVAILABLE');
  if (failed) connection.health.failed(asking, failed.failure);
  else if (results.some(({ status }) => status === 'ANSWERED')) connection.health.answered(asking);
  return results;
}

function readAnswer(parts: readonly FetchPart[], answer: CustodianAnswer): FetchResult[] {
  const { status } = answer;
  try {
    const bodies = partsOf(parts, readBody(answer));
    return parts.flatMap((part, index) => {
      const body = bodies[index];
      return body ? unlessUnusable(part, status, () => readPart(part, status, body)) : [];
    });
  } catch (failure) {
    return parts.map((part) =>
      unlessUnusable(part, status, () => {
        throw failure;
      }),
    );
  }
}

function unlessUnusable({ shape }: FetchPart, status: number, read: () => FetchResult): FetchResult {
  try {
    return read();
  } catch (failure) {
    if (!(failure instanceof UnusableAnswerError)) throw failure;
    return { ...withoutAnswer(shape, status === 401 || status === 403 ? 'REFUSED' : 'UNAVAILABLE'), failure };
  }
}

function readPart({ shape, keys }: FetchPart, status: number, { data, errors }: Body): FetchResult {
  if (status === 200 && data) {
    if (keys && !keys.fit(data[ENTITIES])) throw new UnusableAnswerError('KEYS');
    return { status: 'ANSWERED', ...readData(shape, data, errors) };
  }
  // Elsewhere than at custodians, whose root fields take null, one field's error may have taken the rest with it.
  if (status === 200 && errors.length > 0 && !shape.keepsContract) return withErrors(shape, 'CUSTODIAN_UNAVAILABLE');
  const codes = errors.map(({ code }) => code).filter(isErrorCode);
  // What is wrong with representations is the gateway's own doing, or that of the custodian which named them.
  const code = codes.find((listed) => PASSED_ON.has(listed) && !(shape.isOfEntities && OF_THE_WHOLE.has(listed)));
  if (!code) throw new UnusableAnswerError(`${status}${codes[0] ? ` ${codes[0]}` : ''}`);
  return withErrors(shape, code);
}

const withErrors = (shape: FetchShape, code: ErrorCode): FetchResult => ({
  status: 'ANSWERED',
  data: undefined,
  errors: errorsAtRoots(shape, code),
  withheld: [],
});

/** An error as a custodian has reported it. */
export interface ReportedError {
  readonly code: unknown;
  readonly path: AnswerPath | undefined;
}

/** An answer's body, as far as the gateway reads it. */
export interface Body {
  readonly data: JsonObject | undefined;
  readonly errors: readonly ReportedError[];
}

/** Implements "Response Format" as far as the gateway reads it. */
function readBody({ mediaType, text }: CustodianAnswer): Body {
  const body = JSON_TYPES.has(mediaType) ? parseJson(text) : undefined;
  const { data, errors = [] } = isJsonObject(body) ? body : {};
  if (!Array.isArray(errors) || errors.length > MOST_ERRORS) throw new UnusableAnswerError('ERRORS');
  return { data: isJsonObject(data) ? data : undefined, errors: errors.map(readError) };
}

function readError(error: unknown): ReportedError {
  const { path, extensions } = isJsonObject(error) ? error : {};
  const isPath = Array.isArray(path) && path.every((key) => typeof key === 'string' || typeof key === 'number');
  return { code: isJsonObject(extensions) ? extensions.code : undefined, path: isPath ? path : undefined };
}

function readData(
  shape: FetchShape,
  data: JsonObject,
  reported: readonly ReportedError[],
): Pick<FetchResult, 'data' | 'errors' | 'withheld'> {
  const errors: GraphQLError[] = [];
  const report = (code: ErrorCode, path: AnswerPath | undefined): void => {
    if (errors.length === MOST_TOLD_APART) throw new UnusableAnswerError('ERRORS');
    errors.push(errorAt(code, path));
  };
  const conformed = shape.conform(data, (path) => report('CUSTODIAN_UNAVAILABLE', path));
  const withheld = new Map<string, AnswerPath>();
  for (const { path, code } of reported) {
    const known = path && shape.coordinateAt(path) !== undefined ? path : undefined;
    if (code === 'FIELD_WITHHELD' && known && shape.keepsContract) withheld.set(shape.patternOf(known), known);
    else report(isErrorCode(code) && PASSED_ON.has(code) ? code : 'CUSTODIAN_UNAVAILABLE', known);
  }
  return { data: conformed, errors, withheld: [...withheld.values()] };
}

/** The errors that stand in the place of all that was asked for. */
export function withoutAnswer(shape: FetchShape, status: Exclude<CustodianStatus, 'ANSWERED'>): FetchResult {
  return {
    status,
    data: undefined,
    errors: errorsAtRoots(shape, CODE_OF[status]),
    withheld: [],
  };
}

const errorsAtRoots = (shape: FetchShape, code: ErrorCode): GraphQLError[] =>
  tellPlaces(shape.rootPaths(), (path) => shape.patternOf(path)).map(({ place, more }) => errorAt(code, place, more));

/** An error with nothing of the custodian's own words; `more` places of its kind have none of their own. */
export function errorAt(code: ErrorCode, path: AnswerPath | undefined, more = 0): GraphQLError {
  return new GraphQLError(messageOf(code), { extensions: { code, ...(more > 0 && { more }) }, ...(path && { path }) });
}

/** The shape of a fetch as the executor hands it over. */
export function shapeOf(
  schema: ConstructorParameters<typeof FetchShape>[0],
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
  keepsContract: boolean,
): FetchShape {
  const types = representationsOf(variables).map(({ __typename }) => __typename);
  return new FetchShape(schema, document, variables, types, keepsContract);
}

const Representations = z.array(z.looseObject({ __typename: z.string() }));

/** What names the entities of a fetch; none where it is no fetch of entities. */
export const representationsOf = (variables: Readonly<Record<string, unknown>>): readonly Representation[] =>
  Representations.safeParse(variables.representations).data ?? [];

/** A path in a fetch's answer as a pattern in the whole answer, in the client's names: `@` for any list position. */
export function patternOf(fetchedAt: readonly (string | number)[], path: AnswerPath): string[] {
  const inside = path[0] === ENTITIES ? path.slice(2) : path;
  return [...fetchedAt, ...inside].map((key) => (typeof key === 'number' ? '@' : clientName(key)));
}
