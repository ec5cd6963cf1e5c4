import type { GatherRules } from './gather-rules.ts';

/** A subgraph that any number of custodians host, by one contract. */
export interface GatheredSubgraph {
  readonly rules: GatherRules;
  /** By custodian, the coordinates of the contract that it does not serve. */
  readonly lacks: ReadonlyMap<string, ReadonlySet<string>>;
}
