import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { describeCause } from '../protocol/describe-cause.ts';
import { endOnUncaught, operatorLog } from '../protocol/operator-log.ts';
import { ConfigurationError } from '../protocol/read-configuration.ts';
import { type GatewayConfiguration, loadGatewayConfiguration } from './configuration.ts';
import type { SupergraphSettings } from './plain-subgraphs/supergraph-settings.ts';
import { type ReloadableGateway, type RunningGateway, serveGateway } from './serve-gateway.ts';
import { serveSupergraph } from './serve-supergraph.ts';

/**
 * Runs the gateway of a configuration file until SIGINT or SIGTERM, printing `listening <address>` once on standard
 * output and its log on standard error; reads the file again on SIGHUP. Throws where it cannot start.
 */
export async function runGateway(file: string): Promise<void> {
  const configuration = loadGatewayConfiguration(file);
  await runUntilEnd(configuration, 'listen.port', (log) => {
    const starting = serveGateway(configuration, log);
    let reloading: Promise<unknown> = starting.catch(() => undefined);
    process.on('SIGHUP', () => {
      reloading = reloading.then(async () => reload(await starting, file, log)).catch(() => undefined);
    });
    return starting;
  });
}

/** Runs a gateway in front of plain subgraphs in the same way. */
export async function runSupergraph(settings: SupergraphSettings): Promise<void> {
  await runUntilEnd(settings, '--port', (log) => serveSupergraph(settings, log));
}

async function runUntilEnd(
  { listen: { port }, logLevel }: Pick<GatewayConfiguration, 'listen' | 'logLevel'>,
  portSetting: string,
  serve: (log: Logger) => Promise<RunningGateway>,
): Promise<void> {
  const log = operatorLog({ program: 'gateway' }, logLevel);
  endOnUncaught(log);
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

/** Takes what the file holds now; a file that cannot be used changes nothing. */
async function reload(gateway: ReloadableGateway, file: string, log: Logger): Promise<void> {
  try {
    const { taken, refused } = await gateway.reload(loadGatewayConfiguration(file));
    log.info({ taken }, 'the configuration was read again');
    if (refused.length > 0) log.warn({ refused }, 'these settings stay as they were: restart the gateway for them');
  } catch (cause) {
    const faults = cause instanceof ConfigurationError ? cause.message : undefined;
    log.error({ faults, cause: describeCause(cause) }, 'the configuration cannot be used: all stays as it was');
  }
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
