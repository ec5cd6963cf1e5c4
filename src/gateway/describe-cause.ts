import { GraphQLError } from 'graphql';

/** What the operator's log may hold of a failure: kinds, codes and places in the code. Messages may quote records or values. */
export interface DescribedCause {
  readonly name: string;
  readonly code?: string;
  readonly at?: readonly string[];
  readonly cause?: DescribedCause;
}

/** Describes a failure, and what caused it, without its messages. */
export function describeCause(cause: unknown): DescribedCause {
  if (!(cause instanceof Error)) return { name: typeof cause };
  const inner = (cause instanceof GraphQLError ? cause.originalError : undefined) ?? cause.cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const at = cause.stack
    ?.split('\n')
    .filter((line) => /^\s+at /u.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
  return {
    name: cause.name,
    ...(code !== undefined && { code }),
    ...(at && { at }),
    ...(inner !== undefined && inner !== null && { cause: describeCause(inner) }),
  };
}
