import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
beforeEach(async () => {
  federation = await startSmallFederation({ deadlines: { request: 3_000, custodian: 300, access: 300 } });
});
afterEach(() => federation.close());

let viewer = 0;
const someone = (): string => `viewer-${(viewer += 1)}`;
const QUERY = '{ certificates { totalCount } reports { nodes { id } } custodians { id status } }';
const ask = (as = someone()) => federation.ask(QUERY, { as });
const silent = (): Promise<never> => new Promise(() => {});
const failing = async (): Promise<object> => ({ data: 'nonsense' });

/** Three viewers meet with a failure, or one does so three times, and after a second somebody still does. */
async function failForLong(fail: () => Promise<unknown> = ask): Promise<void> {
  federation.ministry.ready = async () => Promise.reject(new Error('not ready'));
  for (let n = 0; n < 3; n += 1) await fail();
  await pause(1_000);
  await fail();
}

/** What the answer says of the ministry. */
const ofMinistry = ({ json }: Awaited<ReturnType<typeof ask>>): object =>
  json.extensions.custodians.find(({ custodian }: { custodian: string }) => custodian === 'ministry');

const occurrences = (text: string): number => federation.operatorLog().split(text).length - 1;

describe('a custodian that keeps failing', () => {
  test('is left alone, which the answer says, then probed, and asked again', async () => {
    federation.ministry.answer = failing;
    await failForLong();
    federation.ministry.fetches.length = 0;
    federation.ministry.accessQuestions = 0;

    const meanwhile = await ask();
    expect(meanwhile.status).toBe(200);
    expect(meanwhile.json.data).toEqual({
      certificates: null,
      reports: { nodes: [{ id: 'missing:1' }] },
      custodians: [
        { id: 'ministry', status: 'UNAVAILABLE' },
        { id: 'missing', status: 'READY' },
      ],
    });
    expect(meanwhile.json.errors).toMatchObject([
      { path: ['certificates'], extensions: { code: 'CUSTODIAN_UNAVAILABLE' } },
    ]);
    expect(ofMinistry(meanwhile)).toEqual({
      custodian: 'ministry',
      status: 'UNAVAILABLE',
      records: 0,
      retryAfter: expect.any(Number),
    });
    expect(federation.ministry).toMatchObject({ fetches: [], accessQuestions: 0 });
    expect(federation.log().at(-1)).toMatchObject({ event: 'ANSWERED', codes: ['CUSTODIAN_UNAVAILABLE'] });

    federation.ministry.answer = undefined;
    federation.ministry.ready = async () => {};
    await pause(4_000);
    federation.ministry.readyQuestions = 0;
    const query = '{ certificates { totalCount } }';
    const answers = await Promise.all([1, 2, 3, 4].map(() => federation.ask(query, { as: someone() })));
    expect(federation.ministry.readyQuestions).toBe(1);
    expect(answers.filter(({ json }) => json.data.certificates).length).toBeGreaterThanOrEqual(1);
    expect((await ask()).json.errors).toBeUndefined();
    expect(ofMinistry(await ask())).toEqual({ custodian: 'ministry', status: 'ANSWERED', records: 0 });
    expect([occurrences('left alone for a while'), occurrences('answers again')]).toEqual([1, 1]);
  });

  test('(nobody listens there) is left alone whoever asked', async () => {
    const as = someone();
    await ask(as);
    await federation.ministry.server.close();
    await failForLong(() => ask(as));
    const written = occurrences('no usable answer') + occurrences('did not say what it grants');
    expect(ofMinistry(await ask(as))).toMatchObject({ status: 'UNAVAILABLE', retryAfter: expect.any(Number) });
    // The operator has been told that it is left alone, and is not told of every request besides.
    expect(occurrences('no usable answer') + occurrences('did not say what it grants')).toBe(written);
  });

  test('delays nobody beyond his own deadline by being probed, and the probe is not lost with who began it', async () => {
    federation.ministry.answer = failing;
    await failForLong();
    federation.ministry.answer = undefined;
    const probe = Promise.withResolvers<void>();
    federation.ministry.ready = () => probe.promise;
    federation.ministry.readyQuestions = 0;
    await pause(2_000);
    // It is answered while the probe is not yet.
    const first = await federation.ask('{ certificates { totalCount } }', { as: someone() });
    expect(ofMinistry(first)).toMatchObject({ status: 'UNAVAILABLE' });
    probe.resolve();
    await pause(100);
    expect((await federation.ask('{ certificates { totalCount } }', { as: someone() })).json.errors).toBeUndefined();
    expect(federation.ministry.readyQuestions).toBe(1);
  });

  test('where it is asked what it grants, is left alone as well', async () => {
    federation.ministry.access = silent;
    await failForLong();
    expect(ofMinistry(await ask())).toMatchObject({ status: 'UNAVAILABLE', retryAfter: expect.any(Number) });
    expect(federation.ministry.accessQuestions).toBe(4);
  });
});

describe('a custodian is not left alone', () => {
  test('for one viewer whose requests it does not get done in time, however many', async () => {
    const heavy = someone();
    federation.ministry.answer = silent;
    for (let n = 0; n < 8; n += 1) expect(ofMinistry(await ask(heavy))).toMatchObject({ status: 'TIMED_OUT' });
    federation.ministry.answer = undefined;
    expect((await ask()).json.errors).toBeUndefined();
  });

  test('where it refuses, or finds fault with what was asked', async () => {
    const refuse = (status: number, code: string) => {
      federation.ministry.answer = async (_, reply) =>
        reply.code(status).send({ errors: [{ message: 'x', extensions: { code } }] });
    };
    for (const [status, code] of [
      [401, 'CONTEXT_INVALID'],
      [403, 'UNAUTHENTICATED'],
      [400, 'CURSOR_INVALID'],
      [403, 'FILTER_WITHHELD'],
    ] as const) {
      refuse(status, code);
      await ask();
    }
    federation.ministry.answer = undefined;
    expect((await ask()).json.errors).toBeUndefined();
  });

  test('where clients leave before it has answered', async () => {
    federation.ministry.answer = silent;
    for (let n = 0; n < 4; n += 1) {
      const as = someone();
      await expect(federation.ask(QUERY, { as, signal: AbortSignal.timeout(150) })).rejects.toThrow();
    }
    federation.ministry.answer = undefined;
    expect((await ask()).json.errors).toBeUndefined();
  });
});

test('a request that runs out of its own time is nothing that its custodian has done', async () => {
  const hurried = await startSmallFederation({ deadlines: { request: 200, custodian: 1_000, access: 500 } });
  try {
    hurried.ministry.answer = silent;
    for (let n = 0; n < 4; n += 1) {
      const { json } = await hurried.ask('{ certificates { totalCount } }', { as: someone() });
      expect(json.extensions.custodians).toEqual([{ custodian: 'ministry', status: 'TIMED_OUT', records: 0 }]);
    }
    hurried.ministry.answer = undefined;
    expect((await hurried.ask('{ certificates { totalCount } }', { as: someone() })).json.errors).toBeUndefined();
  } finally {
    await hurried.close();
  }
});
