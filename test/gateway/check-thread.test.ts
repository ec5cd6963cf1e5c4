import { afterEach, expect, test } from 'vitest';
import { CheckThread } from '../../src/gateway/change/check-thread.ts';
import { MINISTRY, MISSING } from './schemas.ts';

let thread: CheckThread;
afterEach(() => thread.close());

const proposal = (ministry: string, missing = MISSING) => ({
  schemas: [
    { subgraph: 'ministry', url: 'http://127.0.0.1:1/ministry/graphql', sdl: ministry },
    { subgraph: 'missing', url: 'http://127.0.0.1:2/missing/graphql', sdl: missing },
  ],
  inForce: [],
  operations: [],
});

const guard = '@requiresScopes(scopes: [["ministry:registered"]])';

const slow = [MINISTRY, ...Array.from({ length: 1_500 }, (_, n) => `type X${n} { a${n}: String ${guard} }`)].join('\n');

test('looks at one proposal after the other, and finds the same in the same', async () => {
  thread = new CheckThread();
  const first = await thread.check(proposal(MINISTRY));
  expect(first.supergraph).toContain('Certificate');
  expect(await thread.check(proposal(MINISTRY))).toEqual(first);
});

test('answers each of those who ask at one time about what they asked', async () => {
  thread = new CheckThread();
  const judged = thread.judge({ contract: { subgraph: 'ministry', url: '', sdl: MINISTRY }, sdl: 'type {' });
  const [refused, ...taken] = await Promise.all([
    thread.check(proposal('type {')),
    thread.check(proposal(MINISTRY)),
    thread.check(proposal(MINISTRY)),
  ]);
  expect(await judged).toMatchObject({ lacks: new Set(), checks: [{ id: 'readable', outcome: 'FOUND' }] });
  expect(refused).not.toHaveProperty('lacks');
  expect(refused?.supergraph).toBeUndefined();
  for (const { supergraph } of taken) expect(supergraph).toContain('Certificate');
});

test('looks at nothing once it is closed, whoever waits', async () => {
  thread = new CheckThread();
  const asked = [thread.check(proposal(slow)), thread.check(proposal(MINISTRY))];
  const outcomes = Promise.allSettled(asked);
  await thread.close();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('is ended where it takes too long, and looks at the next as if nothing had been', async () => {
  thread = new CheckThread(100);
  await expect(thread.check(proposal(slow))).rejects.toThrow(/it takes more than 0\.1 s/u);
  await thread.close();
  thread = new CheckThread();
  expect((await thread.check(proposal(MINISTRY))).supergraph).toContain('Certificate');
});
