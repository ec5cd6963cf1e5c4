import type { DocumentNode } from 'graphql';
import {
  AMANA,
  AUTHENTICATED,
  CACHE_TAG,
  JOIN,
  LINK,
  POLICY,
  REQUIRES_SCOPES,
  argumentOf,
  isDirective,
} from './directive-arguments.ts';
import { Links } from './linked-elements.ts';
import { type AppliedDirective, schemaDirectives, schemaElements } from './schema-elements.ts';

/** Features that the planner cannot do, by specification, as their users know them. */
const UNPLANNABLE: ReadonlyMap<string, string> = new Map([
  ['https://specs.apollo.dev/context', '@context and @fromContext'],
  ['https://specs.apollo.dev/connect', 'Apollo Connectors (@connect and @source)'],
]);

/** Features that a supergraph may say are needed for its execution or security, and that are. */
const KNOWN: ReadonlySet<string> = new Set([
  AMANA,
  AUTHENTICATED,
  CACHE_TAG,
  JOIN,
  LINK,
  POLICY,
  REQUIRES_SCOPES,
  'https://specs.apollo.dev/core',
  'https://specs.apollo.dev/tag',
  'https://specs.apollo.dev/inaccessible',
]);

/**
 * What a supergraph needs and the gateway cannot do, a sentence each, naming where it is used: features that the planner
 * does not know, and those of others that claim to matter for security or execution (core schemas, `@link(for:)`).
 */
export function unplannableIn(document: DocumentNode): string[] {
  const links = new Links(document);
  const faults = new Set<string>();
  const found = (specification: string, where: string): void => {
    const feature = UNPLANNABLE.get(specification);
    if (feature !== undefined) faults.add(`it uses ${feature}${where}, which this gateway cannot plan`);
  };
  const uses = [...schemaElements(document, links)].flatMap(({ coordinate, directives }) =>
    directives.map((directive) => ({ directive, coordinate })),
  );
  for (const { directive, coordinate } of uses) {
    found(specificationOf(directive), ` (on ${coordinate})`);
    if (isDirective(directive, 'field', JOIN) && argumentOf(directive, 'contextArguments') !== undefined)
      found('https://specs.apollo.dev/context', ` (on ${coordinate})`);
  }
  for (const directive of schemaDirectives(document, links)) {
    const target = Links.target(directive.node);
    if (target === undefined) {
      found(specificationOf(directive), '');
    } else if (UNPLANNABLE.has(target)) {
      if (faults.size === 0) found(target, '');
    } else if (argumentOf(directive, 'for') !== undefined && !KNOWN.has(target)) {
      faults.add(
        `it links ${target} as needed for ${String(argumentOf(directive, 'for'))}, which this gateway does not know`,
      );
    }
  }
  return [...faults];
}

/** What a directive belongs to; subgraphs' directives may stand in a `@join__directive` (join v0.5). */
function specificationOf(directive: AppliedDirective): string {
  if (
    isDirective(directive, 'directive', JOIN) &&
    ['connect', 'source'].includes(String(argumentOf(directive, 'name')))
  )
    return 'https://specs.apollo.dev/connect';
  return directive.element?.specification ?? '';
}
