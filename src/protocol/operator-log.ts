import { type DestinationStream, type Logger, destination, pino } from 'pino';
import { describeCause } from './describe-cause.ts';

/** How much the operator's log says; `info` has a line for each refusal, `debug` one for each answer too. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The program that writes the log, in each of its lines. */
export interface Program {
  readonly program: 'gateway' | 'custodian';
  readonly custodian?: string;
}

/** What no line has a reason to hold: the second line of defence, behind lines that are written without it. */
const NEVER = [
  ...['authorization', 'token', 'access_token', 'context', '["amana-context"]', 'cookie', 'secret', 'key', 'headers'],
  ...['subject', 'sub', 'viewer', 'ref', 'reference', 'ip', 'remoteAddress'],
  ...['query', 'document', 'variables', 'representations', 'parameters', 'path', 'body', 'text', 'data', 'rows'],
  ...['cursor', 'after', 'message', 'stack', 'detail', 'hint', 'where'],
];

const inside = (key: string): string => (key.startsWith('[') ? `*${key}` : `*.${key}`);
const NOWHERE = NEVER.flatMap((key) => [key, inside(key), `*.${inside(key)}`]);

/**
 * The operator's log: JSON lines on standard error. An error in a line stands there by its kind and place only, and
 * values under names that hold secrets, persons or words of a request are struck out wherever one slips in.
 */
export function operatorLog(
  program: Program,
  level: LogLevel = 'info',
  stream: DestinationStream = destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      base: program,
      level,
      redact: { paths: NOWHERE, censor: '[withheld]' },
      formatters: { log: describeErrors },
      hooks: {
        logMethod(given, method) {
          // Pino would take the message of an error for that of the line.
          const [first, second, ...rest] = given as [unknown, ...unknown[]];
          const object = first instanceof Error ? { cause: describeCause(first) } : first;
          const line = typeof object === 'object' && second === undefined ? 'a failure' : second;
          method.apply(this, [object, line, ...rest] as unknown as Parameters<typeof method>);
        },
      },
    },
    stream,
  );
}

/** Ends the process with 1 on what nobody has caught, which Node would print with its message and all it carries. */
export function endOnUncaught(log: Logger): void {
  process.on('uncaughtException', (cause) => {
    log.fatal({ cause: describeCause(cause) }, 'a failure that nobody caught');
    process.exit(1);
  });
}

const describeErrors = (line: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(line).map(([key, value]) => [key, value instanceof Error ? describeCause(value) : value]),
  );
