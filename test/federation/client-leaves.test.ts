import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { type OwnGateway, accessToken, ask, federation, give, logEntries, startGateway } from './harness.ts';
import { type Recorded, type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const QUERY = '{ deathCertificates(first: 2) { nodes { id } } missingPersonReports(first: 1) { nodes { id } } }';

let ministry: RecordingProxy;
let gateway: OwnGateway;
beforeAll(async () => {
  ministry = await recordingProxy(federation.custodians.ministry);
  const deadlines = { request: 20_000, custodian: 15_000, access: 10_000 };
  gateway = await startGateway({ ministry: ministry.url }, { deadlines });
});
beforeEach(() => {
  Object.assign(ministry, { fault: 'none', accessFault: 'none' });
  ministry.clear();
});
afterAll(async () => {
  await gateway?.stop();
  await ministry?.close();
});

/** A viewer of whom no gateway knows anything. */
async function stranger(): Promise<string> {
  const as = `leaves-${randomUUID()}`;
  await give('ministry', as, ['registered']);
  await give('missing', as, ['registered']);
  return as;
}

/** Asks, and leaves as soon as the ministry has been asked at one of its doors; answers what crossed, and when that was. */
async function askAndLeave(door: string, as: string): Promise<{ recorded: Recorded; leftAt: number }> {
  const leaving = new AbortController();
  const asked = ask(QUERY, { as, gateway: gateway.url, signal: leaving.signal });
  const recorded = await arrived(door);
  const leftAt = performance.now();
  leaving.abort();
  await expect(asked).rejects.toThrow();
  return { recorded, leftAt };
}

const arrived = (door: string): Promise<Recorded> =>
  expect
    .poll(() => ministry.recorded.find(({ path }) => path.endsWith(door)), { interval: 5 })
    .toBeDefined()
    .then(() => ministry.recorded.find(({ path }) => path.endsWith(door)) as Recorded);

async function expectCut({ recorded, leftAt }: { recorded: Recorded; leftAt: number }): Promise<void> {
  await expect.poll(() => recorded.cutAt, { interval: 5 }).toBeDefined();
  expect((recorded.cutAt ?? Infinity) - leftAt).toBeLessThan(200);
}

const entries = (id: unknown) => logEntries(gateway.log).filter((entry) => entry['id'] === id);

describe('when the client leaves', () => {
  it.each<Fault>(['silent', 'slow', 'dripping'])(
    'what is asked of a custodian (%s) is broken off, and the log says that nobody was there for the answer',
    async (fault) => {
      ministry.fault = fault;
      const cut = await askAndLeave('/graphql', await stranger());
      await expectCut(cut);
      const id = cut.recorded.headers['amana-request-id'];
      await expect.poll(() => entries(id)).toHaveLength(2);
      expect(entries(id)).toMatchObject([
        { event: 'OPENED', custodians: { ministry: expect.anything(), missing: expect.anything() } },
        { event: 'ABANDONED', custodians: [{ custodian: 'ministry', status: 'UNAVAILABLE', records: 0 }, {}] },
      ]);
    },
  );

  it('the question what is granted is broken off as well, and nothing more is asked', async () => {
    ministry.accessFault = 'silent';
    const as = await stranger();
    const cut = await askAndLeave('/access', as);
    await expectCut(cut);
    const id = cut.recorded.headers['amana-request-id'];
    await expect.poll(() => entries(id).at(-1)).toMatchObject({ event: 'ABANDONED' });
    expect(ministry.wire()).toBe('');
    ministry.accessFault = 'none';
    expect((await ask(QUERY, { as, gateway: gateway.url })).errors).toEqual([]);
  });

  it('the same question goes on for another who waits for it', async () => {
    ministry.accessFault = 'late';
    const as = await stranger();
    const leaving = new AbortController();
    // One token, so that it is one question.
    const token = await accessToken(as);
    const both = [leaving.signal, undefined].map((signal) =>
      ask(QUERY, { token, gateway: gateway.url, ...(signal && { signal }) }),
    );
    await arrived('/access');
    await new Promise((done) => setTimeout(done, 300));
    leaving.abort();
    const [gone, answered] = await Promise.allSettled(both);
    expect(gone?.status).toBe('rejected');
    expect(answered).toMatchObject({ status: 'fulfilled', value: { errors: [] } });
    expect(ministry.recorded.filter(({ path }) => path === '/access')).toHaveLength(1);
  });
});
