import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { describeCause } from '../../protocol/describe-cause.ts';
import { ListedError } from '../../protocol/errors.ts';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';
import { CONTEXT_HEADER, REQUEST_ID_HEADER } from '../../protocol/request-context.ts';
import type { Purpose } from '../../protocol/purposes.ts';
import type { AccessLog } from './access-log.ts';
import type { Subgraph } from './build-schema.ts';
import type { Cursors } from './cursor.ts';
import { drain } from './drain.ts';
import { Exchange } from './exchange.ts';
import { FairReads } from './fair-reads.ts';
import { loadAccess } from './grants.ts';
import { type Media, serveMedia } from './images/serve-media.ts';
import type { Instruments } from './observe/exchange-watch.ts';
import { onlyJson } from './json-body.ts';
import type { Readiness } from './readiness.ts';
import { codeOf, rawRefusal, refusal } from './refusal.ts';
import type { Storage } from './storage.ts';
import { serveSchema } from './serve-schema.ts';
import type { RequestVerifier } from './verify-request.ts';
import { ViewerRequest } from './viewer-request.ts';

/** What a custodian's server is put together from; `now` is milliseconds since 1970. */
export interface ServerParts {
  readonly custodian: string;
  /** The subgraph's name: its path. */
  readonly name: string;
  readonly subgraph: Subgraph;
  readonly graphql: ApolloServer<ViewerRequest>;
  readonly verifier: RequestVerifier;
  readonly storage: Storage;
  readonly cursors: Cursors;
  readonly accessLog: AccessLog;
  /** For which purposes the custodian agrees to be asked about persons. */
  readonly askedAboutPersons: () => readonly Purpose[];
  readonly readiness: () => Promise<Readiness>;
  /** Its images, where its records have any. */
  readonly media?: Media | undefined;
  readonly now: () => number;
  readonly log: Logger;
  readonly instruments: Instruments;
}

type ExchangeOf = (request: FastifyRequest) => Exchange;

const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A custodian's HTTP server, not yet listening. Every answer passes `onSend`, where the access log is written first. */
export function createServer(parts: ServerParts): FastifyInstance {
  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  const exchangeOf: ExchangeOf = (request) => {
    const exchange = exchanges.get(request) ?? new Exchange(request.headers[REQUEST_ID_HEADER], parts.instruments);
    exchanges.set(request, exchange);
    return exchange;
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply => {
    const exchange = exchangeOf(request);
    const code = codeOf(error);
    exchange.account.code = code;
    const level = code === 'INTERNAL_SERVER_ERROR' || code === 'LOG_UNAVAILABLE' ? 'error' : 'info';
    const cause = level === 'error' ? { cause: describeCause(error) } : {};
    parts.log[level]({ request: exchange.requestId, code, ...cause }, 'a request was refused');
    const { status, headers, body } = refusal(code, exchange.requestId);
    return reply.code(status).headers(headers).send(body);
  };

  const server = fastify({
    bodyLimit: OPERATION_BOUNDS.bytes,
    requestTimeout: 30_000,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(request, reply, error),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end(rawRefusal());
    },
  });
  let stopping = false;
  server.addHook('preClose', () => {
    stopping = true;
    return drain(server.server);
  });
  server.addHook('onRequest', async (_request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  server.addHook('onSend', async (_request, reply, payload) => {
    // A connection kept alive would outlive the answer that the server still waits for.
    if (stopping) void reply.header('connection', 'close');
    return payload;
  });
  logBeforeAnswer(server, parts, exchangeOf);
  onlyJson(server);
  server.setErrorHandler((error, request, reply) => refuse(request, reply, error));
  server.setNotFoundHandler((request, reply) => refuse(request, reply, new ListedError('NOT_FOUND')));
  serveHealth(server, parts, () => stopping);
  serveSchema(server, parts);
  serveViewers(server, parts, exchangeOf);
  const { media, subgraph } = parts;
  if (media) serveMedia(server, { ...parts, media, rules: subgraph.rules }, exchangeOf);
  return server;
}

/** No log, no answer: whatever was going to be sent leaves only after its row is committed. */
function logBeforeAnswer(server: FastifyInstance, parts: ServerParts, exchangeOf: ExchangeOf): void {
  const { accessLog, log, name, subgraph } = parts;
  server.addHook('onSend', async (request, reply, payload) => {
    const exchange = exchangeOf(request);
    if (reply.statusCode >= 400) exchange.account.code ??= 'BAD_REQUEST';
    const entry = exchange.logEntry();
    const ended = (code = exchange.account.code): void => {
      const withheld = exchange.withheld(subgraph.rules);
      exchange.watch.ended({ door: doorOf(name, request.routeOptions.url), code, withheld });
    };
    try {
      if (entry) await accessLog.append(entry);
      ended();
      return payload;
    } catch (error) {
      ended('LOG_UNAVAILABLE');
      const cause = describeCause(error);
      log.error({ request: exchange.requestId, code: 'LOG_UNAVAILABLE', cause }, 'a request was refused');
      const { status, headers, body } = refusal('LOG_UNAVAILABLE', exchange.requestId);
      void reply.code(status).removeHeader('content-length').headers(headers);
      return body;
    }
  });
}

/** What is counted as one address: never what a client has written. */
function doorOf(subgraph: string, route = ''): string {
  if (route === `/${subgraph}/graphql`) return 'graphql';
  if (route === `/${subgraph}/schema`) return 'schema';
  return /^\/(access|media|health)(?:\/|$)/u.exec(route)?.[1] ?? 'other';
}

/** For whoever restarts it (live) and whoever sends it requests (ready): names of checks, and nothing about the machine. */
function serveHealth(server: FastifyInstance, { readiness }: ServerParts, isStopping: () => boolean): void {
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    if (isStopping()) return reply.code(503).send({ status: 'not ready', failed: ['stopping'], degraded: [] });
    const { failed, degraded } = await readiness();
    const isReady = failed.length === 0;
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', failed, degraded });
  });
}

