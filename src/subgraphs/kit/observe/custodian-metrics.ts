import { Metrics, type MetricTable } from '../../../protocol/metrics.ts';

/** Every metric of a custodian. No label is a viewer's or a word of a request, none counts records, and what is withheld is counted from the operation and the grants alone. */
export const CUSTODIAN_METRICS = {
  amana_custodian_requests_total: {
    type: 'counter',
    help: 'Requests by the door they came to and how they ended',
    labels: {
      door: '`graphql`, `access`, `schema`, `media` (images), `health` or `other`',
      outcome: '`ANSWERED` or `REFUSED`',
    },
  },
  amana_custodian_request_seconds: {
    type: 'histogram',
    help: 'How long requests took, until the answer was logged and could leave',
    labels: { door: 'as above' },
  },
  amana_custodian_refusals_total: {
    type: 'counter',
    help: 'Requests refused as a whole',
    labels: { code: 'a listed code' },
  },
  amana_custodian_withheld_total: {
    type: 'counter',
    help: 'Requests that asked for a field which no grant of their viewer carries for the purpose',
    labels: { coordinate: 'a field of the schema' },
  },
  amana_custodian_statement_seconds: {
    type: 'histogram',
    help: 'How long statements took, with the wait for a connection',
    labels: {
      statement: '`RECORDS` (under row security), `OWN` (grants, the access log) or `TRANSACTION`',
      result: '`done` or `failed`',
    },
  },
  amana_custodian_connections: {
    type: 'gauge',
    help: 'Connections to the database, and requests that wait for one',
    labels: { state: '`open`, `idle` or `awaited`' },
  },
} as const satisfies MetricTable;

export type CustodianMetrics = Metrics<typeof CUSTODIAN_METRICS>;

/** A custodian's metrics, all at nothing. */
export const custodianMetrics = (): CustodianMetrics => new Metrics(CUSTODIAN_METRICS);
