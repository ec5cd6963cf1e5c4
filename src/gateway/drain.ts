import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfiguration } from './configuration.ts';
import type { Readiness } from './observe/readiness.ts';

/**
 * Milliseconds: how long requests are still taken after readiness has turned, for balancers to see it, and within how
 * much all must have been answered.
 */
export interface Shutdown {
  readonly grace: number;
  readonly deadline: number;
}

/** What holds where nothing is said. Nobody balances the demo, or a gateway that was never asked whether it is ready. */
const SHUTDOWN: Readonly<Record<'demo' | 'production', (isWatched: boolean) => Shutdown>> = {
  demo: () => ({ grace: 0, deadline: 10_000 }),
  production: (isWatched) => ({ grace: isWatched ? 5_000 : 0, deadline: 20_000 }),
};

/** How long a connection that has not sent anything yet is waited for once no more are taken, in milliseconds. */
const SILENT = 500;

const isSilent = ({ bytesRead }: Socket): boolean => bytesRead === 0;

/**
 * Has a server end without losing a request. Readiness turns at once, and each answer from then on closes its
 * connection; for the grace, requests are taken and answered as ever; then no more connections are taken, idle ones
 * end, and what runs is answered. At the deadline what is left is cut off.
 */
export function drainable(
  server: FastifyInstance,
  readiness: Readiness,
  { mode, shutdown }: Pick<GatewayConfiguration, 'mode' | 'shutdown'>,
): () => Promise<void> {
  const sockets = new Set<Socket>();
  let isDraining = false;
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.addHook('onSend', async (_, reply) => {
    if (isDraining) void reply.header('connection', 'close');
  });
  return async () => {
    const { grace, deadline } = shutdown ?? SHUTDOWN[mode](readiness.isWatched);
    isDraining = true;
    readiness.stop();
    const cut = setTimeout(() => server.server.closeAllConnections(), deadline);
    await pause(grace);
    const silence = endSilent(sockets);
    await server.close();
    clearTimeout(cut);
    clearInterval(silence);
  };
}

/**
 * Ends connections that nobody has asked anything on, as browsers open them ahead: Node does not count them as idle, and
 * no request would ever end them. What was silent twice, with a turn of the event loop between, has nothing waiting to
 * be read.
 */
function endSilent(sockets: ReadonlySet<Socket>): NodeJS.Timeout {
  let silent = new Set<Socket>();
  return setInterval(() => {
    for (const socket of silent) if (isSilent(socket)) socket.destroy();
    silent = new Set([...sockets].filter(isSilent));
  }, SILENT);
}
