import { GraphQLError } from 'graphql';

/** What the operator's log may hold of a failure: kinds, codes and places in the code. Messages may quote records or values. */
export interface DescribedCause {
  readonly name: string;
  readonly code?: string;
  readonly at?: readonly string[];
  readonly cause?: DescribedCause;
}

/** A name or a code as programs give them: one word. */
const WORD = /^[\w$.-]{1,60}$/u;

/** A line of a stack that names a place in the code, and not a line of a message that looks like one. */
const FRAME = /^\s+at (?:[\w$.<>#[\] ]{1,120} \()?(?:file:\/\/|node:|\/|[A-Za-z]:\\)[^()]{1,300}:\d+:\d+\)?$/u;

const MOST_FRAMES = 8;
const DEEPEST = 4;

/** Describes a failure, and what caused it, without its messages. */
export function describeCause(cause: unknown, depth = 0): DescribedCause {
  if (!(cause instanceof Error)) return { name: typeof cause };
  const inner = (cause instanceof GraphQLError ? cause.originalError : undefined) ?? cause.cause;
  const code = 'code' in cause && typeof cause.code === 'string' && WORD.test(cause.code) ? cause.code : undefined;
  const at = framesOf(cause);
  return {
    name: WORD.test(cause.name) ? cause.name : 'Error',
    ...(code !== undefined && { code }),
    ...(at.length > 0 && { at }),
    ...(inner !== undefined && inner !== null && depth < DEEPEST && { cause: describeCause(inner, depth + 1) }),
  };
}

/** A message stands in the stack before its frames, and may have lines that look like frames; without it there are none. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  return (start === -1 ? '' : stack.slice(start + message.length))
    .split('\n')
    .filter((line) => FRAME.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.trim());
}
