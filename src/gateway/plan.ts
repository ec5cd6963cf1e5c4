import { hash } from 'node:crypto';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import { ListedError } from '../protocol/errors.ts';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import { documentText } from './document-text.ts';

/** Plans a rewritten document over a snapshot; what is under way from one subgraph to another is decided anew each time. */
export type PlanOperation = (snapshot: SupergraphSnapshot, document: DocumentNode) => QueryPlan;

const REMEMBERED = 500;

/** How much of documents, in characters, plans are remembered for: a plan is about as large as its document. */
const REMEMBERED_TEXT = 4 * 1024 * 1024;

/** A label of a progressive override that says for which share of requests it is on. */
const PERCENT = /^percent\((\d{1,2}(?:\.\d+)?|100)\)$/u;

/**
 * Plans, remembered by snapshot, rewritten document and the overrides that are on: two viewers share a plan only if they
 * may ask for the same fields, and a snapshot that nobody has any more takes its plans with it. `random` (0 to 1) is drawn
 * once a request for all overrides by percentage; those with a label of another kind stay with the old subgraph. `looked`
 * hears whether a plan was remembered.
 */
export function planner({
  most = REMEMBERED,
  mostText = REMEMBERED_TEXT,
  random = Math.random,
  looked = () => {},
}: Partial<PlannerSettings> = {}): PlanOperation {
  const settings = { most, mostText, random, looked };
  const planners = new WeakMap<SupergraphSnapshot, (document: DocumentNode) => QueryPlan>();
  return (snapshot, document) => {
    const plan = planners.get(snapshot) ?? rememberingPlanner(snapshot, settings);
    planners.set(snapshot, plan);
    return plan(document);
  };
}

interface PlannerSettings {
  readonly most: number;
  readonly mostText: number;
  readonly random: () => number;
  readonly looked: (isKnown: boolean) => void;
}

function rememberingPlanner(
  snapshot: SupergraphSnapshot,
  { most, mostText, random, looked }: PlannerSettings,
): (document: DocumentNode) => QueryPlan {
  const plans = new Map<string, { readonly plan: QueryPlan; readonly length: number }>();
  let text = 0;
  const forget = (key: string): void => {
    text -= plans.get(key)?.length ?? 0;
    plans.delete(key);
  };
  return (document) => {
    const written = documentText(document);
    const { length } = written;
    const overrides = overridesOf(snapshot, random);
    const key = hash('sha256', `${overrides.key}\n${written}`, 'base64');
    const known = plans.get(key)?.plan;
    looked(known !== undefined);
    const plan = known ?? build(snapshot, document, overrides.conditions);
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

/** Throws `OPERATION_TOO_COSTLY` where there are more ways to a field than the planner may follow. */
function build(
  { planner, plannerSchema }: SupergraphSnapshot,
  document: DocumentNode,
  overrideConditions: Map<string, boolean>,
): QueryPlan {
  const operation = operationFromDocument(plannerSchema, document, { validate: false });
  try {
    return planner.buildQueryPlan(operation, { overrideConditions });
  } catch (cause) {
    // The planner says so by the message alone.
    const isTooMuch =
      cause instanceof Error && /^(Too many options generated|Number of non-local selections)/u.test(cause.message);
    throw isTooMuch ? new ListedError('OPERATION_TOO_COSTLY', { cause }) : cause;
  }
}

interface Overrides {
  readonly conditions: Map<string, boolean>;
  readonly key: string;
}

function overridesOf({ overrideLabels }: SupergraphSnapshot, random: () => number): Overrides {
  if (overrideLabels.length === 0) return NO_OVERRIDES;
  const drawn = random() * 100;
  const on = overrideLabels.filter((label) => drawn < Number(PERCENT.exec(label)?.[1] ?? 0));
  return { conditions: new Map(overrideLabels.map((label) => [label, on.includes(label)])), key: JSON.stringify(on) };
}

const NO_OVERRIDES: Overrides = { conditions: new Map(), key: '' };
