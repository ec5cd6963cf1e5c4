import type { Photograph } from './archive.ts';

/** How a page is asked for from many hosts: of each in turn, by an ideal program of all at once, or by the gateway. */
export const WAYS = ['one by one', 'by hand', 'amana'] as const;

export type WayName = (typeof WAYS)[number];

/** A page of photographs; a cursor is each way's own. */
export interface Page {
  readonly nodes: readonly Photograph[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** One way of asking one set of hosts. */
export interface Way {
  page(after: string | null): Promise<Page>;
}

/** One host, as it is asked. */
export interface HostAddress {
  readonly custodian: string;
  readonly url: string;
}

/** Rows of a page. */
export const PAGE = 20;

/** What proves a viewer to a host goes with each question, about as long as tokens are. */
export const CREDENTIALS = { viewer: 'viewer', token: 't'.repeat(900), context: 'c'.repeat(600) } as const;
