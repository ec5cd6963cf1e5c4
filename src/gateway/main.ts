import { parseArgs } from 'node:util';
import { destination, pino } from 'pino';
import { loadGatewayConfiguration } from './configuration.ts';
import { serveGateway } from './serve-gateway.ts';

/**
 * Runs the gateway of a configuration file until SIGINT or SIGTERM, printing `listening <address>` once on standard
 * output and its log on standard error. Throws where it cannot start.
 */
export async function runGateway(file: string): Promise<void> {
  const configuration = loadGatewayConfiguration(file);
  const log = pino({ base: { program: 'gateway' } }, destination(2));
  const { port } = configuration.listen;
  const gateway = await serveGateway(configuration, log).catch((cause: unknown) => {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw isTaken
      ? new Error(`Port ${port} is in use. Stop what listens there, or set another listen.port.`, { cause })
      : cause;
  });
  process.stdout.write(`listening ${gateway.url}\n`);
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  log.info({ signal }, 'the gateway ends');
  await gateway.close();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) {
    process.stderr.write('usage: main.ts --config <file>\n');
    process.exitCode = 2;
  } else {
    await runGateway(values.config).catch((cause: unknown) => {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
      process.exitCode = 1;
    });
  }
}
