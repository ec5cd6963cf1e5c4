import { GraphQLError } from 'graphql';
import { type ErrorCode, messageOf } from '../../protocol/errors.ts';
import type { UnaskedField } from '../authorize/authorize-operation.ts';
import type { RENAMED } from '../authorize/rewrite-operation.ts';
import { ENTITIES } from './conform-answer.ts';
import { pathsAt } from './paths-at.ts';
import type { AnswerPath } from './answer-reading.ts';
import { tellPlaces } from './tell-places.ts';

/** An error with nothing of the custodian's own words; `more` places of its kind have none of their own. */
export function errorAt(code: ErrorCode, path: AnswerPath | undefined, more = 0): GraphQLError {
  return new GraphQLError(messageOf(code), { extensions: { code, ...(more > 0 && { more }) }, ...(path && { path }) });
}

/** A path in a fetch's answer as a pattern in the whole answer, in the client's names: `@` for any list position. */
export function patternOf(fetchedAt: readonly (string | number)[], path: AnswerPath): string[] {
  const inside = path[0] === ENTITIES ? path.slice(2) : path;
  return [...fetchedAt, ...inside].map((key) => (typeof key === 'number' ? '@' : clientName(key)));
}

/** An error as it is told of a subgraph that is no custodian's. */
export function ofPlainSubgraph(error: GraphQLError): GraphQLError {
  const code = PLAIN_CODE_OF[String(error.extensions['code'])];
  return code ? errorAt(code, error.path) : error;
}

const PLAIN_CODE_OF: Readonly<Record<string, ErrorCode>> = {
  CUSTODIAN_UNAVAILABLE: 'SUBGRAPH_UNAVAILABLE',
  CUSTODIAN_REFUSED: 'SUBGRAPH_UNAVAILABLE',
  CUSTODIAN_TIMED_OUT: 'SUBGRAPH_TIMED_OUT',
};

/** Each place in the answer at which a field is null because its custodian was not asked. */
export function unaskedErrors(
  unasked: readonly UnaskedField[],
  data: Readonly<Record<string, unknown>> | null,
): GraphQLError[] {
  return unasked.flatMap(({ path, code }) => {
    const told = tellPlaces(pathsAt(path, data), () => '');
    return told.map(({ place, more }) => errorAt(code, place, more));
  });
}

/** A place in the answer where the client knows it. */
export const clientPath = (path: AnswerPath): AnswerPath =>
  path.map((key) => (typeof key === 'string' ? clientName(key) : key));

const RENAMED_PREFIX: typeof RENAMED = '__as_';

/** The name under which the client has asked for what was asked for under this one. */
const clientName = (key: string): string => (key.startsWith(RENAMED_PREFIX) ? key.slice(RENAMED_PREFIX.length) : key);

/** As many as an answer may hold, whatever the number of fetches that failed. */
export function boundErrors(errors: readonly GraphQLError[]): GraphQLError[] {
  const kindOf = ({ path, extensions: { code } }: GraphQLError): string =>
    JSON.stringify([code, path && patternOf([], path)]);
  return tellPlaces(errors, kindOf).map(({ place, more }) => {
    const { message, path, extensions } = place;
    if (more === 0) return place;
    const before = typeof extensions.more === 'number' ? extensions.more : 0;
    return new GraphQLError(message, {
      extensions: { ...extensions, more: before + more },
      ...(path && { path }),
    });
  });
}
