import type { ErrorCode } from '../protocol/errors.ts';

/**
 * How a custodian took part in an answer. `REFUSED` also where nothing that was asked of it may be seen, and `UNAVAILABLE`
 * also where it was not asked because what leads to it was unavailable.
 */
export type CustodianStatus = 'ANSWERED' | 'UNAVAILABLE' | 'TIMED_OUT' | 'REFUSED';

/** The code of the errors that stand where such a custodian's part is missing. */
export const CODE_OF: Readonly<Record<Exclude<CustodianStatus, 'ANSWERED'>, ErrorCode>> = {
  UNAVAILABLE: 'CUSTODIAN_UNAVAILABLE',
  TIMED_OUT: 'CUSTODIAN_TIMED_OUT',
  REFUSED: 'CUSTODIAN_REFUSED',
};

/**
 * Where an answer of several hosts is not whole because of one of them: it has missed an earlier page of this walk, or
 * joined after it, so that what it would have had there is not shown; a number is null because its part is not known; it has answered, but not this;
 * it does not serve a field (`coordinate`); or it has not agreed to be asked about persons for the declared purpose. `path`
 * is a pattern, with `@` for list positions.
 */
export interface Incomplete {
  readonly path: readonly string[];
  readonly reason: 'MISSED_EARLIER_PAGE' | 'NOT_COUNTED' | 'NOT_ANSWERED' | 'NOT_SERVED' | 'NOT_ASKED_ABOUT_PERSONS';
  readonly coordinate?: string;
}

/**
 * One entry of `extensions.custodians`: how a custodian took part, how many of its records the answer holds, and where it
 * kept failing and is left alone, for how many seconds; and where it hosts its subgraph with others, what is not whole
 * because of it.
 */
export interface CustodianReport {
  readonly custodian: string;
  readonly status: CustodianStatus;
  readonly records: number;
  readonly retryAfter?: number;
  readonly incomplete?: readonly Incomplete[];
}
