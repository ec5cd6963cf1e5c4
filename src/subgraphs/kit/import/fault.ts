/** What can be wrong with a delivered row. */
export type FaultKind =
  | 'UNREADABLE'
  | 'COLUMN_COUNT'
  | 'MISSING'
  | 'DUPLICATE'
  | 'NOT_A_DATE'
  | 'NOT_A_PERSON'
  | 'MALFORMED'
  | 'UNKNOWN_VALUE'
  | 'UNKNOWN_FACILITY'
  | 'UNKNOWN_REFERENCE'
  | 'CONTRADICTION';

/** One fault of a row; the sentence may quote the delivered value, so it goes into the rejects file only. */
export interface Fault {
  readonly kind: FaultKind;
  readonly column?: string;
  readonly sentence: string;
}

/** An import that cannot be done at all; the message says what to do and carries no delivered value. Nothing was changed. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** An import that was told to stop before it was done; the message says what became of it, and carries no delivered value. */
export class ImportInterrupted extends Error {
  override readonly name = 'ImportInterrupted';
}
