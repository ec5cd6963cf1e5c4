import { Directive } from 'type-graphql';

/** Puts one tier on a field, a root or an edge. */
export type Tier = PropertyDecorator & MethodDecorator;

/** The tiers of one subgraph, as decorators. */
export interface Tiers {
  /** R: non-identifying metadata, for a viewer who holds some grant from the custodian. */
  readonly Registered: Tier;
  /** I: says who a person is, or joins a record to a person. */
  readonly Identifying: Tier;
  /** S: medical, family, witness, cause of death, images: a named scope of its own. */
  readonly Sensitive: (scope: string) => Tier;
}

/** The tiers of a subgraph: each puts `@requiresScopes` with a scope of that subgraph on what it stands before. */
export function tiers(subgraph: string): Tiers {
  const tier = (scope: string): Tier => Directive(`@requiresScopes(scopes: [["${subgraph}:${scope}"]])`);
  return { Registered: tier('registered'), Identifying: tier('identifying'), Sensitive: tier };
}

/** Says of a field or a type that the gateway alone reads it: the schema that clients see does not show it. */
export const Inaccessible = Directive('@inaccessible');

/** Says of a number of which each host of the subgraph has its own that the gateway answers their sum. */
export const Summed = Directive('@gather(rule: SUM)');

/** Says on an argument or a field of a filter which field it reads (`Type.field`): using it needs that field's permission. */
export const GuardedBy = (field: string): PropertyDecorator => Directive(`@guardedBy(field: "${field}")`);
