import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { TraceSettings } from './observation-settings.ts';
import type { Program } from './operator-log.ts';
import { type Span, type SpanAttributes, type SpanName, TRACE_HEADER, type Tracer, permitted } from './traces.ts';

/** Milliseconds for one delivery of spans. */
const PATIENCE = 5_000;

/** A complaint that they cannot be delivered is made once in so many milliseconds. */
const COMPLAIN_EVERY = 60_000;

/**
 * Sends traces by OTLP over HTTP. The provider is not registered for the process: Apollo's gateway and other libraries
 * would find it there, and their spans hold documents.
 */
export function exportTraces(
  { program, custodian }: Program,
  { endpoint, sampleRatio }: NonNullable<TraceSettings>,
  log: Logger,
): Tracer {
  const exporter = complaining(new OTLPTraceExporter({ url: endpoint, timeoutMillis: PATIENCE }), log);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': `amana-${program}`,
      ...(custodian !== undefined && { 'service.instance.id': custodian }),
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000, exportTimeoutMillis: PATIENCE })],
  });
  const tracer = provider.getTracer('amana');
  const start = (within: Context, name: SpanName, attributes: SpanAttributes = {}, startTime?: number): Span => {
    const begun = { attributes: permitted(attributes), ...(startTime !== undefined && { startTime }) };
    const span = tracer.startSpan(name, begun, within);
    const inside = trace.setSpan(within, span);
    return {
      headers: { [TRACE_HEADER]: traceparentOf(span.spanContext()) },
      child: (childName, childAttributes) => start(inside, childName, childAttributes),
      end(last = {}) {
        const { 'amana.code': code, 'amana.status': status = 'ANSWERED' } = last;
        if (code !== undefined || status !== 'ANSWERED') span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttributes(permitted(last)).end();
      },
    };
  };
  return {
    begin: (name, attributes, from) => start(contextOf(from?.traceparent), name, attributes, from?.began),
    close: () => provider.shutdown().catch(() => {}),
  };
}

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${(traceFlags & TraceFlags.SAMPLED).toString(16)}`;

/** Only the ids and the decision to trace are taken over; `tracestate` and `baggage`, which may hold anything, are not read. */
function contextOf(traceparent: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = '0'] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/u.exec(traceparent ?? '') ?? [];
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

/** An exporter that tells the operator when it fails. */
function complaining(exporter: SpanExporter, log: Logger): SpanExporter {
  let next = 0;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0 && Date.now() >= next) {
          next = Date.now() + COMPLAIN_EVERY;
          log.warn({ cause: result.error }, 'traces cannot be delivered');
        }
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
