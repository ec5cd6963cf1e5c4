import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { registerConsole } from '../console/register-console.ts';
import { ListedError } from '../protocol/errors.ts';
import { GATEWAY_AUDIENCE } from '../protocol/identifiers.ts';
import { PURPOSES } from '../protocol/purposes.ts';
import { apolloServer } from './apollo-server.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { describeCause } from '../protocol/describe-cause.ts';
import { maskError } from './mask-error.ts';
import { type Operated, serveHealth, watchServer } from './observe/watch-server.ts';
import type { Exchange, Pipeline } from './pipeline.ts';
import { SERVER_OPTIONS, prepareServer, refuse } from './prepare-server.ts';

/** What the server takes of the configuration; the console where somebody can sign in to it. */
export type ServerConfiguration = Partial<Pick<GatewayConfiguration, 'identityProvider' | 'console'>> & {
  readonly limits: { readonly tokens: number; readonly requestsPerMinute?: number };
};

/** The gateway's HTTP server: GraphQL over HTTP at `/graphql`, health, and the console where it is configured. */
export async function httpServer(
  settings: () => ServerConfiguration,
  pipeline: Pipeline,
  log: Logger,
  operated: Operated,
): Promise<FastifyInstance> {
  const { identityProvider, console: page } = settings();
  const server = fastify(SERVER_OPTIONS);
  prepareServer(server, (request, cause) =>
    log.error({ request: request.id, cause: describeCause(cause) }, 'a request failed'),
  );

  watchServer(server, operated);
  const handle = await graphqlHandler(server, settings, pipeline, log);
  server.post('/graphql', handle);
  server.route({
    method: ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    url: '/graphql',
    handler: (request, reply) => refuse(request, reply.header('allow', 'POST'), 'METHOD_NOT_ALLOWED'),
  });
  serveHealth(server, operated.readiness);
  if (page && identityProvider) {
    const { issuer } = identityProvider;
    registerConsole(server, { issuer, clientId: page.clientId, audience: GATEWAY_AUDIENCE, purposes: PURPOSES });
  }
  return server;
}

/** Takes a request as far as its viewer is known, then lets Apollo Server call the rest of the pipeline. */
async function graphqlHandler(
  server: FastifyInstance,
  settings: () => ServerConfiguration,
  pipeline: Pipeline,
  log: Logger,
): Promise<(request: FastifyRequest, reply: FastifyReply) => Promise<unknown>> {
  const apollo = apolloServer(pipeline, settings().limits.tokens, log);
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
    const watch = pipeline.watch(request.id);
    try {
      const exchange = await pipeline.open(request, reply, watch);
      exchanges.set(request, exchange);
      const { query, variables, operationName } = exchange.received;
      request.body = { query, variables, ...(operationName !== undefined && { operationName }) };
    } catch (cause) {
      const isListed = cause instanceof ListedError;
      if (!isListed) log.error({ request: request.id, cause: describeCause(cause) }, 'a request failed');
      const code = isListed ? cause.code : 'INTERNAL_SERVER_ERROR';
      const masked = maskError({ message: '', extensions: { code } }, cause);
      const { status = 500, body } = await pipeline.refuse(request.id, [masked], cause, watch);
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      if (status === 429) reply.header('retry-after', Math.ceil(60 / (settings().limits.requestsPerMinute ?? 60)));
      return reply.code(status).send(body);
    }
    return handle.call(server, request, reply);
  };
}
