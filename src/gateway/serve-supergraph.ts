import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ConfigurationError, readSecret } from '../protocol/read-configuration.ts';
import { NO_TRACES } from '../protocol/traces.ts';
import { admitByClaims } from './admit-by-claims.ts';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import { drainable } from './drain.ts';
import { federationOf } from './federation.ts';
import { httpServer } from './http-server.ts';
import { FileLedger } from './ledger/file-ledger.ts';
import type { Ledger } from './ledger/ledger.ts';
import { gatewayMetrics } from './observe/gateway-metrics.ts';
import { Readiness } from './observe/readiness.ts';
import { WatchedLedger } from './observe/watched-ledger.ts';
import { Pipeline } from './pipeline.ts';
import { loadSupergraph } from './plain-subgraphs/load-supergraph.ts';
import { PlainConnection } from './plain-subgraphs/plain-connection.ts';
import { loadPolicies } from './plain-subgraphs/policies.ts';
import { STARTUP, SUPERGRAPH_DEADLINES, type SupergraphSettings } from './plain-subgraphs/supergraph-settings.ts';
import { tokenKeys } from './plain-subgraphs/token-keys.ts';
import { claimsVerifier } from './plain-subgraphs/verify-claims.ts';
import { LOG_FILE, type RunningGateway, urlOf } from './serve-gateway.ts';

/**
 * Starts a gateway in front of plain subgraphs. Throws where the supergraph, the identity provider or the policies cannot
 * be had or used, or where the log or the port cannot.
 */
export async function serveSupergraph(settings: SupergraphSettings, log: Logger): Promise<RunningGateway> {
  const { listen, source, tokens, policiesFile, forwardHeaders, logDirectory } = settings;
  const now = Date.now;
  const failing = new AbortController();
  const patience = AbortSignal.any([AbortSignal.timeout(STARTUP), failing.signal]);
  const [snapshot, keys, decidePolicies] = await Promise.all([
    loadSupergraph(source, log, patience),
    tokens && tokenKeys(tokens, log, patience),
    policiesFile === undefined ? undefined : loadPolicies(policiesFile),
  ]).catch((cause: unknown) => {
    // Where one of them is at fault, the others are not waited for.
    failing.abort();
    throw cause;
  });
  const verify = tokens && keys && claimsVerifier(keys, tokens, now);
  const connections = connectionsOf(snapshot, forwardHeaders, log);
  const metrics = gatewayMetrics();
  const file = logDirectory === undefined ? NO_LEDGER : await FileLedger.open(join(logDirectory, LOG_FILE), now);
  const ledger = new WatchedLedger(file, metrics, now);
  const release = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
    await ledger.close();
  };
  try {
    const limits = { ...settings.limits, anyPage: true };
    const federation = federationOf(snapshot, connections);
    const pipeline = new Pipeline({
      configuration: () => ({ deadlines: SUPERGRAPH_DEADLINES, limits }),
      federation: () => federation,
      admit: admitByClaims({
        served: snapshot,
        verify,
        decidePolicies,
        forwardHeaders,
        anonymousIntrospection: settings.anonymousIntrospection,
        deadline: SUPERGRAPH_DEADLINES.access,
        operatorLog: log,
      }),
      ledger,
      logKey: logDirectory === undefined ? randomBytes(32) : logKeyIn(logDirectory),
      operatorLog: log,
      instruments: { metrics, tracer: NO_TRACES },
      now,
    });
    const readiness = new Readiness(
      { supergraph: () => true, log: () => ledger.isWritable(), 'identity-provider': () => true },
      now,
    );
    const server = await httpServer(() => ({ limits }), pipeline, log, { metrics, readiness });
    const drain = drainable(server, readiness, { mode: 'production' });
    pipeline.warmUp();
    await server.listen({ ...listen });
    const subgraphs = connections.map(({ custodian }) => custodian.id);
    log.info({ supergraph: snapshot.version, subgraphs }, 'the gateway listens');
    return {
      url: urlOf(listen, server),
      metrics: undefined,
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

function connectionsOf(
  { urls }: SupergraphSnapshot,
  forwardHeaders: readonly string[],
  log: Logger,
): readonly PlainConnection[] {
  return Array.from(urls, ([name, url]) => {
    if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol))
      throw new ConfigurationError(`The supergraph has no http address for the subgraph ${name}: compose it with one.`);
    const connection = new PlainConnection(name, url, { now: Date.now, random: Math.random, log });
    if (forwardHeaders.length > 0 && new URL(url).protocol === 'http:')
      log.warn({ subgraph: name, forwardHeaders }, 'headers of clients are passed on over plain HTTP');
    return connection;
  });
}

/** The key under which viewers stand in the log, made on the first start and kept beside it. */
function logKeyIn(directory: string): Buffer {
  const file = join(directory, 'log.secret');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
  }
  return readSecret(file);
}

/** Where the operator wants no log, nothing is written. */
const NO_LEDGER: Ledger = {
  append: () => Promise.resolve(),
  probe: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
