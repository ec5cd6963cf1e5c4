import { Kind, type TypeNode, type ValueNode } from 'graphql';
import type { Requirement } from '../../protocol/requirements.ts';
import type { AppliedDirective } from './schema-elements.ts';

/** The specifications that the gateway knows. */
export const FEDERATION = 'https://specs.apollo.dev/federation';
export const AMANA = 'https://specs.amana.example/access';
export const REQUIRES_SCOPES = 'https://specs.apollo.dev/requiresScopes';
export const AUTHENTICATED = 'https://specs.apollo.dev/authenticated';
export const POLICY = 'https://specs.apollo.dev/policy';
export const CACHE_TAG = 'https://specs.apollo.dev/cacheTag';
export const LINK = 'https://specs.apollo.dev/link';
export const JOIN = 'https://specs.apollo.dev/join';

/** Whether a directive is the named one: Federation's own in a subgraph, the same feature's in a supergraph. */
export function isDirective({ element }: AppliedDirective, name: string, ...specifications: string[]): boolean {
  return element?.name === name && specifications.includes(element.specification);
}

/** Whether a directive is `@requiresScopes`, whatever its local name, in a subgraph or a supergraph. */
export const isRequiresScopes = (directive: AppliedDirective): boolean =>
  isDirective(directive, 'requiresScopes', FEDERATION, REQUIRES_SCOPES);

/** Whether a directive is `@authenticated`, whatever its local name, in a subgraph or a supergraph. */
export const isAuthenticated = (directive: AppliedDirective): boolean =>
  isDirective(directive, 'authenticated', FEDERATION, AUTHENTICATED);

/** Whether a directive is `@policy`, whatever its local name, in a subgraph or a supergraph. */
export const isPolicy = (directive: AppliedDirective): boolean => isDirective(directive, 'policy', FEDERATION, POLICY);

/** Whether a directive is `@guardedBy`, whatever its local name. */
export const isGuardedBy = (directive: AppliedDirective): boolean => isDirective(directive, 'guardedBy', AMANA);

/** Whether a directive is a subgraph's `@inaccessible`, whatever its local name. */
export const isInaccessible = (directive: AppliedDirective): boolean =>
  isDirective(directive, 'inaccessible', FEDERATION);

/** The value of one argument as plain JSON, where it is a string, a boolean, an enum value or a list of such. */
export function argumentOf({ node }: AppliedDirective, name: string): unknown {
  return plain(node.arguments?.find((argument) => argument.name.value === name)?.value);
}

/** The requirement in a `@requiresScopes(scopes:)`; a shape that cannot be read is a requirement that nothing meets. */
export const scopesOf = (directive: AppliedDirective): Requirement => requirementIn(directive, 'scopes');

/** The requirement in a `@policy(policies:)`, as in `scopesOf`. */
export const policiesOf = (directive: AppliedDirective): Requirement => requirementIn(directive, 'policies');

function requirementIn(directive: AppliedDirective, argument: string): Requirement {
  const given = argumentOf(directive, argument);
  if (!Array.isArray(given) || given.length === 0) return UNMET;
  const lists: unknown[] = given.map((all) => (Array.isArray(all) ? all : [all]));
  return lists.every((all): all is string[] => Array.isArray(all) && all.length > 0 && all.every(isString))
    ? lists
    : UNMET;
}

/** The field named by a `@guardedBy(field:)`, or '' where none is. */
export function guardingField(directive: AppliedDirective): string {
  const field = argumentOf(directive, 'field');
  return isString(field) ? field : '';
}

/** The type at the core of a list or non-null type. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

const UNMET: Requirement = [['\u0000unreadable']];
const isString = (value: unknown): value is string => typeof value === 'string';

function plain(value: ValueNode | undefined): unknown {
  switch (value?.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return value.value;
    case Kind.LIST:
      return value.values.map(plain);
    default:
      return undefined;
  }
}
