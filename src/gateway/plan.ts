import { createHash } from 'node:crypto';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, print } from 'graphql';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';

/** Plans a rewritten document over a snapshot. */
export type PlanOperation = (snapshot: SupergraphSnapshot, document: DocumentNode) => QueryPlan;

const REMEMBERED = 500;

/**
 * Plans, remembered by the rewritten document and the supergraph's version: two viewers share a plan only if they may
 * ask for the same fields.
 */
export function planner(most = REMEMBERED): PlanOperation {
  const plans = new Map<string, QueryPlan>();
  return (snapshot, document) => {
    const key = createHash('sha256')
      .update(`${snapshot.version}\n${print(document)}`)
      .digest('base64');
    const known = plans.get(key);
    const plan =
      known ??
      snapshot.planner.buildQueryPlan(operationFromDocument(snapshot.plannerSchema, document, { validate: false }));
    plans.delete(key);
    for (const oldest of plans.keys()) {
      if (plans.size < most) break;
      plans.delete(oldest);
    }
    plans.set(key, plan);
    return plan;
  };
}
