import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, Kind, type ValidationRule } from 'graphql';
import type { Logger } from 'pino';
import { describeCause } from '../../protocol/describe-cause.ts';
import { type ErrorCode, isErrorCode, messageOf } from '../../protocol/errors.ts';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';
import { checkOperation } from './check-operation.ts';
import { NotTooDeepRule } from './not-too-deep-rule.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** Apollo Server for one subgraph: it says nothing about itself, and only listed codes leave it. */
export async function startGraphqlServer(schema: GraphQLSchema, log: Logger): Promise<ApolloServer<ViewerRequest>> {
  const server = new ApolloServer<ViewerRequest>({
    schema,
    nodeEnv: 'production',
    introspection: false,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: OPERATION_BOUNDS.tokens },
    validationOptions: { maxErrors: 1 },
    validationRules: [NotTooDeepRule, NoServiceFieldRule],
    formatError,
    logger: silent,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      checkedAndAccounted(log),
    ],
  });
  await server.start();
  return server;
}

/** Checks every operation before it runs, tells the operator of faults, and enters a refusal in the request's account. */
const checkedAndAccounted = (log: Logger): ApolloServerPlugin<ViewerRequest> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, request: { variables = {} }, contextValue }) {
        // Apollo Server itself refuses a document without the operation asked for, a moment later.
        if (operation) checkOperation({ schema, document, operation, variables }, contextValue);
      },
      async didEncounterErrors({ errors, contextValue: { requestId, abandoned } }) {
        if (abandoned.aborted) return; // what was broken off is no fault of anybody's
        for (const error of errors) {
          if (listedCode(error) === 'INTERNAL_SERVER_ERROR')
            log.error({ request: requestId, field: fieldOf(error), cause: describeCause(error) }, 'a field failed');
        }
      },
      async willSendResponse({ response: { body }, contextValue: { requestId, account } }) {
        if (body.kind !== 'single' || body.singleResult.data !== undefined) return;
        account.code = codeIn(body.singleResult.errors?.[0]?.extensions);
        body.singleResult.extensions = { requestId };
      },
    };
  },
});

/** The one outlet of errors: a listed code, its sentence and where it happened; never a message of anybody else's. */
function formatError({ path, extensions }: GraphQLFormattedError): GraphQLFormattedError {
  const code = codeIn(extensions);
  return { message: messageOf(code), ...(path && { path }), extensions: { code } };
}

/** The schema's name of the field that failed; a path would hold aliases, which are the client's own words. */
const fieldOf = ({ nodes, path }: GraphQLError): string | undefined => {
  const [node] = nodes ?? [];
  return path && node?.kind === Kind.FIELD ? node.name.value : undefined;
};

const listedCode = ({ extensions }: GraphQLError): ErrorCode => codeIn(extensions);

function codeIn(extensions: Readonly<Record<string, unknown>> | undefined): ErrorCode {
  const code = extensions?.['code'];
  return isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
}

/** The schema is read at an address of its own, with a credential that opens nothing else. */
const NoServiceFieldRule: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value === '_service')
      context.reportError(new GraphQLError('_service is not served.', { nodes: node }));
  },
});

// Apollo's own lines would quote messages; what matters is written by the plugin above.
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
