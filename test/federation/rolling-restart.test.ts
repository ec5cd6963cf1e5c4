import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { type Balancer, balancer } from './balancer.ts';
import { type OwnGateway, accessToken, give, logEntries, startGateway } from './harness.ts';

const PER_SECOND = 200;
const CHECKED_EVERY = 150;
const SHUTDOWN = { grace: 5_000, deadline: 30_000 };
const LIMITS = { depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 1_000_000 };

const gateways: OwnGateway[] = [];
let front: Balancer | undefined;
afterAll(async () => {
  await front?.close();
  for (const gateway of gateways) await gateway.stop();
});

async function start(): Promise<OwnGateway> {
  const gateway = await startGateway({}, { shutdown: SHUTDOWN, limits: LIMITS });
  gateways.push(gateway);
  front?.add(gateway.url);
  return gateway;
}

async function untilReady({ url }: OwnGateway): Promise<void> {
  const isReady = (): boolean => front?.backends.some((one) => one.url === url && one.isReady) ?? false;
  while (!isReady()) await pause(20);
}

/** What one request came to. Not `fetch`, which would take as much of the machine as all the rest. */
interface Reply {
  readonly status: number;
  readonly body: string;
}

function post(url: string, agent: Agent, token: string, query: string): Promise<Reply> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'amana-purpose': 'IDENTIFICATION',
  };
  return new Promise((resolve, reject) => {
    request(`${url}/graphql`, { method: 'POST', agent, headers }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) });
    })
      .once('error', reject)
      .end(JSON.stringify({ query }));
  });
}

it(
  'two gateways over the same custodians are restarted one after the other under 200 requests a second, and none is lost',
  { timeout: 120_000 },
  async () => {
    front = await balancer(CHECKED_EVERY);
    const { url } = front;
    await give('ministry', 'rolling', ['registered']);
    const token = await accessToken('rolling', { expiresIn: 3_600 });
    const two = await Promise.all([start(), start()]);
    for (const gateway of two) await untilReady(gateway);
    // One in eight asks a custodian for records; the others take all stages but the fetch.
    const LIST = '{ deathCertificates(first: 1) { nodes { id } } }';
    const agent = new Agent({ keepAlive: true });
    const askOnce = (n: number): Promise<Reply> =>
      post(url, agent, token, n % 8 === 0 ? LIST : '{ viewer { subject purpose } }');
    for (let n = 0; n < 16; n += 1) await askOnce(n);

    const answers: Promise<Reply | Error>[] = [];
    const over = new AbortController();
    const began = performance.now();
    const load = (async () => {
      while (!over.signal.aborted) {
        // As many as are due, however late the timer is: nobody waits for an answer before asking on.
        const due = Math.floor(((performance.now() - began) / 1000) * PER_SECOND);
        while (answers.length < due) {
          const failed = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));
          answers.push(askOnce(answers.length).catch(failed));
        }
        await pause(5);
      }
    })();
    await pause(1_000);
    const ended: { how: string; took: number }[] = [];
    for (const gateway of two) {
      const told = performance.now();
      await gateway.stop();
      ended.push({ how: await gateway.ended, took: performance.now() - told });
      const next = await start();
      await untilReady(next);
      await pause(1_500);
    }
    over.abort();
    await load;
    const seconds = (performance.now() - began) / 1000;
    const all = await Promise.all(answers);

    const lost = all.filter(
      (reply) => reply instanceof Error || reply.status !== 200 || !reply.body.startsWith('{"data":{'),
    );
    expect(lost.map((one) => (one instanceof Error ? String(one) : `${one.status} ${one.body}`))).toEqual([]);
    expect(all.filter((reply) => 'body' in reply && reply.body.includes('"errors"'))).toEqual([]);
    expect(all.length / seconds).toBeGreaterThan(PER_SECOND * 0.95);
    for (const { how, took } of ended) {
      expect(how).toBe('exit code 0');
      expect(took).toBeLessThan(SHUTDOWN.deadline);
    }
    // Each of the four served, and each has both entries of every request that it served, in a log of its own.
    const entries = gateways.map(({ log }) => logEntries(log));
    for (const [index, { served }] of front.backends.entries()) {
      expect(served).toBeGreaterThan(50);
      const opened = entries[index]?.filter(({ event }) => event === 'OPENED').length;
      expect([opened, entries[index]?.filter(({ event }) => event === 'ANSWERED').length]).toEqual([served, served]);
    }
  },
);
