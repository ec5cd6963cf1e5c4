import type { GraphQLError } from 'graphql';
import type { Incomplete } from '../custodian-status.ts';
import type { LateRefusal } from './gather-round.ts';

/** What is not whole in an answer because of one host, and where in the fetch. */
export interface IncompletePlace extends Incomplete {
  readonly custodian: string;
}

/** A fetch's answer, gathered from many hosts. */
export interface GatheredAnswer {
  readonly data: Record<string, unknown>;
  readonly errors: readonly GraphQLError[];
  readonly refusals: readonly LateRefusal[];
  readonly incomplete: readonly IncompletePlace[];
  /** How many of its records the answer holds, by custodian. */
  readonly records: ReadonlyMap<string, number>;
}
