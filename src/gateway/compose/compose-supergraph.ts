import { composeServices } from '@apollo/composition';
import { checkComposition } from './composition-rules.ts';
import { lostInComposition } from './lost-in-composition.ts';
import { OWN_SCHEMA, OWN_SUBGRAPH } from './own-schema.ts';
import { CompositionError, type ServedSchema, type SubgraphSchema, parseSubgraphSchema } from './subgraph-schema.ts';

/**
 * Composes the custodians' schemas with the gateway's own into a supergraph (SDL, in an order that depends on nothing
 * but the schemas). Throws `CompositionError` where a rule between custodians is broken, where Federation refuses, or
 * where an element or a guard did not survive.
 */
export function composeSupergraph(served: readonly ServedSchema[]): string {
  const custodians = served.map(parseSubgraphSchema);
  const own = parseSubgraphSchema({ subgraph: OWN_SUBGRAPH, url: '', sdl: OWN_SCHEMA });
  const violations = checkComposition(custodians, own);
  if (violations.length > 0) {
    throw new CompositionError(violations.map(({ rule, subgraph, message }) => `${subgraph}: ${message} [${rule}]`));
  }
  const supergraph = compose([...custodians, own]);
  const lost = lostInComposition([...custodians, own], supergraph);
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
