import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { registerConsole } from '../console/register-console.ts';
import { ListedError } from '../protocol/errors.ts';
import { GATEWAY_AUDIENCE } from '../protocol/identifiers.ts';
import { PURPOSES } from '../protocol/purposes.ts';
import { apolloServer } from './apollo-server.ts';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { describeCause } from './describe-cause.ts';
import { maskError } from './mask-error.ts';
import type { Exchange, Pipeline } from './pipeline.ts';
import { SERVER_OPTIONS, prepareServer, refuse } from './prepare-server.ts';

/** What the server takes of the configuration; the console where somebody can sign in to it. */
export type ServerConfiguration = Partial<Pick<GatewayConfiguration, 'identityProvider' | 'console'>> & {
  readonly limits: { readonly tokens: number; readonly requestsPerMinute?: number };
};

/** The gateway's HTTP server: GraphQL over HTTP at `/graphql`, health, and the console where it is configured. */
export async function httpServer(
  configuration: ServerConfiguration,
  pipeline: Pipeline,
  snapshot: SupergraphSnapshot,
  log: Logger,
): Promise<FastifyInstance> {
  const { identityProvider, console: page } = configuration;
  const server = fastify(SERVER_OPTIONS);
  prepareServer(server, (request, cause) =>
    log.error({ request: request.id, cause: describeCause(cause) }, 'a request failed'),
  );

  let isClosing = false;
  server.addHook('preClose', async () => {
    isClosing = true;
  });
  server.addHook('onRequest', async (request, reply) => {
    if (isClosing && request.url !== '/health/live') return refuse(request, reply, 'SHUTTING_DOWN');
  });
  server.addHook('onSend', async (_, reply) => {
    if (isClosing) void reply.header('connection', 'close');
  });

  const handle = await graphqlHandler(server, configuration, pipeline, snapshot, log);
  server.post('/graphql', handle);
  server.route({
    method: ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    url: '/graphql',
    handler: (request, reply) => refuse(request, reply.header('allow', 'POST'), 'METHOD_NOT_ALLOWED'),
  });
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async () => ({ status: 'ready' }));
  if (page && identityProvider) {
    const { issuer } = identityProvider;
    registerConsole(server, { issuer, clientId: page.clientId, audience: GATEWAY_AUDIENCE, purposes: PURPOSES });
  }
  return server;
}

/** Takes a request as far as its viewer is known, then lets Apollo Server call the rest of the pipeline. */
async function graphqlHandler(
  server: FastifyInstance,
  { limits }: ServerConfiguration,
  pipeline: Pipeline,
  snapshot: SupergraphSnapshot,
  log: Logger,
): Promise<(request: FastifyRequest, reply: FastifyReply) => Promise<unknown>> {
  const apollo = apolloServer(pipeline, snapshot, limits.tokens, log);
  await apollo.start();
  server.addHook('onClose', () => apollo.stop());
  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => {
      const exchange = exchanges.get(request);
      if (!exchange) throw new Error('a request without an exchange');
      return { exchange };
    },
  });
  return async (request, reply) => {
    try {
      const exchange = await pipeline.open(request, reply);
      exchanges.set(request, exchange);
      const { query, variables, operationName } = exchange.received;
      request.body = { query, variables, ...(operationName !== undefined && { operationName }) };
    } catch (cause) {
      const isListed = cause instanceof ListedError;
      if (!isListed) log.error({ request: request.id, cause: describeCause(cause) }, 'a request failed');
      const code = isListed ? cause.code : 'INTERNAL_SERVER_ERROR';
      const masked = maskError({ message: '', extensions: { code } }, cause);
      const { status = 500, body } = await pipeline.refuse(request.id, [masked], cause);
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      if (status === 429) reply.header('retry-after', Math.ceil(60 / (limits.requestsPerMinute ?? 60)));
      return reply.code(status).send(body);
    }
    return handle.call(server, request, reply);
  };
}
