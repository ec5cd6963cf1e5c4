import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSchema } from 'graphql';
import type { Logger } from 'pino';
import { describeCause } from '../protocol/describe-cause.ts';
import { OWN_TYPES } from './compose/own-schema.ts';
import { maskError } from './mask-error.ts';
import type { Exchange, Pipeline } from './pipeline.ts';

/** What Apollo Server hands from one hook to the next. */
export interface ApolloContext {
  readonly exchange: Exchange;
}

type ApolloGateway = ApolloServerOptionsWithGateway<ApolloContext>['gateway'];

/**
 * Apollo Server as the host of the pipeline: it parses, and awaits the stages in one plugin (hooks of several would run
 * at the same time). Validation is the resolve stage's own, which remembers documents without their literals.
 */
export function apolloServer(pipeline: Pipeline, tokens: number, log: Logger): ApolloServer<ApolloContext> {
  return new ApolloServer<ApolloContext>({
    gateway: gatewayInterface(pipeline),
    plugins: [
      lifecycle(pipeline, log),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    formatError: maskError,
    includeStacktraceInErrorResponses: false,
    introspection: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    documentStore: null,
    dangerouslyDisableValidation: true,
    parseOptions: { maxTokens: tokens },
    stopOnTerminationSignals: false,
    logger: wordless(log),
  });
}

/** Apollo's own lines quote messages, and those quote values: only that there was one is told. */
const wordless = (log: Logger): NonNullable<ConstructorParameters<typeof ApolloServer>[0]['logger']> => ({
  debug: () => {},
  info: () => {},
  warn: () => log.warn('Apollo Server has warned of something'),
  error: () => log.error('Apollo Server has met a failure'),
});

function lifecycle(pipeline: Pipeline, log: Logger): ApolloServerPlugin<ApolloContext> {
  return {
    async requestDidStart() {
      return {
        didResolveOperation: ({ contextValue, document }) => pipeline.prepare(contextValue.exchange, document),
        async willSendResponse({ contextValue, response, errors: causes = [] }) {
          const { exchange } = contextValue;
          const result = response.body.kind === 'single' ? response.body.singleResult : {};
          const errors = result.errors ?? [];
          if (errors.some(({ extensions }) => extensions?.code === 'INTERNAL_SERVER_ERROR')) {
            log.error({ request: exchange.received.id, causes: causes.map(describeCause) }, 'a request failed');
          }
          const { status, body } = await pipeline.respond(exchange, errors, causes);
          response.body = { kind: 'single', singleResult: body };
          if (status !== undefined) response.http.status = status;
        },
      };
    },
  };
}

/**
 * The gateway that Apollo Server knows: the pipeline as executor, and a schema that is always the same and is never looked
 * at, since each request has the one that was in force when it came.
 */
function gatewayInterface(pipeline: Pipeline): ApolloGateway {
  const apiSchema = buildSchema(OWN_TYPES);
  const listeners = new Set<Parameters<ApolloGateway['onSchemaLoadOrUpdate']>[0]>();
  return {
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async load() {
      for (const listener of listeners) listener({ apiSchema, coreSupergraphSdl: OWN_TYPES });
      return {
        executor: async ({ context }) => {
          const { data, errors } = await pipeline.execute(context.exchange);
          return { data: data && { ...data }, ...(errors.length > 0 && { errors }) };
        },
      };
    },
    async stop() {
      listeners.clear();
    },
  };
}
