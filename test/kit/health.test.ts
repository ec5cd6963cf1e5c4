import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant } from '../../src/subgraphs/kit/grants.ts';
import { type CustodianProcess, type ServedCustodian, servedCustodian } from './served-custodian.ts';

let custodian: ServedCustodian;
beforeAll(async () => {
  custodian = await servedCustodian('ministry', 'ministry');
  await grant(custodian.storage, {
    ...{ subject: 'analyst', organisation: 'commission', subjectKind: 'USER', recipientKind: 'NAMED_ORGANISATIONS' },
    ...{ scopes: ['ministry:registered'], purposes: ['IDENTIFICATION'], until: new Date(Date.now() + 86_400_000) },
    ...{ reason: 'a test', grantedBy: 'the test' },
  });
});
afterAll(() => custodian?.close());

const run = (sql: string) => custodian.storage.query({ sql, parameters: [] });

async function ready({ url }: CustodianProcess): Promise<unknown[]> {
  const response = await fetch(`${url}/health/ready`);
  const { status, failed, degraded } = (await response.json()) as Record<string, unknown>;
  return [response.status, status, failed, degraded];
}

const becomes = (running: CustodianProcess, wanted: readonly unknown[]) =>
  expect.poll(() => ready(running), { timeout: 20_000, interval: 200 }).toEqual(wanted);

/** A way to a database that can be cut, or swallow what is sent, and be mended. */
async function wayTo(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => [near, far].forEach((one) => one.destroy()));
    }
    near.on('data', (piece) => isSilent || far.write(piece));
    far.on('data', (piece) => isSilent || near.write(piece));
  });
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const destroy = () => open.forEach((socket) => socket.destroy());
  return {
    url: Object.assign(new URL(databaseUrl), { port }).href,
    cut: async () => {
      server.close();
      destroy();
    },
    silence: async () => {
      isSilent = true;
    },
    mend: async () => {
      if (isSilent) destroy();
      else await listen(port);
      isSilent = false;
    },
  };
}

const READY = [200, 'ready', [], []];

