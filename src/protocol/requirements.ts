/**
 * What a guarded element needs, in the shape of `@requiresScopes(scopes:)`: one of the inner lists, and of that list
 * every scope. An empty outer list needs nothing.
 */
export type Requirement = readonly (readonly string[])[];

/** One scope, as most fields need it. */
export const scope = (name: string): Requirement => [[name]];

/** Whether a set of scopes, held together by a single grant, satisfies a requirement. */
export function satisfies(scopes: ReadonlySet<string>, requirement: Requirement): boolean {
  return requirement.length === 0 || requirement.some((all) => all.every((name) => scopes.has(name)));
}

/** The requirement that holds where both do (guards of one element in several subgraphs, of a field and its type): their product. */
export function both(left: Requirement, right: Requirement): Requirement {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const known = products.get(left) ?? new WeakMap<Requirement, Requirement>();
  const product = known.get(right) ?? multiplied(left, right);
  products.set(left, known.set(right, product));
  return product;
}

/** Of the same two, each time a field of the same schema is asked for. */
const products = new WeakMap<Requirement, WeakMap<Requirement, Requirement>>();

function multiplied(left: Requirement, right: Requirement): Requirement {
  const product = left.flatMap((a) => right.map((b) => [...new Set([...a, ...b])].sort()));
  return [...new Map(product.map((all) => [all.join(' '), all])).values()];
}

/** A scope that a grant can name: the name of a subgraph, and a name of its own. */
export const GRANTABLE_SCOPE = /^[a-z][a-z0-9_]{0,30}:[a-z_]{1,60}$/u;
