import { type DocumentNode, type DirectiveNode, visit } from 'graphql';
import { AMANA, AUTHENTICATED, CACHE_TAG, POLICY, REQUIRES_SCOPES } from './directive-arguments.ts';
import { type LinkedElement, Links } from './linked-elements.ts';

const STRIPPED: ReadonlySet<string> = new Set([REQUIRES_SCOPES, AUTHENTICATED, POLICY, AMANA, CACHE_TAG]);

/**
 * The supergraph without links, definitions and uses of the directives that guard, found by what they link: Apollo's
 * planner refuses a supergraph that links them, and the gateway has read them already. Tags for caches mean nothing here.
 */
export function stripSupergraph(document: DocumentNode): DocumentNode {
  const links = new Links(document);
  const isStripped = (element: LinkedElement | undefined): boolean => STRIPPED.has(element?.specification ?? '');
  const removeType = ({ name }: { readonly name: { readonly value: string } }): null | undefined =>
    isStripped(links.type(name.value)) ? null : undefined;
  return visit(document, {
    Directive(node: DirectiveNode) {
      return STRIPPED.has(Links.target(node) ?? '') || isStripped(links.directive(node.name.value)) ? null : undefined;
    },
    DirectiveDefinition: ({ name }) => (isStripped(links.directive(name.value)) ? null : undefined),
    ScalarTypeDefinition: removeType,
    EnumTypeDefinition: removeType,
  });
}
