import type { GraphQLError } from 'graphql';
import { isErrorCode } from '../../protocol/errors.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { errorAt } from '../execute/answer-errors.ts';
import type { GatheredAnswer } from './gathered-answer.ts';

/** Where nothing was asked for. */
export const NOTHING: GatheredAnswer = { data: {}, errors: [], refusals: [], incomplete: [], records: new Map() };

/** An answer, and others to what is within it. */
export function joinAnswers(one: GatheredAnswer, other: GatheredAnswer): GatheredAnswer {
  const records = new Map(one.records);
  for (const [custodian, count] of other.records) records.set(custodian, (records.get(custodian) ?? 0) + count);
  return {
    data: one.data,
    errors: [...one.errors, ...other.errors],
    refusals: [...one.refusals, ...other.refusals],
    incomplete: [...one.incomplete, ...other.incomplete],
    records,
  };
}

/** Answers for slices of the entities of a fetch, `length` of them in each but the last, as one for all of them. */
export function joinSlices(slices: readonly GatheredAnswer[], length: number): GatheredAnswer {
  const [only] = slices;
  if (only && slices.length === 1) return only;
  const moved = slices.map((slice, at) =>
    withPaths(slice, ([entities, index, ...below]) => [
      entities === ENTITIES && typeof index === 'number' ? [ENTITIES, at * length + index, ...below] : [],
    ]),
  );
  return { ...moved.reduce(joinAnswers, NOTHING), data: { [ENTITIES]: slices.flatMap(({ data }) => data[ENTITIES]) } };
}

/** An answer whose errors are told of other places, each maybe of several; a refusal is told of the first. */
export const withPaths = (
  answer: GatheredAnswer,
  pathsOf: (path: AnswerPath) => readonly AnswerPath[],
): GatheredAnswer => ({
  ...answer,
  errors: answer.errors.flatMap((error) => moved(error, pathsOf)),
  refusals: answer.refusals.flatMap((refusal) =>
    pathsOf(refusal.path)
      .slice(0, 1)
      .map((path) => ({ ...refusal, path })),
  ),
});

function moved(error: GraphQLError, pathsOf: (path: AnswerPath) => readonly AnswerPath[]): GraphQLError[] {
  const { code, more } = error.extensions;
  if (!isErrorCode(code) || !error.path) return [error];
  return pathsOf(error.path).map((path) => errorAt(code, path, typeof more === 'number' ? more : 0));
}
