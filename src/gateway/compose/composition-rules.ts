import { directiveRules } from './rules/directives.ts';
import { entryPointRules } from './rules/entry-points.ts';
import { filterRules } from './rules/filters.ts';
import { guardRules } from './rules/guards.ts';
import { ownershipRules } from './rules/ownership.ts';
import { sharingRules } from './rules/sharing.ts';
import { sizeRules } from './rules/size.ts';
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
  ...sizeRules,
  ...ownershipRules,
  ...directiveRules,
  ...sharingRules,
  ...guardRules,
  ...entryPointRules,
  ...filterRules,
];
