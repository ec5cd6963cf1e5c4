import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { PROCESSES, type Ports, type ProcessName } from './write-configuration.ts';

const HOST = '127.0.0.1';

// Below the range from which systems give outgoing connections their ports, so that a port found free stays free.
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** The ports of the demo: the gateway's as given, the others from ten above it. */
export const demoPorts = (gateway: number): Ports => ({
  gateway,
  'identity-provider': gateway + 10,
  ministry: gateway + 11,
  missing: gateway + 12,
  'ngo-a': gateway + 13,
  'ngo-b': gateway + 14,
});

/** Free ports where none are given; throws where a given one is in use, naming it. */
export async function choosePorts(given: Partial<Ports>): Promise<Ports> {
  const taken = new Set<number>();
  const choose = async (name: ProcessName): Promise<[ProcessName, number]> => {
    const port = given[name] ?? (await freePort(taken));
    taken.add(port);
    if (!(await isFree(port))) {
      throw new Error(
        `Port ${port} on ${HOST}, meant for ${name}, is in use. Stop what listens there, or choose other ports with ` +
          '--port: the gateway takes that port, the others the five from ten above it; --port 0 takes free ones.',
      );
    }
    return [name, port];
  };
  const chosen: [ProcessName, number][] = [];
  for (const name of PROCESSES) chosen.push(await choose(name));
  return Object.fromEntries(chosen) as Ports;
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
      .once('listening', () => probe.close(() => resolve(true)))
      .listen({ port, host: HOST, exclusive: true });
  });
}
