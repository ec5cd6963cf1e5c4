import type { Logger } from 'pino';
import { isErrorCode } from './errors.ts';
import { CustodianId, SubgraphName } from './identifiers.ts';
import type { TraceSettings } from './observation-settings.ts';
import type { Program } from './operator-log.ts';

/** The header by which a trace goes on at a custodian (W3C Trace Context §3.2). */
export const TRACE_HEADER = 'traceparent';

/** Every span there is: whose it is, and what it spans. */
export const SPANS = {
  request: ['gateway', 'one request, from the first look at it until its answer is ready'],
  receive: ['gateway', 'reading the request'],
  identify: ['gateway', 'verifying the token and the purpose'],
  resolve: ['gateway', 'lifting literals, validating, coercing variables'],
  limit: ['gateway', 'depth, aliases, cost'],
  authorize: ['gateway', 'what the custodians grant, and the rewritten operation'],
  plan: ['gateway', 'the query plan'],
  record: ['gateway', 'the opening entry of the access log, until it is durable'],
  execute: ['gateway', 'running the plan and shaping the answer'],
  respond: ['gateway', 'the reports and the closing entry of the access log, until it is durable'],
  ask: ['gateway', 'one question to one custodian'],
  serve: ['custodian', 'one request of a gateway, from when it has proved itself until its answer may leave'],
  statement: ['custodian', 'one statement, with the wait for a connection'],
} as const satisfies Record<string, readonly [program: Program['program'], help: string]>;

export type SpanName = keyof typeof SPANS;

/** Every attribute that a span may have, what it says, and what its values look like; there is no other way to set one. */
export const SPAN_ATTRIBUTES = {
  'amana.request': ['the request’s id, as in the logs and the answer', (value) => /^[\w-]{8,64}$/u.test(value)],
  'amana.custodian': ['the id of the custodian that is asked', (value) => CustodianId.safeParse(value).success],
  'amana.subgraph': ['the subgraph that is asked', (value) => SubgraphName.safeParse(value).success],
  'amana.question': [
    '`ACCESS` (what is granted), `ROOTS` (lists and lookups) or `ENTITIES` (persons)',
    (value) => /^(ACCESS|ROOTS|ENTITIES)$/u.test(value),
  ],
  'amana.status': [
    'how the custodian took part, as in `extensions.custodians`',
    (value) => /^(ANSWERED|UNAVAILABLE|TIMED_OUT|REFUSED)$/u.test(value),
  ],
  'amana.code': ['the listed code with which the request, or the stage, was refused', isErrorCode],
  'amana.statement': [
    '`RECORDS` (under row security), `OWN` (grants, the access log) or `TRANSACTION`',
    (value) => /^(RECORDS|OWN|TRANSACTION)$/u.test(value),
  ],
} as const satisfies Record<string, readonly [help: string, fits: (value: string) => boolean]>;

export type SpanAttributes = Readonly<Partial<Record<keyof typeof SPAN_ATTRIBUTES, string>>>;

/** A stretch of time within a trace. */
export interface Span {
  /** The headers by which whoever is asked next goes on with the trace; none where there is none. */
  readonly headers: Readonly<Record<string, string>>;
  child(name: SpanName, attributes?: SpanAttributes): Span;
  /** A code, or a status other than `ANSWERED`, marks the span as failed. */
  end(attributes?: SpanAttributes): void;
}

/** Begins traces. */
export interface Tracer {
  /** `began` in milliseconds since 1970; `traceparent` only from somebody who has proved to be a gateway. */
  begin(name: SpanName, attributes: SpanAttributes, from?: { began: number; traceparent: string | undefined }): Span;
  /** Sends what has not been sent, for some seconds at most. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { headers: {}, child: () => NO_SPAN, end: () => {} };

/** Traces nothing, at no cost. */
export const NO_TRACES: Tracer = { begin: () => NO_SPAN, close: async () => {} };

/** What sends traces where settings say so; the libraries for it are loaded only then. */
export async function openTracer(program: Program, settings: TraceSettings, log: Logger): Promise<Tracer> {
  if (!settings) return NO_TRACES;
  const { exportTraces } = await import('./export-traces.ts');
  return exportTraces(program, settings, log);
}

/** The attributes that may leave: known ones whose values look as they should. */
export const permitted = (attributes: SpanAttributes): SpanAttributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([key, value]) => isAttribute(key) && SPAN_ATTRIBUTES[key][1](value)),
  );

const isAttribute = (key: string): key is keyof typeof SPAN_ATTRIBUTES => Object.hasOwn(SPAN_ATTRIBUTES, key);
