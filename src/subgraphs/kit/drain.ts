import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE = 1_000;
const LOOK_EACH = 20;

/**
 * Stops accepting connections, and waits until those that are open have ended or a second has passed: a request may be
 * on its way on each of them, and is to be answered. Ending HTTP's own way would cut idle ones off at once.
 */
export async function drain(server: HttpServer): Promise<void> {
  Server.prototype.close.call(server);
  const open = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
  for (const end = performance.now() + GRACE; performance.now() < end && (await open()) > 0;) await sleep(LOOK_EACH);
}
