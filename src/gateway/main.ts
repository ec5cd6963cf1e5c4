import { parseArgs } from 'node:util';
import { type Logger, destination, pino } from 'pino';
import { type GatewayConfiguration, loadGatewayConfiguration } from './configuration.ts';
import type { SupergraphSettings } from './plain-subgraphs/supergraph-settings.ts';
import { type RunningGateway, serveGateway } from './serve-gateway.ts';
import { serveSupergraph } from './serve-supergraph.ts';

/**
 * Runs the gateway of a configuration file until SIGINT or SIGTERM, printing `listening <address>` once on standard
 * output and its log on standard error. Throws where it cannot start.
 */
export async function runGateway(file: string): Promise<void> {
  const configuration = loadGatewayConfiguration(file);
  await runUntilEnd(configuration, 'listen.port', (log) => serveGateway(configuration, log));
}

/** Runs a gateway in front of plain subgraphs in the same way. */
export async function runSupergraph(settings: SupergraphSettings): Promise<void> {
  await runUntilEnd(settings, '--port', (log) => serveSupergraph(settings, log));
}

async function runUntilEnd(
  { listen: { port } }: Pick<GatewayConfiguration, 'listen'>,
  portSetting: string,
  serve: (log: Logger) => Promise<RunningGateway>,
): Promise<void> {
  const log = pino({ base: { program: 'gateway' } }, destination(2));
  const gateway = await serve(log).catch((cause: unknown) => {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw isTaken
      ? new Error(`Port ${port} is in use. Stop what listens there, or set another ${portSetting}.`, { cause })
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
