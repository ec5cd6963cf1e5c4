import type { RecordRow } from './record-row.ts';

/** The records of a page, and whether more follow. */
export interface Page {
  readonly rows: readonly RecordRow[];
  readonly more: boolean;
}

/** How many records a page holds where the request does not say. */
export const DEFAULT_PAGE = 20;

/** How many records a page holds at most. */
export const LARGEST_PAGE = 200;

/** The page size that a `first` argument asks for; undefined where it is out of range. */
export function pageSize(first: unknown): number | undefined {
  if (first === undefined || first === null) return DEFAULT_PAGE;
  return typeof first === 'number' && first >= 1 && first <= LARGEST_PAGE ? first : undefined;
}
