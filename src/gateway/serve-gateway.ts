import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { accessTokenVerifier } from '../protocol/access-token.ts';
import { GATEWAY_AUDIENCE } from '../protocol/identifiers.ts';
import { ConfigurationError, readSecret } from '../protocol/read-configuration.ts';
import { readSigningKey } from '../protocol/read-keys.ts';
import { type MetricsListener, serveMetrics } from '../protocol/serve-metrics.ts';
import { NO_TRACES, type Tracer, openTracer } from '../protocol/traces.ts';
import { composeSupergraph } from './compose/compose-supergraph.ts';
import { fetchSchemas } from './compose/fetch-schemas.ts';
import { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { CustodianConnection } from './custodian-connection.ts';
import { CONDITIONS } from './custodian-health.ts';
import { CustodianCredentials } from './custodian-credentials.ts';
import { federationOf } from './federation.ts';
import { httpServer } from './http-server.ts';
import { waitForProvider } from './identity-provider.ts';
import { FileLedger } from './ledger/file-ledger.ts';
import { SHUTDOWN, drainable } from './drain.ts';
import { gatewayMetrics } from './observe/gateway-metrics.ts';
import { Readiness } from './observe/readiness.ts';
import { WatchedLedger } from './observe/watched-ledger.ts';
import { Pipeline } from './pipeline.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://host:port` */
  readonly url: string;
  /** Where Prometheus reads, if anywhere. */
  readonly metrics: string | undefined;
  /** Says that it is not ready, takes requests for the grace, answers those it has taken, then ends. */
  close(): Promise<void>;
}

const LOG_FILE = 'gateway.jsonl';

/**
 * Starts the gateway: waits for the identity provider and the custodians, composes, listens. Throws where one of them
 * stays away longer than `startup`, where the schemas may not be composed, or where the log or the port cannot be had.
 */
export async function serveGateway(configuration: GatewayConfiguration, log: Logger): Promise<RunningGateway> {
  refuseSharedSubgraphs(configuration);
  const { listen, identityProvider, custodians, startup } = configuration;
  const now = Date.now;
  const signer = { issuer: configuration.issuer, ...(await readSigningKey(configuration.signingKeyFile)), now };
  const logKey = readSecret(configuration.log.keyFile);
  const metrics = gatewayMetrics();
  const file = await FileLedger.open(join(configuration.log.directory, LOG_FILE), now);
  const ledger = new WatchedLedger(file, metrics, now);
  const health = { now, random: Math.random, log };
  const connections = custodians.map((custodian) => new CustodianConnection(custodian, health));
  const release = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
    await listener?.close();
    await ledger.close();
    await tracer.close();
  };
  let listener: MetricsListener | undefined;
  let tracer: Tracer = NO_TRACES;
  try {
    tracer = await openTracer({ program: 'gateway' }, configuration.traces, log);
    const patience = AbortSignal.timeout(startup);
    const [provider, schemas] = await Promise.all([
      waitForProvider(identityProvider, now, log, patience),
      fetchSchemas(connections, signer, log, patience),
    ]);
    const snapshot = new SupergraphSnapshot(composeSupergraph(schemas));
    const federation = federationOf(snapshot, connections);
    metrics.read('amana_gateway_custodian_condition', () =>
      connections.flatMap(({ custodian: { id }, health: { condition } }) =>
        CONDITIONS.map((one) => ({ labels: { custodian: id, condition: one }, value: Number(one === condition) })),
      ),
    );
    const { issuer, keys } = provider;
    const pipeline = new Pipeline({
      configuration,
      federation: () => federation,
      verify: accessTokenVerifier({ issuer, audience: GATEWAY_AUDIENCE, keys, now }),
      credentials: new CustodianCredentials(provider, signer),
      ledger,
      logKey,
      operatorLog: log,
      instruments: { metrics, tracer },
      now,
    });
    const readiness = new Readiness(
      {
        supergraph: () => federation.connections.size > 0,
        log: () => ledger.isWritable(),
        'identity-provider': () => provider.holdsKeys(),
      },
      now,
    );
    const server = await httpServer(configuration, pipeline, snapshot, log, { metrics, readiness });
    const drain = drainable(server, readiness, configuration.shutdown ?? SHUTDOWN[configuration.mode]);
    listener = configuration.metrics && (await serveMetrics(metrics, configuration.metrics));
    await server.listen({ ...listen });
    log.info(
      { supergraph: snapshot.version, custodians: custodians.map(({ id }) => id), metrics: listener?.url },
      'the gateway listens',
    );
    return {
      url: `http://${listen.host}:${portOf(server)}`,
      metrics: listener?.url,
      async close() {
        await drain();
        await release();
      },
    };
  } catch (cause) {
    await release();
    throw cause;
  }
}

/** Until records are gathered from many hosts of one schema, a subgraph has one custodian. */
function refuseSharedSubgraphs({ custodians }: GatewayConfiguration): void {
  for (const key of ['id', 'subgraph'] as const) {
    const names = custodians.map((custodian) => custodian[key]);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new ConfigurationError(`custodians: two have the ${key} '${twice}'.`);
  }
}

function portOf(server: FastifyInstance): number {
  const [address] = server.addresses();
  return typeof address === 'object' ? address.port : 0;
}
