import { type Requirement, both, satisfies } from '../../protocol/requirements.ts';
import { isAuthenticated, isPolicy, isRequiresScopes, policiesOf, scopesOf } from './directive-arguments.ts';
import type { AppliedDirective } from './schema-elements.ts';

/** What a guarded element demands of a viewer: all of `@authenticated`, `@requiresScopes` and `@policy`. */
export interface Demand {
  readonly authenticated: boolean;
  /** Scopes. */
  readonly requirement: Requirement;
  /** Policies, in the same shape. */
  readonly policies: Requirement;
}

/** What an unguarded element demands. */
export const NOTHING: Demand = { authenticated: false, requirement: [], policies: [] };

/** Whether everybody meets a demand. */
export const isNothing = ({ authenticated, requirement, policies }: Demand): boolean =>
  !authenticated && requirement.length === 0 && policies.length === 0;

/** The demand that holds where both do. */
export function bothDemands(left: Demand, right: Demand): Demand {
  if (isNothing(left)) return right;
  if (isNothing(right)) return left;
  return {
    authenticated: left.authenticated || right.authenticated,
    requirement: both(left.requirement, right.requirement),
    policies: both(left.policies, right.policies),
  };
}

/** Whether whoever meets the one demand meets the other. */
export const implies = (one: Demand, other: Demand): boolean =>
  (one.authenticated || !other.authenticated) &&
  impliesRequirement(one.requirement, other.requirement) &&
  impliesRequirement(one.policies, other.policies);

const impliesRequirement = (one: Requirement, other: Requirement): boolean =>
  other.length === 0 || (one.length > 0 && one.every((all) => satisfies(new Set(all), other)));

/** What the directives on one element demand, whatever they are called there. */
export const demandOf = (directives: readonly AppliedDirective[]): Demand => ({
  authenticated: directives.some(isAuthenticated),
  requirement: directives.filter(isRequiresScopes).map(scopesOf).reduce(both, []),
  policies: directives.filter(isPolicy).map(policiesOf).reduce(both, []),
});
