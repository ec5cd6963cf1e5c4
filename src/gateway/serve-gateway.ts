import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { accessTokenVerifier } from '../protocol/access-token.ts';
import { GATEWAY_AUDIENCE } from '../protocol/identifiers.ts';
import { ConfigurationError, readSecret, readSecrets } from '../protocol/read-configuration.ts';
import { readSigningKey } from '../protocol/read-keys.ts';
import type { ChangedSettings } from '../protocol/reload-configuration.ts';
import type { ContextSigner } from '../protocol/request-context.ts';
import { type MetricsListener, serveMetrics } from '../protocol/serve-metrics.ts';
import { NO_TRACES, type Tracer, openTracer } from '../protocol/traces.ts';
import { CheckThread } from './change/check-thread.ts';
import { FederationKeeper } from './change/federation-keeper.ts';
import { GatewayState, stateDirectory } from './change/gateway-state.ts';
import { readContracts } from './change/read-contracts.ts';
import { OperationShapes } from './change/operation-shapes.ts';
import { reloadedSettings } from './change/reload-settings.ts';
import { admitToCustodians } from './admit-to-custodians.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { CONDITIONS } from './custodian-health.ts';
import { CustodianCredentials } from './custodian-credentials.ts';
import { httpServer } from './http-server.ts';
import { ListCursors } from './gather/list-cursors.ts';
import { waitForProvider } from './identity-provider.ts';
import { FileLedger } from './ledger/file-ledger.ts';
import { drainable } from './drain.ts';
import { gatewayMetrics } from './observe/gateway-metrics.ts';
import { Readiness } from './observe/readiness.ts';
import { looked } from './observe/request-watch.ts';
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

/** A gateway in front of custodians. */
export interface ReloadableGateway extends RunningGateway {
  /**
   * Takes other settings, and the key that the file of the signing key holds now, where that is safe; answers which were
   * taken and for which the gateway has to be started anew. Throws where they cannot be used; then nothing has changed.
   */
  reload(next: GatewayConfiguration): Promise<ChangedSettings>;
}

/** The file of the access log, in its directory. */
export const LOG_FILE = 'gateway.jsonl';

/**
 * Starts the gateway: waits for the identity provider, and for custodians of whose schemas nothing is known, composes,
 * listens. A custodian that stays away longer than `startup` is taken in when it comes. Throws where the identity provider
 * stays away as long, or where the log, its own state or the port cannot be had.
 */
