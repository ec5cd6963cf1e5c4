import { createHash } from 'node:crypto';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, print } from 'graphql';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';

/** Plans a rewritten document over a snapshot. */
export type PlanOperation = (snapshot: SupergraphSnapshot, document: DocumentNode) => QueryPlan;

const REMEMBERED = 500;

/** How much of documents, in characters, plans are remembered for: a plan is about as large as its document. */
const REMEMBERED_TEXT = 4 * 1024 * 1024;

/**
 * Plans, remembered by the rewritten document and the supergraph's version: two viewers share a plan only if they may
 * ask for the same fields. `looked` hears whether a plan was remembered.
 */
export function planner(
  most = REMEMBERED,
  mostText = REMEMBERED_TEXT,
  looked: (isKnown: boolean) => void = () => {},
): PlanOperation {
  const plans = new Map<string, { readonly plan: QueryPlan; readonly length: number }>();
  let text = 0;
  const forget = (key: string): void => {
    text -= plans.get(key)?.length ?? 0;
    plans.delete(key);
  };
  return (snapshot, document) => {
    const printed = print(document);
    const { length } = printed;
    const key = createHash('sha256').update(`${snapshot.version}\n${printed}`).digest('base64');
    const known = plans.get(key)?.plan;
    looked(known !== undefined);
    const plan =
      known ??
      snapshot.planner.buildQueryPlan(operationFromDocument(snapshot.plannerSchema, document, { validate: false }));
    forget(key);
    if (length > mostText) return plan;
    for (const oldest of plans.keys()) {
      if (plans.size < most && text + length <= mostText) break;
      forget(oldest);
    }
    plans.set(key, { plan, length });
    text += length;
    return plan;
  };
}
