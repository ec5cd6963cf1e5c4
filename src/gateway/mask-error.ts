import type { GraphQLFormattedError } from 'graphql';
import { type ErrorCode, ListedError, isErrorCode, messageOf } from '../protocol/errors.ts';

/**
 * The one outlet for errors: a listed code with its public sentence (or the sentence that the gateway itself wrote for
 * it), where in the document or the answer it happened, and nothing else. What is not listed is `INTERNAL_SERVER_ERROR`.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError & Coded {
  const code = listedCode(formatted);
  const { path, locations } = formatted;
  return {
    message: error instanceof ListedError && error.code === code ? error.message : messageOf(code),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code },
  };
}

interface Coded {
  readonly extensions: { readonly code: ErrorCode };
}

function listedCode({ message, extensions }: GraphQLFormattedError): ErrorCode {
  const code = extensions?.code;
  if (!isErrorCode(code)) return 'INTERNAL_SERVER_ERROR';
  // graphql-js tells the token limit from other syntax errors by the message alone.
  if (code === 'GRAPHQL_PARSE_FAILED' && /Document contains more tha[nt] \d+ tokens/u.test(message))
    return 'OPERATION_TOO_COSTLY';
  return code;
}