export async function serveGateway(initial: GatewayConfiguration, log: Logger): Promise<ReloadableGateway> {
  let configuration = initial;
  refuseSharedNames(configuration);
  const contracts = await readContracts(configuration);
  const { listen, identityProvider, custodians, startup } = configuration;
  const settings = (): GatewayConfiguration => configuration;
  const now = Date.now;
  const signerOf = async ({ signingKeyFile }: GatewayConfiguration): Promise<ContextSigner> => ({
    issuer: configuration.issuer,
    ...(await readSigningKey(signingKeyFile)),
    now,
  });
  let signer = await signerOf(configuration);
  let cursors = readCursorKeys(configuration);
  const logKey = readSecret(configuration.log.keyFile);
  const metrics = gatewayMetrics();
  const ledger = new WatchedLedger(
    await FileLedger.open(join(configuration.log.directory, LOG_FILE), now),
    metrics,
    now,
  );
  const state = new GatewayState(stateDirectory(configuration));
  const shapes = await OperationShapes.open(state, log);
  const keeper = new FederationKeeper({
    signer: () => signer,
    state,
    checker: new CheckThread(),
    operations: () => shapes.documents,
    interval: () => settings().schemaInterval,
    longestRequest: () => settings().deadlines.request,
    now,
    random: Math.random,
    log,
  });
  const release = async (): Promise<void> => {
    await keeper.close();
    await shapes.close();
    await listener?.close();
    await ledger.close();
    await tracer.close();
  };
  let listener: MetricsListener | undefined;
  let tracer: Tracer = NO_TRACES;
  try {
    tracer = await openTracer({ program: 'gateway' }, configuration.traces, log);
    const patience = AbortSignal.timeout(startup);
    const [provider] = await Promise.all([
      waitForProvider(identityProvider, now, log, patience),
      keeper.open({ custodians, contracts }, patience),
    ]);
    metrics.read('amana_gateway_custodian_condition', () =>
      keeper.federation.members.flatMap(({ custodian: { id }, health: { condition } }) =>
        CONDITIONS.map((one) => ({ labels: { custodian: id, condition: one }, value: Number(one === condition) })),
      ),
    );
    const { issuer, keys } = provider;
    const pipeline = new Pipeline({
      configuration: settings,
      federation: () => keeper.federation,
      admit: admitToCustodians({
        configuration: settings,
        standing: (custodian) => keeper.standing(custodian),
        looked: looked({ metrics }, 'access'),
        verify: accessTokenVerifier({ issuer, audience: GATEWAY_AUDIENCE, keys, now }),
        credentials: new CustodianCredentials(provider, () => signer, now),
        operatorLog: log,
        now,
      }),
      noteOperation: shapes.note,
      cursors: () => cursors,
      ledger,
      logKey,
      operatorLog: log,
      instruments: { metrics, tracer },
      now,
    });
    const readiness = new Readiness(
      {
        supergraph: () => keeper.federation.hosts.size > 0,
        log: () => ledger.isWritable(),
        'identity-provider': () => provider.holdsKeys(),
      },
      now,
    );
    const server = await httpServer(settings, pipeline, log, { metrics, readiness });
    const drain = drainable(server, readiness, configuration);
    listener = configuration.metrics && (await serveMetrics(metrics, configuration.metrics));
    pipeline.warmUp();
    await server.listen({ ...listen });
    const { snapshot, hosts } = keeper.federation;
    const present = [...hosts.values()].flat().map(({ custodian }) => custodian.id);
    log.info({ supergraph: snapshot.version, custodians: present, metrics: listener?.url }, 'the gateway listens');
    return {
      url: urlOf(listen, server),
      metrics: listener?.url,
      async reload(next) {
        refuseSharedNames(next);
        const { settings: reloaded, taken, refused } = reloadedSettings(configuration, next);
        const nextSigner = await signerOf(reloaded);
        const nextCursors = readCursorKeys(reloaded);
        const isOtherContract = await keeper.change({ ...reloaded, contracts: await readContracts(reloaded) });
        const isOtherKey = nextSigner.kid !== signer.kid;
        configuration = reloaded;
        signer = nextSigner;
        cursors = nextCursors;
        log.level = reloaded.logLevel ?? 'info';
        const read = [...(isOtherKey ? ['signingKeyFile'] : []), ...(isOtherContract ? ['gathered'] : [])];
        return { taken: [...new Set([...taken, ...read])], refused };
      },
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

/** What seals the cursors of gathered lists: where there are any, its keys are not to be missing. */
function readCursorKeys({ gathered, cursorKeyFile }: GatewayConfiguration): ListCursors | undefined {
  if (cursorKeyFile !== undefined) return new ListCursors(readSecrets(cursorKeyFile));
  if (gathered.length === 0) return undefined;
  throw new ConfigurationError('cursorKeyFile: missing. The cursors of gathered lists are sealed with its keys.');
}

/** An id is one custodian's, and a subgraph too, unless it is gathered. */
function refuseSharedNames({ custodians, gathered }: GatewayConfiguration): void {
  const shared = new Set(gathered.map(({ subgraph }) => subgraph));
  const hosted = custodians.map(({ subgraph }) => subgraph);
  refuseTwice(
    'custodians',
    'id',
    custodians.map(({ id }) => id),
  );
  refuseTwice(
    'custodians',
    'subgraph',
    hosted.filter((subgraph) => !shared.has(subgraph)),
    ' Name its contract under gathered.',
  );
  refuseTwice(
    'gathered',
    'subgraph',
    gathered.map(({ subgraph }) => subgraph),
  );
  const unhosted = [...shared].find((subgraph) => !hosted.includes(subgraph));
  if (unhosted !== undefined) throw new ConfigurationError(`gathered: no custodian hosts the subgraph '${unhosted}'.`);
}

function refuseTwice(setting: string, key: string, names: readonly string[], more = ''): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`${setting}: two have the ${key} '${twice}'.${more}`);
}

/** The address of a server that listens, with the port that it has chosen where it was to choose one. */
export function urlOf({ host }: GatewayConfiguration['listen'], server: FastifyInstance): string {
  const [address] = server.addresses();
  return `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' ? address.port : 0}`;
}
