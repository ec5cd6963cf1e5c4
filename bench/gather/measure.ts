import { isDeepStrictEqual } from 'node:util';
import { type Spread, hostName } from './archive.ts';
import type { Asked, AskedAnswer } from './asker.ts';
import { Child } from './child.ts';
import type { HostsWanted } from './light-hosts.ts';
import type { Block } from './walk.ts';
import { WAYS, type WayName } from './ways.ts';

/** What is measured. */
export interface GatherWanted {
  /** How many hosts there are, in turn. */
  readonly hosts: readonly number[];
  /** Blocks of each way. */
  readonly rounds: number;
  /** Questions to hosts in one block. */
  readonly questions: number;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What came out of one way of asking so many hosts. */
export interface GatherMeasured {
  readonly hosts: number;
  readonly way: string;
  readonly rps: number;
  readonly p50: number;
  readonly p99: number;
  readonly rss: number;
  readonly cpuMs: number;
}

/** How the rows lie, and whether the last host is slow. */
interface Case {
  readonly name: string;
  readonly spread: Spread;
  readonly isSlow: boolean;
}

const CASES: readonly Case[] = [
  { name: '', spread: 'even', isSlow: false },
  { name: ', skewed', spread: 'skewed', isSlow: false },
  { name: ', one host slow', spread: 'even', isSlow: true },
];

/** Pages of a walk. */
const PAGES = 20;
/** Milliseconds that hosts have for an answer: more than any takes on a busy machine, but where one is slow on purpose. */
const DEADLINE = 10_000;
export const SLOW_DEADLINE = 500;
/** The fewest requests in one block. */
const FEWEST = 40;
/** Requests in one block where each waits for the deadline, and how often that is measured. */
const FEW = 8;
const FEW_ROUNDS = 3;
/** Node goes on compiling for so many, the longer the more code there is; a program at work is past that. */
const WARM_UPS = 15;

type Asker = Child<Asked, AskedAnswer>;

/** Asks in each way in turn, block by block, for each number of hosts; all in processes of their own, which end with it. */
export async function measureGathering(wanted: GatherWanted): Promise<GatherMeasured[]> {
  const measured: GatherMeasured[] = [];
  for (const hosts of wanted.hosts) measured.push(...(await measureHosts(hosts, wanted)));
  return measured;
}

async function measureHosts(hosts: number, wanted: GatherWanted): Promise<GatherMeasured[]> {
  const serving = new Child<HostsWanted, readonly string[]>('light-hosts.ts');
  const askers = WAYS.map((way): [WayName, Asker] => [way, new Child('asker.ts')]);
  const endAll = (): Promise<unknown> =>
    Promise.all([serving, ...askers.map(([, asker]) => asker)].map((one) => one.end()));
  const endNow = (): void => void endAll();
  wanted.signal.addEventListener('abort', endNow);
  try {
    wanted.signal.throwIfAborted();
    const addresses = await serving.ask({ hosts });
    const measured: GatherMeasured[] = [];
    for (const one of hosts === 1 ? CASES.slice(0, 1) : CASES) {
      wanted.onProgress(`${hosts} hosts${one.name}`);
      measured.push(...(await measureCase(one, addresses, askers, wanted)));
    }
    return measured;
  } finally {
    wanted.signal.removeEventListener('abort', endNow);
    await endAll();
  }
}

async function measureCase(
  { name, spread, isSlow }: Case,
  addresses: readonly string[],
  askers: readonly (readonly [WayName, Asker])[],
  { rounds, questions }: GatherWanted,
): Promise<GatherMeasured[]> {
  const hosts = addresses.map((address, host) => ({
    custodian: hostName(host),
    url: `${address}/${isSlow && host === addresses.length - 1 ? 'slow' : spread}`,
  }));
  const question = { hosts, deadline: isSlow ? SLOW_DEADLINE : DEADLINE, pages: PAGES };
  refuseDifferent(
    await Promise.all(askers.map(([way, asker]) => asker.ask({ ...question, way, pages: isSlow ? 1 : PAGES }))),
  );
  const requests = isSlow ? FEW : Math.max(FEWEST, Math.ceil(questions / hosts.length));
  const blocks = new Map(askers.map(([way]) => [way, new Array<Block>()]));
  const [warmUps, counted] = isSlow ? [0, Math.min(rounds, FEW_ROUNDS)] : [WARM_UPS, rounds];
  for (let round = 0; round < warmUps + counted; round += 1) {
    // Each round begins with another way, so that none always follows the same one.
    const first = round % askers.length;
    for (const asker of [...askers.slice(first), ...askers.slice(0, first)]) {
      const [way, asking] = asker;
      const { block } = await asking.ask({ ...question, way, requests });
      if (round >= warmUps && block) blocks.get(way)?.push(block);
    }
  }
  return Array.from(blocks, ([way, all]) => ({ hosts: hosts.length, way: `${way}${name}`, ...summed(all) }));
}

/** Throws where two ways have not found the same pages: then it was not the same work. */
function refuseDifferent([first, ...others]: readonly AskedAnswer[]): void {
  if (!first?.pages || others.some(({ pages }) => !isDeepStrictEqual(pages, first.pages)))
    throw new Error('not all ways have found the same pages');
}

function summed(blocks: readonly Block[]): Omit<GatherMeasured, 'hosts' | 'way'> {
  const all = blocks.flatMap(({ milliseconds }) => milliseconds);
  const middle = (of: (block: Block) => number): number => percentile(blocks.map(of), 0.5);
  return {
    rps: rounded(middle(({ rate }) => rate)),
    p50: rounded(percentile(all, 0.5)),
    p99: rounded(percentile(all, 0.99)),
    rss: Math.max(...blocks.map(({ memory }) => memory)),
    cpuMs: rounded(middle(({ processorMilliseconds }) => processorMilliseconds)),
  };
}

/** By nearest rank. */
function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const rounded = (value: number): number => Number(value.toFixed(3));
