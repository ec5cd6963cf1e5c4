import type { GraphQLError } from 'graphql';
import { type ErrorCode, isErrorCode } from '../../protocol/errors.ts';
import type { CustodianAnswer } from '../custodian-connection.ts';
import { type JsonObject, isJsonObject, parseJson } from '../json-object.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { errorAt } from './answer-errors.ts';
import { partsOf } from './combine-parts.ts';
import { ENTITIES, type FetchShape } from './conform-answer.ts';
import { fitsScalar } from './fits-scalar.ts';
import { type FetchPart, type FetchResult, errorsAtRoots, withoutAnswer } from './fetch-part.ts';
import type { AnswerPath } from './answer-reading.ts';

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

/** Reads an answer over HTTP for each part that was asked for: what is wrong with it costs its part alone. */
export function readAnswer(parts: readonly FetchPart[], answer: CustodianAnswer): FetchResult[] {
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
  const isPath = Array.isArray(path) && path.every(isPathKey);
  return { code: isJsonObject(extensions) ? extensions.code : undefined, path: isPath ? path : undefined };
}

const NAME = /^[_a-z]\w*$/iu;

/** A path goes on to clients: a place in a list is what they can count to, and a name is one ("Response Position"). */
const isPathKey = (key: unknown): key is string | number =>
  typeof key === 'string' ? NAME.test(key) : typeof key === 'number' && key >= 0 && fitsScalar('Int', key, true);

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
