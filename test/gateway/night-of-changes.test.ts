import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINISTRY, MISSING } from './schemas.ts';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

const CHANGES = 200;
/** How much the heap may grow from the middle of the night to its end, in bytes: a snapshot takes about 2 MB. */
const GROWTH = 24 * 1024 * 1024;

let federation: SmallFederation;
beforeAll(async () => {
  federation = await startSmallFederation({
    requestsPerMinute: 1_000_000,
    // Everything runs in this one process: what is late on a busy machine is not what is tested here.
    deadlines: { request: 20_000, custodian: 15_000, access: 15_000 },
    gateway: { schemaInterval: 10 },
  });
});
afterAll(() => federation.close());

/** Random, and the same in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const guard = (scope: string): string => `@requiresScopes(scopes: [["${scope}"]])`;
const adding = (sdl: string, before: string, field: string): string => sdl.replace(before, `  ${field}\n${before}`);

/** What becomes of the schemas: some of it is taken, some refused, some waits for ever to be confirmed. */
const KINDS: readonly ((night: SmallFederation, turn: number) => void)[] = [
  ({ ministry }, n) =>
    (ministry.sdl = adding(MINISTRY, '  disputed: Boolean', `f${n}: String ${guard('ministry:medical')}`)),
  ({ missing }, n) =>
    (missing.sdl = adding(MISSING, '  circumstances: String', `g${n}: String ${guard('missing:identifying')}`)),
  ({ ministry }, n) => (ministry.sdl = `${MINISTRY}\n# ${n}`),
  ({ missing }, n) => (missing.sdl = `${MISSING}\n# ${n}`),
  ({ ministry }) => (ministry.sdl = MINISTRY),
  ({ missing }) => (missing.sdl = MISSING),
  ({ ministry }, n) => (ministry.sdl = adding(MINISTRY, '  papers(', `open${n}: String`)),
  ({ ministry }, n) => (ministry.sdl = `type Query { # ${n}`),
  ({ missing }, n) =>
    (missing.sdl = MISSING.replace('[["missing:circumstances"]]', `[["missing:circumstances"], ["missing:x${n}"]]`)),
  ({ ministry }, n) => (ministry.isAway = n % 3 === 0),
];

const QUESTIONS = [
  '{ certificates { nodes { id cause person { id reports { nodes { id } } } } } }',
  '{ reports { nodes { id circumstances } } }',
  '{ person(id: "p1") { certificates { totalCount nodes { title } } } custodians { id status } }',
];
const CODES = new Set(['CUSTODIAN_UNAVAILABLE', 'CUSTODIAN_TIMED_OUT']);

const times = (message: string): number => federation.operatorLog().split(`"${message}"`).length - 1;
const swaps = (): number => times('schemas have taken effect');
const judged = (): number => swaps() + times('a schema does not take effect');

/** Bytes in use when nothing is left to collect, and the test itself remembers nothing. */
function heap(): number {
  for (const custodian of [federation.ministry, federation.missing]) {
    custodian.fetches.length = 0;
    custodian.verdicts.length = 0;
  }
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let time = 0; time < 3; time += 1) collect();
  return process.memoryUsage().heapUsed;
}

describe("a night's worth of schema changes", () => {
  test('fails no request and leaves nothing behind', { timeout: 280_000 }, async () => {
    const random = randomFrom(20_130_614);
    const night = new AbortController();
    let asked = 0;
    const clients = QUESTIONS.map(async (question) => {
      while (!night.signal.aborted) {
        const { status, json } = await federation.ask(question);
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(status).toBe(200);
        // Only the custodian that is away may be missing from an answer, and then it says so.
        for (const error of json.errors ?? []) expect(CODES).toContain(error.extensions.code);
        expect(json.data).not.toBeNull();
        if (!json.errors) expect(Object.values(json.data).every((value) => value !== null)).toBe(true);
      }
    });
    const heaps: number[] = [];
    for (let turn = 0; turn < CHANGES; turn += 1) {
      const before = judged();
      const served = federation.ministry.sdl + federation.missing.sdl;
      KINDS[Math.floor(random() * KINDS.length)]?.(federation, turn);
      // What a custodian that is away would serve is looked at when it is back.
      const isSeen = !federation.ministry.isAway && served !== federation.ministry.sdl + federation.missing.sdl;
      const until = Date.now() + (isSeen ? 5_000 : 100);
      while (Date.now() < until && judged() === before) await new Promise((resolve) => setTimeout(resolve, 10));
      if (turn % (CHANGES / 4) === CHANGES / 4 - 1) heaps.push(heap());
    }
    federation.ministry.isAway = false;
    night.abort();
    await Promise.all(clients);
    console.info(
      `${swaps()} swaps, ${asked} requests, heap ${heaps.map((bytes) => Math.round(bytes / 1e6)).join(', ')} MB`,
    );
    expect(swaps()).toBeGreaterThan(CHANGES / 5);
    expect(asked).toBeGreaterThan(CHANGES);
    expect(heaps.at(-1)! - heaps[1]!).toBeLessThan(GROWTH);
  });
});
