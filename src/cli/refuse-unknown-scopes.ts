import type { CustodianDefinition } from '../subgraphs/kit/custodian-definition.ts';
import { printSubgraph } from '../subgraphs/kit/build-schema.ts';
import { UsageError } from './usage-error.ts';

/** Throws `UsageError` where a scope opens nothing in the custodian's schema: a grant of it would be dead without a word. */
export function refuseUnknownScopes(definition: CustodianDefinition, scopes: readonly string[]): void {
  const known = new Set(printSubgraph(definition).match(new RegExp(`\\b${definition.subgraph}:[a-z_]+`, 'gu')));
  const unknown = scopes.filter((scope) => !known.has(scope));
  if (unknown.length === 0) return;
  throw new UsageError(
    `${unknown.join(', ')}: no such scope here. This custodian can grant ${[...known].sort().join(', ')}.`,
  );
}