function serveViewers(server: FastifyInstance, parts: ServerParts, exchangeOf: ExchangeOf): void {
  const { custodian, name, subgraph, graphql, verifier, storage, cursors, media, askedAboutPersons, now } = parts;
  const reads = new FairReads();
  const served = { custodian, rules: subgraph.rules, cursors, media };

  const identify = async (request: FastifyRequest): Promise<void> => {
    const exchange = exchangeOf(request);
    exchange.isForViewers = true;
    const credentials = { authorization: request.headers.authorization, context: headerOf(request, CONTEXT_HEADER) };
    exchange.viewer = await verifier.verify(credentials, (subject) => (exchange.subject = subject));
    exchange.watch.proved(request.headers);
    // Read anew for every request: a revoked grant bites at once.
    exchange.granted = await loadAccess(exchange.watch.storage(storage), { custodian, ...exchange.viewer, now });
  };

  const handle = fastifyApolloHandler(graphql, {
    context: async (request, reply) => {
      const exchange = exchangeOf(request);
      const { requestId, account, watch } = exchange;
      const { viewer, access } = exchange.known();
      const own = { ...served, storage: reads.of(viewer.subject, watch.storage(storage)) };
      return new ViewerRequest(requestId, viewer, access, own, account, callerLeaving(reply));
    },
  });
  server.post(`/${name}/graphql`, {
    onRequest: identify,
    handler: (request, reply) => {
      exchangeOf(request).asksRecords = true;
      return handle.call(server, request, reply);
    },
  });
  server.route({
    method: OTHER_METHODS,
    url: `/${name}/graphql`,
    handler: async () => {
      throw new ListedError('METHOD_NOT_ALLOWED');
    },
  });
  server.get('/access', { onRequest: identify }, async (request): Promise<AccessAnswer> => {
    const { viewer, answer } = exchangeOf(request).known();
    return { ...answer, askedAboutPersons: askedAboutPersons().includes(viewer.purpose) };
  });
}

function callerLeaving({ raw }: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) leaving.abort();
  });
  return leaving.signal;
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
