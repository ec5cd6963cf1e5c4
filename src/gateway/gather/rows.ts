import type { JsonObject } from '../json-object.ts';
import { compareCodePoints } from './code-points.ts';

/** A place in the order of all hosts' rows: by the sort key, then the custodian, then the record. */
export interface ListPosition {
  readonly sortKey: string;
  readonly custodian: string;
  readonly id: string;
}

/** One row of a list, where it stands, and how many of its host's records are in it. */
export interface Row extends ListPosition {
  readonly edge: JsonObject;
  readonly records: number;
}

/** The total order of all hosts' rows; negative where the first comes first. */
export function compareRows(a: ListPosition, b: ListPosition): number {
  return (
    compareCodePoints(a.sortKey, b.sortKey) ||
    compareCodePoints(a.custodian, b.custodian) ||
    compareCodePoints(a.id, b.id)
  );
}
