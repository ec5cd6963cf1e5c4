import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { followPinnedKeys } from '../../protocol/follow-pinned-keys.ts';
import { endOnUncaught, operatorLog } from '../../protocol/operator-log.ts';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import { type ChangedSettings, changedSettings } from '../../protocol/reload-configuration.ts';
import { type MetricsListener, serveMetrics } from '../../protocol/serve-metrics.ts';
import { openTracer } from '../../protocol/traces.ts';
import { accessLog } from './access-log.ts';
import { buildSubgraph } from './build-schema.ts';
import { type CustodianConfiguration, loadCustodianConfiguration } from './configuration.ts';
import { Cursors } from './cursor.ts';
import type { CustodianDefinition } from './custodian-definition.ts';
import { readCustodianSecrets } from './custodian-secrets.ts';
import { startGraphqlServer } from './graphql-server.ts';
import { openMedia } from './images/open-media.ts';
import { custodianMetrics } from './observe/custodian-metrics.ts';
import { measuredStorage } from './observe/watch-storage.ts';
import { openStorage } from './open-storage.ts';
import { providerKeys } from './provider-keys.ts';
import { readinessCheck } from './readiness.ts';
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
  /**
   * Takes what may change while it runs: its secrets, out of the files that it was started with, and of a configuration
   * what is safe. Throws `ConfigurationError` where a secret cannot be used, having changed nothing.
   */
  reload(configuration: CustodianConfiguration): ChangedSettings;
  /** Accepts no more connections, answers what comes on those there are, then ends everything. */
  close(): Promise<void>;
}

const FINISH_WITHIN = 10_000;
const SAFE = ['name', 'contact', 'logLevel', 'askedAboutPersons'];

/** Starts a custodian in this process. Throws where its schema, its settings or its storage cannot be used, leaving nothing behind. */
export async function startCustodian(
  definition: CustodianDefinition,
  surroundings: Surroundings,
): Promise<RunningCustodian> {
  const { configuration, environment, now, log } = surroundings;
  const { custodian, listen } = configuration;
  const { subgraph: name, migrations } = definition;
  const subgraph = buildSubgraph(definition);
  let current = configuration;
  let secrets = readCustodianSecrets(configuration);
  const cursors = new Cursors(...secrets.cursor);
  const provider = providerKeys(configuration.identityProvider.jwksUri);
  const gateway = followPinnedKeys(configuration.gateway.keysFile, {
    now,
    onTaken: (kids) => log.info({ kids }, "other keys are pinned as the gateway's"),
    onRefused: (fault) => log.error({ fault }, "the gateway's keys stay those that were pinned before"),
  });
  const verifier = requestVerifier(configuration, { provider: provider.verify, gateway }, now);
  const media = definition.delivery.images && openMedia(definition.delivery.images, configuration, now);
  const graphql = await startGraphqlServer(subgraph.schema, log);
  const metrics = custodianMetrics();
  const tracer = await openTracer({ program: 'custodian', custodian }, configuration.traces, log);
  let listener: MetricsListener | undefined;
  const plan = { custodian, subgraphs: [name], migrations };
  const opened = await openStorage({ configuration, ...plan, use: 'serve', environment });
  const storage = measuredStorage(opened, metrics);
  const server = createServer({
    ...{ custodian, name, subgraph, graphql, verifier, storage, cursors, media, now, log },
    instruments: { metrics, tracer },
    accessLog: { append: (entry) => accessLog(storage, secrets.log[0]).append(entry) },
    askedAboutPersons: () => current.askedAboutPersons,
    readiness: readinessCheck({ storage: opened, plan, provider, now }),
  });
  const reload = (next: CustodianConfiguration): ChangedSettings => {
    const changed = changedSettings(current, next, SAFE);
    secrets = readCustodianSecrets(configuration);
    cursors.rotate(secrets.cursor);
    if (secrets.image) media?.vault.rotate(secrets.image);
    if (changed.taken.includes('logLevel')) log.level = next.logLevel;
    const { name, contact, logLevel, askedAboutPersons } = next;
    current = { ...current, name, contact, logLevel, askedAboutPersons };
    return changed;
  };
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
    return { url: await server.listen({ ...listen }), metrics: listener?.url, reload, close };
  } catch (error) {
    await close();
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? portInUse(listen, error) : error;
  }
}

/**
 * The whole of a custodian's program, on the configuration file given or else named with `--config`; writes
 * `listening <url>` to standard output and its log to standard error; reads the file again on SIGHUP; ends with 0 on
 * SIGINT or SIGTERM, after running requests, and with 1 where it cannot start.
 */
export async function serveCustodian(definition: CustodianDefinition, file?: string): Promise<void> {
  const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  try {
    const from = file ?? configurationFile();
    const configuration = loadCustodianConfiguration(from);
    const { custodian, logLevel } = configuration;
    const log = operatorLog({ program: 'custodian', custodian }, logLevel);
    endOnUncaught(log);
    const running = await startCustodian(definition, { configuration, environment: process.env, now: Date.now, log });
    process.on('SIGHUP', () => readAgain(running, from, log));
    log.info({ listening: running.url, metrics: running.metrics }, 'the custodian listens');
    process.stdout.write(`listening ${running.url}\n`);
    await asked;
    log.info('stopping: what was asked is still answered');
    await running.close();
    process.exitCode = 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function readAgain(running: RunningCustodian, file: string, log: Logger): void {
  try {
    const { taken, refused } = running.reload(loadCustodianConfiguration(file));
    log.info({ taken }, 'configuration and secrets were read again');
    if (refused.length > 0) log.warn({ refused }, 'these settings changed and are not taken: restart for them');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    log.error({ fault: error.message }, 'configuration and secrets were not taken: all stays as it was');
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
