import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { satisfies } from '../../protocol/requirements.ts';
import { checkComposition } from './composition-rules.ts';
import { guardingField, isGuardedBy, isRequiresScopes, scopesOf } from './directive-arguments.ts';
import { Links } from './linked-elements.ts';
import { OWN_SCHEMA, OWN_SUBGRAPH } from './own-schema.ts';
import { type SchemaElement, schemaElements } from './schema-elements.ts';
import { CompositionError, type ServedSchema, type SubgraphSchema, parseSubgraphSchema } from './subgraph-schema.ts';

/**
 * Composes the custodians' schemas with the gateway's own into a supergraph (SDL, in an order that depends on nothing
 * but the schemas). Throws `CompositionError` where a rule between custodians is broken, where Federation refuses, or
 * where a guard did not survive.
 */
export function composeSupergraph(served: readonly ServedSchema[]): string {
  const custodians = served.map(parseSubgraphSchema);
  const own = parseSubgraphSchema({ subgraph: OWN_SUBGRAPH, url: '', sdl: OWN_SCHEMA });
  const violations = checkComposition(custodians, own);
  if (violations.length > 0) {
    throw new CompositionError(violations.map(({ rule, subgraph, message }) => `${subgraph}: ${message} [${rule}]`));
  }
  const supergraph = compose([...custodians, own]);
  const lost = custodians.flatMap((schema) => lostGuards(schema, supergraph));
  if (lost.length > 0) throw new CompositionError(lost);
  return supergraph;
}

/** `composeServices` returns some faults and throws others. */
function compose(schemas: readonly SubgraphSchema[]): string {
  const services = schemas.map(({ subgraph, url, document }) => ({ name: subgraph, url, typeDefs: document }));
  let faults: readonly { readonly message: string }[];
  try {
    const { errors, supergraphSdl } = composeServices(services);
    if (supergraphSdl !== undefined) return supergraphSdl;
    faults = errors;
  } catch (cause) {
    faults = [cause instanceof Error ? cause : { message: 'composition failed' }];
  }
  throw new CompositionError(faults.map(({ message }) => message));
}

/** What a schema guards and the supergraph does not: a rename, a shadowed definition or a merge that dropped it. */
function lostGuards({ subgraph, elements }: SubgraphSchema, supergraph: string): string[] {
  const document = parse(supergraph);
  const composed = new Map(
    [...schemaElements(document, new Links(document))].map((element) => [element.coordinate, element]),
  );
  return elements.flatMap((element) => {
    const survivor = composed.get(element.coordinate);
    return survivor === undefined || keepsGuards(element, survivor)
      ? []
      : [`${subgraph}: a guard of ${element.coordinate} was lost in composition [no-guard-lost]`];
  });
}

function keepsGuards(element: SchemaElement, survivor: SchemaElement): boolean {
  const scopes = element.directives.filter(isRequiresScopes).map(scopesOf);
  const composed = survivor.directives.filter(isRequiresScopes).flatMap(scopesOf);
  const fields = element.directives.filter(isGuardedBy).map(guardingField);
  const composedFields = new Set(survivor.directives.filter(isGuardedBy).map(guardingField));
  return (
    scopes.every(
      (requirement) => composed.length > 0 && composed.every((all) => satisfies(new Set(all), requirement)),
    ) && fields.every((field) => composedFields.has(field))
  );
}
