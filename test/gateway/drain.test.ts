import { appendFileSync, truncateSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { Readiness } from '../../src/gateway/observe/readiness.ts';
import { startSmallFederation } from './small-federation.ts';

interface Health {
  readonly status: number;
  readonly body: { readonly status: string; readonly failed?: readonly string[] };
  readonly connection: string | undefined;
}

/** Asks on a connection of the agent's. */
function get(url: string, agent: Agent): Promise<Health> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, async (answer) => {
      const { statusCode = 0, headers } = answer;
      resolve({ status: statusCode, body: (await json(answer)) as Health['body'], connection: headers.connection });
    })
      .once('error', reject)
      .end();
  });
}

describe('a gateway that is told to end', () => {
  test('says at once that it is not ready, answers what comes within the grace, and ends every connection', async () => {
    const federation = await startSmallFederation({ shutdown: { grace: 1_500, deadline: 8_000 } });
    const { url } = federation.gateway;
    await federation.ask('{ certificates { totalCount } }');
    const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    for (const agent of agents) expect((await get(`${url}/health/ready`, agent)).status).toBe(200);
    // As browsers open them ahead: nothing was ever asked on it.
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    const silentEnded = new Promise((resolve) => silent.once('close', resolve));

    const began = performance.now();
    const closing = federation.close();
    const [first, second] = agents as [Agent, Agent, Agent];
    await expect(get(`${url}/health/ready`, first)).resolves.toEqual({
      status: 503,
      body: { status: 'not ready', failed: ['stopping'] },
      connection: 'close',
    });
    expect((await get(`${url}/health/live`, second)).status).toBe(200);
    const late = await federation.ask('{ certificates { totalCount } }');
    expect(late.json.data).toEqual({ certificates: { totalCount: 2 } });
    expect(late.headers.get('connection')).toBe('close');
    await pause(300);
    const latest = await federation.ask('{ certificates { totalCount } }');
    expect(latest.json.data).toEqual({ certificates: { totalCount: 2 } });
    await Promise.all([closing, silentEnded]);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(1_450);
    expect(took).toBeLessThan(4_000);
    await expect(federation.ask('{ __typename }')).rejects.toThrow();
  });

  test('waits for a slow answer that came at the last moment, and no longer than the deadline for one that never ends', async () => {
    const federation = await startSmallFederation({
      shutdown: { grace: 2_000, deadline: 5_000 },
      deadlines: { request: 15_000, custodian: 14_000, access: 2_000 },
    });
    let answered = 0;
    federation.ministry.answer = async () => {
      answered += 1;
      await pause(answered === 1 ? 2_500 : 12_000);
      return { data: { certificates: { totalCount: 5 } } };
    };
    await federation.ask('{ __typename }');
    const began = performance.now();
    const closing = federation.close().catch(() => undefined);
    await pause(500);
    const slow = federation.ask('{ certificates { totalCount } }');
    await pause(200);
    const endless = federation.ask('{ certificates { totalCount } }').then(
      () => 'answered',
      () => 'cut off',
    );
    expect((await slow).json.data).toEqual({ certificates: { totalCount: 5 } });
    expect(await endless).toBe('cut off');
    expect(performance.now() - began).toBeGreaterThan(4_900);
    expect(performance.now() - began).toBeLessThan(8_000);
    await closing;
  });
});

describe('a gateway in production of whose end nothing is said', () => {
  test('ends at once where nobody has ever asked whether it is ready', async () => {
    const federation = await startSmallFederation({ gateway: { mode: 'production' } });
    await federation.ask('{ certificates { totalCount } }');
    const began = performance.now();
    await federation.close();
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test('takes requests for five seconds more where somebody has', async () => {
    const federation = await startSmallFederation({ gateway: { mode: 'production' } });
    expect((await get(`${federation.gateway.url}/health/ready`, new Agent())).status).toBe(200);
    const began = performance.now();
    const closing = federation.close();
    await pause(4_000);
    expect((await federation.ask('{ certificates { totalCount } }')).status).toBe(200);
    await closing;
    expect(performance.now() - began).toBeGreaterThan(4_950);
  });
});

describe('readiness', () => {
  test('fails while the log cannot be written, and only for as long', async () => {
    const federation = await startSmallFederation();
    const agent = new Agent();
    try {
      const ready = (): Promise<Health> => get(`${federation.gateway.url}/health/ready`, agent);
      expect(await ready()).toMatchObject({ status: 200, body: { status: 'ready' } });
      const { size } = statSync(federation.logFile);
      appendFileSync(federation.logFile, 'x');
      expect((await federation.ask('{ __typename }')).status).toBe(503);
      await pause(1_050);
      expect(await ready()).toMatchObject({ status: 503, body: { status: 'not ready', failed: ['log'] } });
      truncateSync(federation.logFile, size);
      await pause(1_050);
      expect(await ready()).toMatchObject({ status: 200 });
      expect((await federation.ask('{ __typename }')).status).toBe(200);
    } finally {
      await federation.close();
    }
  });

  test('does not depend on a custodian', async () => {
    const federation = await startSmallFederation();
    try {
      federation.ministry.server.server.closeAllConnections();
      await federation.ministry.server.close();
      await pause(1_050);
      const { status, json } = await federation.ask('{ reports { nodes { id } } }');
      expect([status, json.data]).toEqual([200, { reports: { nodes: [{ id: 'missing:1' }] } }]);
      expect((await get(`${federation.gateway.url}/health/ready`, new Agent())).status).toBe(200);
    } finally {
      await federation.close();
    }
  });

  test('asks its checks once a second at most, however many ask it', async () => {
    let [now, asked] = [0, 0];
    const readiness = new Readiness(
      {
        supergraph: () => {
          asked += 1;
          return true;
        },
        log: async () => Promise.reject(new Error('no')),
        'identity-provider': async () => false,
      },
      () => now,
    );
    const many = await Promise.all(Array.from({ length: 500 }, () => readiness.failed()));
    expect(new Set(many.map(String))).toEqual(new Set(['log,identity-provider']));
    now += 999;
    await readiness.failed();
    expect(asked).toBe(1);
    now += 1;
    await readiness.failed();
    expect(asked).toBe(2);
    readiness.stop();
    expect(await readiness.failed()).toEqual(['log', 'identity-provider', 'stopping']);
  });
});
