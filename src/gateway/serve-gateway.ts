import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { accessTokenVerifier } from '../protocol/access-token.ts';
import { GATEWAY_AUDIENCE } from '../protocol/identifiers.ts';
import { ConfigurationError, readSecret } from '../protocol/read-configuration.ts';
import { readSigningKey } from '../protocol/read-keys.ts';
import { admitToCustodians } from './admit-to-custodians.ts';
import { composeSupergraph } from './compose/compose-supergraph.ts';
import { fetchSchemas } from './compose/fetch-schemas.ts';
import { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { CustodianConnection } from './custodian-connection.ts';
import { CustodianCredentials } from './custodian-credentials.ts';
import { federationOf } from './federation.ts';
import { httpServer } from './http-server.ts';
import { waitForProvider } from './identity-provider.ts';
import { FileLedger } from './ledger/file-ledger.ts';
import { Pipeline } from './pipeline.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://host:port` */
  readonly url: string;
  /** Takes no more requests, answers those it has taken, then ends. */
  close(): Promise<void>;
}

/** The file of the access log, in its directory. */
export const LOG_FILE = 'gateway.jsonl';

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
  const ledger = await FileLedger.open(join(configuration.log.directory, LOG_FILE), now);
  const health = { now, random: Math.random, log };
  const connections = custodians.map((custodian) => new CustodianConnection(custodian, health));
  const release = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
    await ledger.close();
  };
  try {
    const patience = AbortSignal.timeout(startup);
    const [provider, schemas] = await Promise.all([
      waitForProvider(identityProvider, now, log, patience),
      fetchSchemas(connections, signer, log, patience),
    ]);
    const snapshot = new SupergraphSnapshot(composeSupergraph(schemas));
    const federation = federationOf(snapshot, connections);
    const { issuer, keys } = provider;
    const pipeline = new Pipeline({
      configuration,
      federation: () => federation,
      admit: admitToCustodians({
        configuration,
        verify: accessTokenVerifier({ issuer, audience: GATEWAY_AUDIENCE, keys, now }),
        credentials: new CustodianCredentials(provider, signer),
        operatorLog: log,
        now,
      }),
      ledger,
      logKey,
      operatorLog: log,
      now,
    });
    const server = await httpServer(configuration, pipeline, snapshot, log);
    await server.listen({ ...listen });
    log.info({ supergraph: snapshot.version, custodians: custodians.map(({ id }) => id) }, 'the gateway listens');
    return {
      url: urlOf(listen, server),
      async close() {
        await server.close();
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

/** The address of a server that listens, with the port that it has chosen where it was to choose one. */
export function urlOf({ host }: GatewayConfiguration['listen'], server: FastifyInstance): string {
  const [address] = server.addresses();
  return `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' ? address.port : 0}`;
}
