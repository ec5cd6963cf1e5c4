import { parseArgs } from 'node:util';
import { endOnUncaught, operatorLog } from '../protocol/operator-log.ts';
import { loadGatewayConfiguration } from './configuration.ts';
import { serveGateway } from './serve-gateway.ts';

/**
 * Runs the gateway of a configuration file until SIGINT or SIGTERM, printing `listening <address>` once on standard
 * output and its log on standard error. Throws where it cannot start.
 */
export async function runGateway(file: string): Promise<void> {
  const configuration = loadGatewayConfiguration(file);
  const log = operatorLog({ program: 'gateway' }, configuration.logLevel);
  endOnUncaught(log);
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

/** The command line of this file, for those who start the gateway without the `amana` command. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error('Name a configuration file with --config <file>.');
  await runGateway(values.config);
}

if (import.meta.main) {
  await main().catch((cause: unknown) => {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  });
}