describe('a custodian is ready', () => {
  it('once it has read the provider’s keys, and goes on with them where they cannot be read', async () => {
    custodian.issuer.failing = true;
    const running = await custodian.start();
    expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
    expect(await ready(running)).toEqual([503, 'not ready', ['provider keys'], []]);
    custodian.issuer.failing = false;
    await becomes(running, READY);
    await running.stop();
  });

  it.each([
    [
      'access log',
      'alter table access_log add constraint no_tries check (id > 0)',
      'alter table access_log drop constraint no_tries',
    ],
    ['access log', 'alter table access_log rename to elsewhere', 'alter table elsewhere rename to access_log'],
    [
      'migrations',
      `update kysely_migration set name = 'x' where name like '0-kit/010%'`,
      `update kysely_migration set name = '0-kit/010-access-log-questions' where name = 'x'`,
    ],
  ])('only with its %s, and says which check failed: %s', async (check, spoil, mend) => {
    const running = await custodian.start();
    await becomes(running, READY);
    await run(spoil);
    await becomes(running, [503, 'not ready', [check], []]);
    await run(mend);
    await becomes(running, READY);
    await running.stop();
  });

  it.each(['cut', 'silence'] as const)(
    'only while its database answers, and says nothing of where that is: %s',
    async (fault) => {
      const way = await wayTo(custodian.environment['DATABASE_URL'] ?? '');
      const running = await custodian.start(way.url);
      await becomes(running, READY);
      await way[fault]();
      await becomes(running, [503, 'not ready', ['database'], []]);
      expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
      const text = await (await fetch(`${running.url}/health/ready`)).text();
      expect(JSON.parse(text)).toEqual({ status: 'not ready', failed: ['database'], degraded: [] });
      await way.mend();
      await becomes(running, READY);
      await running.stop();
      await way.cut();
    },
  );

  it('and asking leaves nothing in the access log', async () => {
    const running = await custodian.start();
    await becomes(running, READY);
    expect(await run('select from access_log')).toEqual([]);
    await running.ask('{ deathCertificates { totalCount } }');
    await running.ask('{ deathCertificates { totalCount } }');
    await sleep(1_100);
    await becomes(running, READY);
    await running.ask('{ deathCertificates { totalCount } }');
    expect(await run('select id from access_log order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await running.stop();
  });
});

interface Sent {
  readonly outcome: string;
  readonly closed: boolean;
}

/** Sends one request over a kept connection: `200` for a whole answer, or how it failed. */
function send(url: string, agent: Agent, headers: Record<string, string>): Promise<Sent> {
  return new Promise((resolve) => {
    const sending = request(`${url}/ministry/graphql`, { method: 'POST', agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => resolve({ outcome: 'cut off', closed: true }));
      response.on('end', () => {
        const isWhole = Buffer.concat(pieces).toString() === '{"data":{"deathCertificates":{"totalCount":0}}}\n';
        const closed = response.headers.connection === 'close';
        resolve({ outcome: isWhole ? String(response.statusCode) : `${response.statusCode} of other content`, closed });
      });
    });
    sending.on('error', (error: NodeJS.ErrnoException) => resolve({ outcome: error.code ?? 'failed', closed: true }));
    sending.end(JSON.stringify({ query: '{ deathCertificates { totalCount } }' }));
  });
}

describe('a custodian that is told to stop', () => {
  it('under load answers every request on its connections, and ends', async () => {
    const running = await custodian.start();
    const headers = { 'content-type': 'application/json', ...(await custodian.headers()) };
    const lanes = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const counts = new Map<string, number>();
    let stopped = 0;
    const load = lanes.map(async (agent, lane) => {
      for (let refused = false; !refused;) {
        const { outcome } = await send(running.url, agent, headers);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        // A connection that is refused was never accepted: whoever sends goes elsewhere.
        refused = outcome === 'ECONNREFUSED';
        // Some connections are idle when the stop comes, as those of a pool are.
        if (lane >= 8) await sleep(150);
        if (stopped > 0 && performance.now() - stopped > 15_000) return;
      }
    });
    await expect.poll(() => counts.get('200') ?? 0, { timeout: 20_000 }).toBeGreaterThan(300);
    stopped = performance.now();
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(performance.now() - stopped).toBeLessThan(5_000);
    await Promise.all(load);
    for (const agent of lanes) agent.destroy();
    expect([...counts.keys()].sort()).toEqual(['200', 'ECONNREFUSED']);
    expect(counts.get('ECONNREFUSED')).toBe(lanes.length);
  });

  it('answers a request that comes on an open connection, and says that it closes it', async () => {
    const running = await custodian.start();
    const headers = { 'content-type': 'application/json', ...(await custodian.headers()) };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await send(running.url, agent, headers)).toEqual({ outcome: '200', closed: false });
    running.child.kill('SIGTERM');
    await expect.poll(() => running.log.join('\n')).toContain('stopping');
    await expect(fetch(`${running.url}/health/live`)).rejects.toThrow();
    expect(await send(running.url, agent, headers)).toEqual({ outcome: '200', closed: true });
    expect(await running.ended).toBe(0);
    agent.destroy();
  });

  it('does not wait for who holds a connection open and asks nothing', async () => {
    const running = await custodian.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await send(running.url, agent, { 'content-type': 'application/json', ...(await custodian.headers()) });
    const began = performance.now();
    await running.stop();
    expect(performance.now() - began).toBeLessThan(4_000);
    agent.destroy();
  });

  it('is not ready meanwhile', async () => {
    const running = await custodian.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = async (path: string): Promise<string> => {
      const sending = request(`${running.url}${path}`, { agent }).end();
      const [response] = await once(sending, 'response');
      return Buffer.concat(await response.toArray()).toString();
    };
    expect(await asked('/health/live')).toContain('live');
    running.child.kill('SIGTERM');
    await expect.poll(() => running.log.join('\n')).toContain('stopping');
    expect(JSON.parse(await asked('/health/ready'))).toMatchObject({ status: 'not ready', failed: ['stopping'] });
    await running.ended;
    agent.destroy();
  });
});
