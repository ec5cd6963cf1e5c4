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
 * One entry of `extensions.custodians`: how a custodian took part, how many of its records the answer holds, and where it
 * kept failing and is left alone, for how many seconds.
 */
export interface CustodianReport {
  readonly custodian: string;
  readonly status: CustodianStatus;
  readonly records: number;
  readonly retryAfter?: number;
}
