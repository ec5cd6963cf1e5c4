import { type DocumentNode, Kind } from 'graphql';
import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import type { Federation } from '../federation.ts';
import type { AskedField } from '../resolve/expand-selections.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import { usedVariables } from '../used-variables.ts';
import { type Withheld, WithheldReport } from '../withheld.ts';
import type { TouchedCustodian } from './custodian-part.ts';
import { rewriteOperation } from './rewrite-operation.ts';
import { hostsRewriting, wholeRewriting } from './rewritings.ts';
import type { SubgraphAccess } from './subgraph-access.ts';
import { SubgraphParts } from './subgraph-parts.ts';

/** A field left out because its custodian could not be asked. */
export interface UnaskedField {
  readonly path: readonly string[];
  readonly code: ErrorCode;
}

/** The operation as this viewer may have it. */
export interface Authorization {
  /** One anonymous operation without fragments or directives. */
  readonly document: DocumentNode;
  /** The fields that may be had, each with the name under which the document asks for it. */
  readonly fetched: ReadonlyMap<AskedField, string>;
  readonly withheld: WithheldReport;
  readonly unasked: readonly UnaskedField[];
  /** Those withheld whose type takes no null, so that what they are in becomes null instead. */
  readonly unfilled: readonly Withheld[];
  /** By custodian. */
  readonly touched: ReadonlyMap<string, TouchedCustodian>;
}

/** A refusal that says, beside its code, what is withheld. */
export class WithheldRefusal extends ListedError {
  readonly withheld: readonly Withheld[];

  constructor(code: 'FILTER_WITHHELD' | 'OPERATION_WITHHELD', withheld: readonly Withheld[]) {
    super(code);
    this.withheld = withheld;
  }
}

/**
 * Cuts the operation down to what its custodians let the viewer have. Of a subgraph with several hosts all is left that
 * one of them lets him have; what each host withholds is found by cutting the operation down to that host's part alone.
 * `accesses` are by custodian. Throws `FILTER_WITHHELD` where a filter reads what the viewer may not.
 */
export function authorizeOperation(
  federation: Pick<Federation, 'snapshot' | 'gathered' | 'members'>,
  { operation, selections }: ResolvedOperation,
  accesses: ReadonlyMap<string, SubgraphAccess>,
): Authorization {
  const { snapshot } = federation;
  const parts = new SubgraphParts(federation.members, accesses);
  const found = {
    withheld: new WithheldReport(),
    refusedFilters: new WithheldReport(),
    unasked: new Array<UnaskedField>(),
    unfilled: new Array<Withheld>(),
  };
  const rewritten = rewriteOperation(snapshot, selections, wholeRewriting(federation, parts, found));
  for (const [subgraph, alike] of parts.unlike())
    rewriteOperation(snapshot, selections, hostsRewriting(federation, parts, found, subgraph, alike));

  const { asked: selectionSet, fetched } = rewritten;
  const { withheld, unasked, unfilled } = found;
  const refused = found.refusedFilters.entries();
  if (refused.length > 0) throw new WithheldRefusal('FILTER_WITHHELD', refused);
  // Variables of what was cut are not even declared: the rewritten document is a cache key.
  const variableDefinitions = usedVariables(selectionSet, operation.variableDefinitions ?? []);
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { kind: Kind.OPERATION_DEFINITION, operation: operation.operation, variableDefinitions, selectionSet },
    ],
  };
  return { document, fetched, withheld, unasked, unfilled, touched: parts.byCustodian };
}
