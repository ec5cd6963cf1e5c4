import type { DocumentNode, GraphQLError } from 'graphql';
import type { ErrorCode } from '../../protocol/errors.ts';
import { CODE_OF, type CustodianStatus } from '../custodian-status.ts';
import { errorAt } from './answer-errors.ts';
import type { FetchShape } from './conform-answer.ts';
import type { EntityKeys } from './entity-keys.ts';
import type { AnswerPath } from './answer-reading.ts';
import { tellPlaces } from './tell-places.ts';

/** One question of a query plan. */
export interface FetchPart {
  readonly shape: FetchShape;
  /** Of entities, the keys by which they are asked for, where it is for this fetch to look at them. */
  readonly keys?: EntityKeys | undefined;
  readonly document: DocumentNode;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
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

/** The errors that stand in the place of all that was asked for. */
export function withoutAnswer(shape: FetchShape, status: Exclude<CustodianStatus, 'ANSWERED'>): FetchResult {
  return {
    status,
    data: undefined,
    errors: errorsAtRoots(shape, CODE_OF[status]),
    withheld: [],
  };
}

/** One error for each root, where they are few. */
export const errorsAtRoots = (shape: FetchShape, code: ErrorCode): GraphQLError[] =>
  tellPlaces(shape.rootPaths(), (path) => shape.patternOf(path)).map(({ place, more }) => errorAt(code, place, more));
