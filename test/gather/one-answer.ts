import { type ResponsePath, responsePathAsArray } from 'graphql';
import { type LightRecord, holderOf } from './light-archive.ts';

/** A path with `@` for each list position. */
export const patternOf = (path: readonly (string | number)[]): string =>
  path.map((key) => (typeof key === 'number' ? '@' : key)).join('.');

/** What one answer says of hosts beside its data. */
export class ToldOfHosts {
  /** `custodian pattern REASON`, and the field (`Type.field`) where one is not served. */
  readonly incomplete = new Set<string>();
  /** How many records of each host are in the answer. */
  readonly records = new Map<string, number>();
  /** Hosts whose part is missing where other hosts' is not. */
  readonly failed = new Set<string>();

  tell(custodian: string, at: ResponsePath | string, reason: string, coordinate = ''): void {
    const pattern = typeof at === 'string' ? at : patternOf(responsePathAsArray(at));
    this.failed.add(custodian);
    this.incomplete.add(`${custodian} ${pattern} ${reason} ${coordinate}`.trimEnd());
  }

  count(records: readonly LightRecord[]): readonly LightRecord[] {
    for (const { id } of records) this.records.set(holderOf(id), (this.records.get(holderOf(id)) ?? 0) + 1);
    return records;
  }
}
