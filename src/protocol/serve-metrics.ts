import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type MetricTable, Metrics } from './metrics.ts';

/** A listener that Prometheus reads. */
export interface MetricsListener {
  readonly url: string;
  close(): Promise<void>;
}

const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves a program's metrics, those of its process among them, at `/metrics` and nothing else, on a listener of their
 * own: what is withheld and how often is not for whoever reaches the public port. Throws where it cannot listen.
 */
export async function serveMetrics<Table extends MetricTable>(
  metrics: Metrics<Table>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsListener> {
  metrics.includeProcess();
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.on('request', (request, response) => {
    // A body has no use here, and is not waited for.
    request.resume();
    const status = request.url !== '/metrics' ? 404 : request.method !== 'GET' ? 405 : 200;
    void (status === 200 ? metrics.text() : Promise.resolve('')).then(
      (text) => response.writeHead(status, { 'content-type': TYPE, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new Error(`The metrics cannot listen on port ${port} of ${host}. Set another metrics.port.`, { cause });
  });
  return {
    url: `http://${host}:${portOf(server)}/metrics`,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
