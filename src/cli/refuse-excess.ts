import type { Label } from '../protocol/labels.ts';
import { printSubgraph } from '../subgraphs/kit/build-schema.ts';
import type { CustodianDefinition } from '../subgraphs/kit/custodian-definition.ts';
import { UsageError } from './usage-error.ts';

/** What somebody is to be granted, as far as it can be more than a custodian may give. */
export interface WantedGrant {
  readonly organisation: string;
  readonly scopes: readonly string[];
  readonly clears: readonly Label[];
}

/**
 * Throws `UsageError` where a custodian may not give such a grant, or where it would give nothing, with the reason and
 * what to do instead. The database's own constraints hold whatever this says.
 */
export function refuseExcess(custodian: string, definition: CustodianDefinition, wanted: WantedGrant): void {
  refuseForeignScopes(custodian, definition, wanted);
  refuseUnknownScopes(definition, wanted);
  refuseReservedLabels(custodian, wanted);
}

function refuseForeignScopes(custodian: string, { subgraph }: CustodianDefinition, { scopes }: WantedGrant): void {
  const foreign = scopes.filter((scope) => scope.includes(':') && !scope.startsWith(`${subgraph}:`));
  if (foreign.length === 0) return;
  throw new UsageError(
    `${foreign.join(', ')}: ${custodian} hosts only "${subgraph}" and can grant only its scopes. ` +
      'What others host is theirs to grant: ask them.',
  );
}

/** A grant of a scope that opens nothing would be dead without a word. */
function refuseUnknownScopes(definition: CustodianDefinition, { scopes }: WantedGrant): void {
  const known = new Set(printSubgraph(definition).match(new RegExp(`\\b${definition.subgraph}:[a-z_]+`, 'gu')));
  const unknown = scopes.filter((scope) => !known.has(scope));
  if (unknown.length === 0) return;
  throw new UsageError(
    `${unknown.join(', ')}: no such scope here. This custodian can grant ${[...known].sort().join(', ')}.`,
  );
}

/** As domain.md reserves them; the same two rules are constraints of the table `grants`. */
function refuseReservedLabels(custodian: string, { organisation, clears }: WantedGrant): void {
  if (clears.includes('COORDINATED') && !['ministry', 'missing', custodian].includes(organisation)) {
    throw new UsageError(
      `COORDINATED can be cleared for the Ministry, the Authority and your own staff only (--organisation ministry, missing or ${custodian}). ` +
        'Leave it out of --clears: once a collection is released, its records are seen without.',
    );
  }
  if (clears.includes('FAMILY_FIRST') && !['missing', custodian].includes(organisation)) {
    throw new UsageError(
      `FAMILY_FIRST can be cleared for the Authority and your own staff only (--organisation missing or ${custodian}). ` +
        'Leave it out of --clears: once the family has been told, the link is seen without.',
    );
  }
}
