import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Another gateway, or the same one again, behind the balancer. */
interface Backend {
  readonly url: string;
  readonly agent: Agent;
  isReady: boolean;
  served: number;
}

/** What stands before several gateways. */
export interface Balancer {
  readonly url: string;
  readonly backends: readonly Backend[];
  add(url: string): void;
  close(): Promise<void>;
}

/**
 * A balancer as operators run them: keeps connections, asks `/health/ready` every so many milliseconds, sends requests
 * in turn to whoever is ready, and tries nothing twice.
 */
export async function balancer(every: number): Promise<Balancer> {
  const backends: Backend[] = [];
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const ready = backends.filter(({ isReady }) => isReady);
    const backend = ready[(turn += 1) % Math.max(1, ready.length)];
    const fail = (cause: Error): unknown =>
      outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end(String(cause));
    if (!backend) return fail(new Error('no gateway is ready'));
    backend.served += 1;
    const { method, headers, url = '/' } = incoming;
    const passed = request(`${backend.url}${url}`, { agent: backend.agent, method, headers }, (answer) => {
      const { connection: _, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.once('error', fail).pipe(outgoing);
    }).once('error', fail);
    return incoming.pipe(passed);
  });
  const check = (backend: Backend): void => {
    request(`${backend.url}/health/ready`, { agent: backend.agent }, (answer) => {
      answer.resume();
      backend.isReady = answer.statusCode === 200;
    })
      .once('error', () => (backend.isReady = false))
      .end();
  };
  const checking = setInterval(() => backends.forEach(check), every);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    backends,
    add: (url) => void backends.push({ url, agent: new Agent({ keepAlive: true }), isReady: false, served: 0 }),
    close: () =>
      new Promise((done) => {
        clearInterval(checking);
        for (const { agent } of backends) agent.destroy();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
