import type { Query } from '../storage.ts';
import type { Fault } from './fault.ts';
import type { ReadRow, Reject } from './import-file.ts';
import { readIds } from './keep-records.ts';

/**
 * The numbers that the rows of one file have taken so far, with their lines; in the database, so that a file of any size
 * takes up no memory. To be used in a transaction, one after the other.
 */
export class TakenNumbers {
  readonly #query: Query;

  private constructor(query: Query) {
    this.#query = query;
  }

  /** Of a file of which no row has been read yet. */
  static async open(query: Query): Promise<TakenNumbers> {
    await query({
      sql: 'create temporary table taken_numbers (reference text primary key, line integer not null) on commit drop',
      parameters: [],
    });
    return new TakenNumbers(query);
  }

  /**
   * Rejects rows whose number another row has taken. That row may be one of an earlier import where the row was rejected
   * then for the same reason: what is imported again must not replace the row that was taken.
   */
  async refuse(outcomes: readonly (ReadRow | Reject)[]): Promise<readonly (ReadRow | Reject)[]> {
    const read = outcomes.filter((outcome) => 'records' in outcome);
    if (read.length === 0) return outcomes;
    const known = await this.#query<{ reference: string; line: number }>({
      sql: 'select reference, line from taken_numbers where reference = any ($1::text[])',
      parameters: [read.map(({ records: [{ reference }] }) => reference)],
    });
    const lines = new Map(known.map(({ reference, line }) => [reference, line]));
    const replaced = await this.#replaced(read.filter(({ row }) => row.wasDuplicate));
    const taken: { reference: string; line: number }[] = [];
    const told = outcomes.map((outcome) => {
      if ('faults' in outcome) return outcome;
      const { row, records } = outcome;
      const [{ reference }] = records;
      const line = lines.get(reference);
      if (line !== undefined) return { row, faults: [duplicate(reference, `line ${line} has`)] };
      if (row.wasDuplicate && replaced.has(reference))
        return { row, faults: [duplicate(reference, 'an accepted row has')] };
      lines.set(reference, row.line);
      taken.push({ reference, line: row.line });
      return outcome;
    });
    await this.#query({
      sql: 'insert into taken_numbers select * from unnest($1::text[], $2::integer[])',
      parameters: [taken.map(({ reference }) => reference), taken.map(({ line }) => line)],
    });
    return told;
  }

  /** Forgets them. */
  async close(): Promise<void> {
    await this.#query({ sql: 'drop table taken_numbers', parameters: [] });
  }

  /** Which of the numbers records have. */
  async #replaced(rows: readonly ReadRow[]): Promise<ReadonlyMap<string, string>> {
    const records = rows.map(({ records: [own] }) => own);
    const [first] = records;
    return first
      ? readIds(
          this.#query,
          first.table,
          records.map(({ reference }) => reference),
        )
      : new Map();
  }
}

const duplicate = (reference: string, other: string): Fault => ({
  kind: 'DUPLICATE',
  sentence: `${other} the same number '${reference}'; that one was taken`,
});
