import { checkSchemas, refusals, sentenceOf } from './check-schemas.ts';
import { CompositionError, type ServedSchema } from './subgraph-schema.ts';

/**
 * Composes the custodians' schemas with the gateway's own into a supergraph (SDL, in an order that depends on nothing
 * but the schemas). Throws `CompositionError` where a check refuses them.
 */
export function composeSupergraph(schemas: readonly ServedSchema[]): string {
  const report = checkSchemas({ schemas, inForce: [], operations: [] });
  const refused = refusals(report);
  if (refused.length > 0 || report.supergraph === undefined)
    throw new CompositionError(refused.flatMap((check) => check.findings.map((one) => sentenceOf(check, one))));
  return report.supergraph;
}
