import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { endOnUncaught, operatorLog } from '../../protocol/operator-log.ts';
import { ConfigurationError, readSecret } from '../../protocol/read-configuration.ts';
import { type MetricsListener, serveMetrics } from '../../protocol/serve-metrics.ts';
import { openTracer } from '../../protocol/traces.ts';
import { accessLog } from './access-log.ts';
import { buildSubgraph } from './build-schema.ts';
import { type CustodianConfiguration, loadCustodianConfiguration } from './configuration.ts';
import { Cursors } from './cursor.ts';
import type { CustodianDefinition } from './custodian-definition.ts';
import { startGraphqlServer } from './graphql-server.ts';
import { openMedia } from './images/open-media.ts';
import { custodianMetrics } from './observe/custodian-metrics.ts';
import { measuredStorage } from './observe/watch-storage.ts';
import { openStorage } from './open-storage.ts';
import { createServer } from './server.ts';
import { requestVerifier } from './verify-request.ts';

/** Where a custodian runs: its settings, the environment variables, a clock in milliseconds since 1970, the operator's log. */
export interface Surroundings {
  readonly configuration: CustodianConfiguration;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly log: Logger;
}

/** A custodian that answers requests. */
export interface RunningCustodian {
  readonly url: string;
  /** Where Prometheus reads, if anywhere. */
  readonly metrics: string | undefined;
  /** Lets running requests finish, then ends everything. */
  close(): Promise<void>;
}

const FINISH_WITHIN = 10_000;

/** Starts a custodian in this process. Throws where its schema, its settings or its storage cannot be used, leaving nothing behind. */
export async function startCustodian(
  definition: CustodianDefinition,
  surroundings: Surroundings,
): Promise<RunningCustodian> {
  const { configuration, environment, now, log } = surroundings;
  const { custodian, secrets, listen } = configuration;
  const { subgraph: name, migrations } = definition;
  const subgraph = buildSubgraph(definition);
  const cursors = new Cursors(readSecret(secrets.cursorKeyFile));
  const logKey = readSecret(secrets.logKeyFile);
  const verifier = requestVerifier(configuration, now);
  const media = definition.delivery.images && openMedia(definition.delivery.images, configuration, now);
  const graphql = await startGraphqlServer(subgraph.schema, log);
  const metrics = custodianMetrics();
  const tracer = await openTracer({ program: 'custodian', custodian }, configuration.traces, log);
  const opened = await openStorage({ configuration, subgraphs: [name], migrations, use: 'serve', environment });
  const storage = measuredStorage(opened, metrics);
  const instruments = { metrics, tracer };
  const parts = { custodian, name, subgraph, graphql, verifier, storage, cursors, media, now, log, instruments };
  let listener: MetricsListener | undefined;
  const server = createServer({ ...parts, accessLog: accessLog(storage, logKey) });
  const close = async (): Promise<void> => {
    const hurry = setTimeout(() => server.server.closeAllConnections(), FINISH_WITHIN);
    await server.close();
    clearTimeout(hurry);
    await graphql.stop();
    await listener?.close();
    await storage.close();
    await tracer.close();
  };
  try {
    listener = configuration.metrics && (await serveMetrics(metrics, configuration.metrics));
    return { url: await server.listen({ ...listen }), metrics: listener?.url, close };
  } catch (error) {
    await close();
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? portInUse(listen, error) : error;
  }
}

/**
 * The whole of a custodian's program, on the configuration file given or else named with `--config`; writes
 * `listening <url>` to standard output and its log to standard error; ends with 0 on SIGINT or SIGTERM, after running
 * requests, and with 1 where it cannot start.
 */
export async function serveCustodian(definition: CustodianDefinition, file?: string): Promise<void> {
  const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  try {
    const configuration = loadCustodianConfiguration(file ?? configurationFile());
    const { custodian } = configuration;
    const log = operatorLog({ program: 'custodian', custodian }, configuration.log?.level);
    endOnUncaught(log);
    const running = await startCustodian(definition, { configuration, environment: process.env, now: Date.now, log });
    log.info({ listening: running.url, metrics: running.metrics }, 'the custodian listens');
    process.stdout.write(`listening ${running.url}\n`);
    await asked;
    await running.close();
    process.exitCode = 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function configurationFile(): string {
  const { config } = parseArgs({ options: { config: { type: 'string' } } }).values;
  if (config === undefined) throw new ConfigurationError('Name a configuration file with --config.');
  return config;
}

function portInUse({ host, port }: CustodianConfiguration['listen'], cause: Error): ConfigurationError {
  return new ConfigurationError(
    `Port ${port} of ${host} is in use. Stop what listens there, or set listen.port to another.`,
    { cause },
  );
}
