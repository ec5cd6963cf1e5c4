import { Metrics, type MetricTable } from '../../protocol/metrics.ts';

const CUSTODIAN = 'the id of a custodian, from the configuration';
const QUESTION = '`ACCESS` (what is granted), `ROOTS` (lists and lookups) or `ENTITIES` (persons)';

/** Every metric of the gateway. No label is a viewer's or a word of a request, and none counts records. */
export const GATEWAY_METRICS = {
  amana_gateway_requests_total: {
    type: 'counter',
    help: 'GraphQL requests by how they ended',
    labels: { outcome: '`ANSWERED`, `PARTIAL` (answered, with errors in it) or `REFUSED`' },
  },
  amana_gateway_request_seconds: {
    type: 'histogram',
    help: 'How long GraphQL requests took, until the answer was ready',
    labels: { outcome: 'as above' },
  },
  amana_gateway_refusals_total: {
    type: 'counter',
    help: 'Requests refused, at any address',
    labels: { code: 'a listed code' },
  },
  amana_gateway_withheld_total: {
    type: 'counter',
    help: 'Requests in which a field was withheld, from the operation and the grants alone',
    labels: { coordinate: 'a field of the schema', custodian: CUSTODIAN, reason: 'as in extensions.withheld' },
  },
  amana_gateway_custodian_seconds: {
    type: 'histogram',
    help: 'How long a custodian took to answer, or to fail',
    labels: { custodian: CUSTODIAN, question: QUESTION },
  },
  amana_gateway_custodian_answers_total: {
    type: 'counter',
    help: 'Questions to a custodian by how they ended',
    labels: {
      custodian: CUSTODIAN,
      question: QUESTION,
      status: '`ANSWERED`, `UNAVAILABLE`, `TIMED_OUT` or `REFUSED`',
    },
  },
  amana_gateway_custodian_condition: {
    type: 'gauge',
    help: 'Whether a custodian is asked, left alone because it kept failing, or being probed: 1 for what holds',
    labels: { custodian: CUSTODIAN, condition: '`ASKED`, `LEFT_ALONE` or `PROBED`' },
  },
  amana_gateway_cache_total: {
    type: 'counter',
    help: 'What was found in a cache, and what was not',
    labels: { cache: '`access`, `plan` or `validation`', result: '`hit` or `miss`' },
  },
  amana_gateway_log_seconds: {
    type: 'histogram',
    help: 'How long an entry of the access log took to be durable',
    labels: { result: '`durable` or `failed`' },
  },
  amana_gateway_requests_running: {
    type: 'gauge',
    help: 'HTTP requests that are not answered yet',
    labels: {},
  },
  amana_gateway_check: {
    type: 'gauge',
    help: 'What /health/ready depends on: 1 where it is well',
    labels: { check: 'the name of a check' },
  },
} as const satisfies MetricTable;

export type GatewayMetrics = Metrics<typeof GATEWAY_METRICS>;

/** The gateway's metrics, all at nothing. */
export const gatewayMetrics = (): GatewayMetrics => new Metrics(GATEWAY_METRICS);
