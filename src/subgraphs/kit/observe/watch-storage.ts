import type { Span } from '../../../protocol/traces.ts';
import type { Storage } from '../storage.ts';
import type { CustodianMetrics } from './custodian-metrics.ts';

type StatementKind = 'RECORDS' | 'OWN' | 'TRANSACTION';

/** Around a statement of some kind. */
type Around = <Result>(kind: StatementKind, work: () => Promise<Result>) => Promise<Result>;

/** A storage whose statements are timed, and whose connections can be read. */
export function measuredStorage(storage: Storage, metrics: CustodianMetrics): Storage {
  metrics.read('amana_custodian_connections', () => {
    const { open, idle, awaited } = storage.connections();
    return Object.entries({ open, idle, awaited }).map(([state, value]) => ({ labels: { state }, value }));
  });
  return around(storage, async (statement, work) => {
    const began = performance.now();
    const ended = (result: 'done' | 'failed'): void =>
      metrics.time('amana_custodian_statement_seconds', { statement, result }, performance.now() - began);
    try {
      const result = await work();
      ended('done');
      return result;
    } catch (cause) {
      ended('failed');
      throw cause;
    }
  });
}

/** A storage whose statements have a span each within a request's. */
export const tracedStorage = (storage: Storage, span: Span): Storage =>
  around(storage, async (statement, work) => {
    const inside = span.child('statement', { 'amana.statement': statement });
    try {
      const result = await work();
      inside.end();
      return result;
    } catch (cause) {
      inside.end({ 'amana.code': 'INTERNAL_SERVER_ERROR' });
      throw cause;
    }
  });

const around = (storage: Storage, run: Around): Storage => ({
  read: (labelSets, statement, signal) => run('RECORDS', () => storage.read(labelSets, statement, signal)),
  query: (statement) => run('OWN', () => storage.query(statement)),
  transaction: (work) => run('TRANSACTION', () => storage.transaction(work)),
  connections: () => storage.connections(),
  close: () => storage.close(),
});
