import type { Way } from './ways.ts';

/** Requests one after the other, in one process. */
export interface Block {
  /** Milliseconds of each. */
  readonly milliseconds: readonly number[];
  /** Requests a second. */
  readonly rate: number;
  /** User and system time of the process, milliseconds a request. */
  readonly processorMilliseconds: number;
  /** Resident memory of the process after it, in bytes. */
  readonly memory: number;
}

/** How many walks are under way at once. */
const AT_ONCE = 4;

/** Walks through so many pages, from the first; answers the ids on each. */
export async function walkOnce(way: Way, pages: number): Promise<string[][]> {
  const found = [];
  let after: string | null = null;
  for (let n = 0; n < pages; n += 1) {
    const page = await way.page(after);
    found.push(page.nodes.map(({ id }) => id));
    after = page.endCursor;
    if (!page.hasNextPage) break;
  }
  return found;
}

/** Asks for so many pages, of a few walks at once, each of which begins anew after `pages` of them. */
export async function walkBlock(way: Way, pages: number, requests: number): Promise<Block> {
  const milliseconds: number[] = [];
  let left = requests;
  const walk = async (): Promise<void> => {
    let after: string | null = null;
    for (let n = 0; left > 0; n += 1) {
      left -= 1;
      if (n % pages === 0) after = null;
      const began = performance.now();
      const page = await way.page(after);
      milliseconds.push(performance.now() - began);
      after = page.endCursor;
    }
  };
  const [began, before] = [performance.now(), process.cpuUsage()];
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
  const [took, { user, system }] = [performance.now() - began, process.cpuUsage(before)];
  return {
    milliseconds,
    rate: (requests / took) * 1_000,
    processorMilliseconds: (user + system) / 1_000 / requests,
    memory: process.memoryUsage.rss(),
  };
}
