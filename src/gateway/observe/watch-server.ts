import type { FastifyInstance } from 'fastify';
import { refusalOf } from '../prepare-server.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { Readiness } from './readiness.ts';

/** What an operator is told of a server by. */
export interface Operated {
  readonly metrics: GatewayMetrics;
  readonly readiness: Readiness;
}

/** Counts the requests that run, and those refused before they came to the pipeline, which counts its own. */
export function watchServer(server: FastifyInstance, { metrics, readiness }: Operated): void {
  let running = 0;
  server.addHook('onRequest', async (_, { raw }) => {
    running += 1;
    raw.once('close', () => (running -= 1));
  });
  server.addHook('onSend', async (_, reply) => {
    const code = refusalOf(reply);
    if (code) metrics.count('amana_gateway_refusals_total', { code });
  });
  metrics.read('amana_gateway_requests_running', () => [{ labels: {}, value: running }]);
  metrics.read('amana_gateway_check', async () =>
    (await readiness.readings()).map(({ check, isWell }) => ({ labels: { check }, value: Number(isWell) })),
  );
}

/**
 * Health for orchestrators and balancers, who need not sign in. Live says that the process answers, and nothing more;
 * ready says that requests can be served, and otherwise which checks fail, by their names alone.
 */
export function serveHealth(server: FastifyInstance, readiness: Readiness): void {
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_, reply) => {
    const failed = await readiness.failed();
    return failed.length === 0 ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', failed });
  });
}
