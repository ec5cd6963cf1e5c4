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
    this.#inOrder &&= merged(this.#inOrder, rows, this.first);
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
    const rows = this.#sorted();
    const hosts = [...this.#hosts.values()];
    const brought = hosts.reduce((sum, host) => sum + host.rows.length, 0);
    return { rows, hasMore: brought > rows.length || hosts.some((host) => host.hasMore) };
  }

  /** The page's rows: of those that may follow, none. */
  #sorted(): readonly Row[] {
    this.#inOrder ??= allMerged(
      Array.from(this.#hosts.values(), ({ rows }) => rows),
      this.first,
    );
    return this.#inOrder;
  }
}

/** The first rows, so many, of lists in order. */
function allMerged(lists: readonly (readonly Row[])[], most: number): readonly Row[] {
  const [one = [], other] = lists;
  if (!other) return one.slice(0, most);
  const half = Math.ceil(lists.length / 2);
  return merged(allMerged(lists.slice(0, half), most), allMerged(lists.slice(half), most), most);
}

function merged(one: readonly Row[], other: readonly Row[], most: number): readonly Row[] {
  const all: Row[] = [];
  let [at, next] = [0, 0];
  while (all.length < most) {
    const [row, rival] = [one[at], other[next]];
    const isRowFirst = row && !(rival && compareRows(rival, row) < 0);
    const first = isRowFirst ? row : rival;
    if (!first) break;
    all.push(first);
    if (isRowFirst) at += 1;
    else next += 1;
  }
  return all;
}
