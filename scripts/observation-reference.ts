import { BUCKETS, type MetricTable } from '../src/protocol/metrics.ts';
import { LOG_LEVELS } from '../src/protocol/operator-log.ts';
import { SPANS, SPAN_ATTRIBUTES } from '../src/protocol/traces.ts';
import { GATEWAY_METRICS } from '../src/gateway/observe/gateway-metrics.ts';
import { CUSTODIAN_METRICS } from '../src/subgraphs/kit/observe/custodian-metrics.ts';

/** `OBSERVABILITY.md`: what operators can read of gateway and custodians, printed from the definitions in the code. */
export const observationReference = (): string => `# What an operator can see

Printed from the code (\`npm run schema\`), and held to it by \`npm run check\`. Nothing here names a viewer, a record, a
purpose's reference or a word of a request, and nothing counts records.

## Log

One JSON object a line on standard error, at the level \`logLevel\` (${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}; \`info\` where none is
set: a line for each refusal; \`debug\`: one for each answer too). \`program\` and \`custodian\` say who writes, \`request\` is the
request's id, the same at the gateway, at each custodian, in their access logs and in the client's answer. Of a failure the
kind, a code and places in the code are told (\`cause\`), never its message.

## Metrics

In the text format of Prometheus at \`/metrics\` on the listener \`metrics: { host, port }\`, which is not the public one. All
durations are histograms in seconds, whose buckets end at ${BUCKETS.join(', ')}.

### Gateway

${metricsTable(GATEWAY_METRICS)}

### Custodian

${metricsTable(CUSTODIAN_METRICS)}

Both also tell of their process what \`prom-client\` does: \`process_*\` (CPU, memory, file descriptors) and \`nodejs_*\` (event
loop lag, heap, garbage collection).

## Traces

Sent by OTLP over HTTP to \`traces: { endpoint, sampleRatio }\`, for that share of requests. A trace begins at the gateway and
goes on at the custodians it asks, by the header \`traceparent\`; they follow the gateway's choice whether to trace.

${spansTable()}

Attributes; there are no others, no events and no links:

${attributesTable()}
`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    '<!-- prettier-ignore -->',
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');

function metricsTable(metrics: MetricTable): string {
  const rows = Object.entries(metrics).map(([name, { type, help, labels }]) => {
    const described = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
    return [`\`${name}\``, type, help, described.join('; ')];
  });
  return table(['name', 'type', 'says', 'labels'], rows);
}

function spansTable(): string {
  return table(
    ['span', 'of', 'spans'],
    Object.entries(SPANS).map(([name, [program, help]]) => [`\`${name}\``, `the ${program}`, help]),
  );
}

function attributesTable(): string {
  return table(
    ['attribute', 'says'],
    Object.entries(SPAN_ATTRIBUTES).map(([key, [help]]) => [`\`${key}\``, help]),
  );
}
