import type { GraphQLFormattedError } from 'graphql';
import { type ErrorCode, ListedError, isErrorCode, messageOf } from '../protocol/errors.ts';

/**
 * The one outlet for errors: a listed code with its public sentence (or the sentence that the gateway itself wrote for
 * it), where in the document or the answer it happened, at how many more places like that, and nothing else. What is not listed is `INTERNAL_SERVER_ERROR`.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError & Coded {
  const code = listedCode(formatted);
  const { path, locations } = formatted;
  const more = formatted.extensions?.more;
  return {
    message: error instanceof ListedError && error.code === code ? error.message : messageOf(code),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code, ...(typeof more === 'number' && { more }) },
  };
}

interface Coded {
  readonly extensions: { readonly code: ErrorCode; readonly more?: number };
}

function listedCode({ message, extensions }: GraphQLFormattedError): ErrorCode {
  const code = extensions?.code;
  if (!isErrorCode(code)) return 'INTERNAL_SERVER_ERROR';
  // graphql-js tells the token limit from other syntax errors by the message alone.
  if (code === 'GRAPHQL_PARSE_FAILED' && /Document contains more tha[nt] \d+ tokens/u.test(message))
    return 'OPERATION_TOO_COSTLY';
  return code;
}
