import type { Requirement } from '../protocol/requirements.ts';

/**
 * Why a part of an answer is withheld; `EXPIRED` and `PURPOSE` where a lapsed grant, or one for another purpose, would do;
 * of plain subgraphs `UNAUTHENTICATED` where nobody has signed in, `POLICY` where the operator's policies say no.
 */
export type WithheldReason = 'UNAUTHENTICATED' | 'NO_GRANT' | 'PURPOSE' | 'EXPIRED' | 'POLICY';

/** One entry of `extensions.withheld`: what, by whom, why, and whom to ask. */
export interface Withheld {
  /** Response keys from the root, `@` for any list position. */
  readonly path: readonly string[];
  /** The field withheld (`Type.field`); where a filter is refused, the field that it reads. */
  readonly coordinate: string;
  /** Left out where a plain subgraph's: how the operator has cut the schema up is nobody's business. */
  readonly custodian?: string;
  /** Scopes; policies are the operator's own matter. */
  readonly requires: Requirement;
  readonly reason: WithheldReason;
  readonly contact?: string;
  /** Withheld on some records only: those whose labels are cleared by grants which do not carry this field. */
  readonly partial?: true;
}

/** The report of one answer: each entry once per coordinate, custodian and path. */
export class WithheldReport {
  readonly #entries = new Map<string, Withheld>();

  /** Adds an entry, and says whether it is news; the first of the same coordinate, custodian and path stays. */
  add(entry: Withheld): boolean {
    const key = JSON.stringify([entry.coordinate, entry.custodian, entry.path]);
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, entry);
    return true;
  }

  /** The entries in the order in which they were found. */
  entries(): readonly Withheld[] {
    return [...this.#entries.values()];
  }
}
