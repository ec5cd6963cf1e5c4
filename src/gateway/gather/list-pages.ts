import type { ErrorCode } from '../../protocol/errors.ts';
import { type ListPosition, type Row, compareRows } from './rows.ts';

/** What one host has brought of a list: its rows from the position on, in their order, and whether it has more. */
export interface HostRows {
  rows: readonly Row[];
  hasMore: boolean;
}

/** The rows that a host is asked for to complete a page: how many, after which. */
export interface Demand {
  readonly custodian: string;
  readonly first: number;
  readonly after: ListPosition;
}

/** The fewest rows that a host is asked for: asking again costs more than a few rows. */
const FEW = 5;

/** How many rows each of so many hosts is asked for at first: twice its share of the page. */
export const firstShare = (first: number, hosts: number): number =>
  Math.min(first, Math.max(FEW, Math.ceil((2 * first) / hosts)));

/** One page of a list that several hosts hold, as it comes together. */
export class ListPage {
  readonly first: number;
  /** Where the page before ended. */
  readonly after: ListPosition | undefined;
  /** Hosts that have not brought their rows of an earlier page of this walk; others joined after it `began`. */
  readonly missedBefore: ReadonlySet<string>;
  readonly began: number;
  /** What is wrong with what the page was asked for by. */
  readonly fault: ErrorCode | undefined;
  readonly #hosts = new Map<string, HostRows>();
  #inOrder: readonly Row[] | undefined;
  /** Hosts that have brought fewer rows than the page may hold of theirs. */
  readonly missing = new Set<string>();

  constructor(
    first: number,
    {
      after,
      missed,
      began,
    }: { readonly after?: ListPosition; readonly missed: Iterable<string>; readonly began: number },
    fault?: ErrorCode,
  ) {
    this.first = first;
    this.after = after;
    this.missedBefore = new Set(missed);
    this.began = began;
    this.fault = fault;
  }

  /** What a host has brought, after all that it had brought before. */
  bring(custodian: string, { rows, hasMore }: HostRows): void {
    this.#hosts.set(custodian, { rows: [...(this.#hosts.get(custodian)?.rows ?? []), ...rows], hasMore });
    this.#inOrder &&= merged(this.#inOrder, rows);
  }

  /** The rows that may still be missing: of each host that has more, where its last row may lie within the page. */
  demands(): Demand[] {
    const sorted = this.#sorted();
    const end = sorted[this.first - 1];
    return Array.from(this.#hosts).flatMap(([custodian, { rows, hasMore }]) => {
      const last = rows.at(-1);
      if (!hasMore || !last || (end && compareRows(last, end) >= 0)) return [];
      // No more of its rows fit than there are places after its last.
      return [{ custodian, first: this.first - sorted.indexOf(last) - 1, after: last }];
    });
  }

  /** The page's rows, and whether any follow. */
  rows(): { readonly rows: readonly Row[]; readonly hasMore: boolean } {
    const sorted = this.#sorted();
    const hasMore = sorted.length > this.first || [...this.#hosts.values()].some((host) => host.hasMore);
    return { rows: sorted.slice(0, this.first), hasMore };
  }

  #sorted(): readonly Row[] {
    this.#inOrder ??= [...this.#hosts.values()].flatMap(({ rows }) => rows).sort(compareRows);
    return this.#inOrder;
  }
}

/** Two lists in order as one. */
function merged(one: readonly Row[], other: readonly Row[]): readonly Row[] {
  const all: Row[] = [];
  let at = 0;
  for (const row of one) {
    for (let next = other[at]; next && compareRows(next, row) < 0; next = other[at]) {
      all.push(next);
      at += 1;
    }
    all.push(row);
  }
  return [...all, ...other.slice(at)];
}
