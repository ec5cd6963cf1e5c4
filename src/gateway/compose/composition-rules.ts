import { directiveRules } from './rules/directives.ts';
import { entryPointRules } from './rules/entry-points.ts';
import { filterRules } from './rules/filters.ts';
import { guardRules } from './rules/guards.ts';
import { ownershipRules } from './rules/ownership.ts';
import { sharingRules } from './rules/sharing.ts';
import type { SubgraphSchema } from './subgraph-schema.ts';

/** One rule between custodians that every schema must keep before it may be composed. */
export interface CompositionRule {
  readonly id: string;
  /** What the rule demands, in one sentence. */
  readonly says: string;
  /** What in one schema, beside the others, breaks the rule: a sentence each, naming the coordinate. */
  readonly violations: (schema: SubgraphSchema, others: readonly SubgraphSchema[]) => Iterable<string>;
}

/** The rules between custodians, in the order in which they are checked and reported. */
export const COMPOSITION_RULES: readonly CompositionRule[] = [
  ...ownershipRules,
  ...directiveRules,
  ...sharingRules,
  ...guardRules,
  ...entryPointRules,
  ...filterRules,
];

/** A breach of one rule by one custodian's schema. */
export interface Violation {
  readonly rule: string;
  readonly subgraph: string;
  readonly message: string;
}

/** Holds each custodian's schema against every rule, beside the others and the gateway's own. */
export function checkComposition(custodians: readonly SubgraphSchema[], own: SubgraphSchema): Violation[] {
  return COMPOSITION_RULES.flatMap(({ id, violations }) =>
    custodians.flatMap((schema) => {
      const others = [...custodians.filter((other) => other !== schema), own];
      return Array.from(violations(schema, others), (message) => ({ rule: id, subgraph: schema.subgraph, message }));
    }),
  );
}
