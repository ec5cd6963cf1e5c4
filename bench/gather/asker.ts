import { amana } from './amana.ts';
import { byHand, oneByOne } from './by-hand.ts';
import { answerParent } from './child.ts';
import type { HostAddress, Way, WayName } from './ways.ts';
import { type Block, walkBlock, walkOnce } from './walk.ts';

/** What a process that asks is to do: to walk through so many pages and tell whose they are, or to measure a block. */
export interface Asked {
  readonly way: WayName;
  readonly hosts: readonly HostAddress[];
  /** Milliseconds. */
  readonly deadline: number;
  readonly pages: number;
  /** Where it is measured, by how many requests. */
  readonly requests?: number;
}

/** The ids on each page, or what was measured. */
export interface AskedAnswer {
  readonly pages?: readonly (readonly string[])[];
  readonly block?: Block;
}

const OPEN = { 'one by one': oneByOne, 'by hand': byHand, amana } as const;
const opened = new Map<string, Way>();

answerParent(async ({ way, hosts, deadline, pages, requests }: Asked): Promise<AskedAnswer> => {
  const key = hosts.map(({ url }) => url).join(' ');
  const open = opened.get(key) ?? OPEN[way](hosts, deadline);
  opened.set(key, open);
  return requests === undefined
    ? { pages: await walkOnce(open, pages) }
    : { block: await walkBlock(open, pages, requests) };
});
