import { type DocumentNode, Kind, type SelectionSetNode, type VariableDefinitionNode, visit } from 'graphql';
import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import { type Demand, NOTHING, isNothing } from '../compose/demand.ts';
import type { FieldNeed } from '../compose/supergraph-snapshot.ts';
import type { Federation } from '../federation.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import { type Withheld, WithheldReport } from '../withheld.ts';
import { CustodianPart, type TouchedCustodian } from './custodian-part.ts';
import { rewriteOperation } from './rewrite-operation.ts';
import { stricterTypes } from './stricter-types.ts';
import type { GivenAccess, SubgraphAccess } from './subgraph-access.ts';

/** A field left out because its custodian could not be asked. */
export interface UnaskedField {
  readonly path: readonly string[];
  readonly code: ErrorCode;
}

/** The operation as this viewer may have it. */
export interface Authorization {
  /** One anonymous operation without fragments or directives. */
  readonly document: DocumentNode;
  /** What the answer is shaped by, where something was cut: the whole operation, the names of that beginning with `CUT`. */
  readonly shape: SelectionSetNode | undefined;
  readonly withheld: WithheldReport;
  readonly unasked: readonly UnaskedField[];
  /** Those withheld whose type takes no null, so that what they are in becomes null instead. */
  readonly unfilled: readonly Withheld[];
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
 * Cuts the operation down to what its subgraphs let the viewer have. Throws `FILTER_WITHHELD` where a filter reads what
 * the viewer may not.
 */
export function authorizeOperation(
  { snapshot, connections }: Pick<Federation, 'snapshot' | 'connections'>,
  { operation, selections }: ResolvedOperation,
  accesses: ReadonlyMap<string, SubgraphAccess>,
): Authorization {
  const parts = new Map(
    [...accesses].flatMap(([subgraph, access]) => {
      const connection = connections.get(subgraph);
      return connection ? [[subgraph, new CustodianPart(connection.custodian, access)] as const] : [];
    }),
  );
  const withheld = new WithheldReport();
  const refusedFilters = new WithheldReport();
  const unasked: UnaskedField[] = [];
  const unfilled: Withheld[] = [];

  const { asked: selectionSet, shape } = rewriteOperation(snapshot, selections, {
    // The gateway's own fields need nothing but a viewer; what else has no access to be decided by is not let out.
    decide: (need) => parts.get(need.subgraph)?.decide(need) ?? (isNothing(need) ? 'carried' : 'withheld'),
    isByGrants: (subgraph) => parts.get(subgraph)?.isByGrants ?? false,
    isPartial: (subgraph, rows, field) => parts.get(subgraph)?.isPartial(rows, field) ?? false,
    kept: (field, subgraphs, above) => {
      for (const subgraph of subgraphs)
        parts.get(subgraph)?.keep(`${field.parent.name}.${field.definition.name}`, above);
    },
    withheld: (field, need) => {
      for (const entry of entriesFor(parts, field, need)) {
        const takesNull = stricterTypes(snapshot, field).length === 0;
        if (withheld.add(entry) && !takesNull) unfilled.push(entry);
      }
      parts.get(need.subgraph)?.cut.add('withheld');
    },
    partial: (field, need) => {
      for (const entry of entriesFor(parts, field, need)) withheld.add({ ...entry, partial: true });
    },
    unasked: ({ path }, { subgraph }) => {
      const access = parts.get(subgraph)?.access;
      if (access && access.status !== 'ANSWERED') unasked.push({ path, code: access.code });
    },
    filterWithheld: (field, need, guards) => {
      for (const coordinate of guards) {
        const demand = snapshot.demandOf(coordinate) ?? NOTHING;
        for (const entry of entriesFor(parts, field, { ...demand, subgraph: need.subgraph }))
          refusedFilters.add({ ...entry, coordinate });
      }
    },
    shadowed: (subgraphs, by) => {
      for (const subgraph of subgraphs) parts.get(subgraph)?.cut.add(by);
    },
  });

  const refused = refusedFilters.entries();
  if (refused.length > 0) throw new WithheldRefusal('FILTER_WITHHELD', refused);
  const variableDefinitions = usedVariables(selectionSet, operation.variableDefinitions ?? []);
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { kind: Kind.OPERATION_DEFINITION, operation: operation.operation, variableDefinitions, selectionSet },
    ],
  };
  return { document, shape, withheld, unasked, unfilled, touched: parts };
}

function entriesFor(
  parts: ReadonlyMap<string, CustodianPart>,
  {
    parent,
    definition,
    path,
  }: {
    readonly parent: { readonly name: string };
    readonly definition: { readonly name: string };
    readonly path: readonly string[];
  },
  need: FieldNeed,
): Withheld[] {
  const access = parts.get(need.subgraph)?.access;
  const coordinate = `${parent.name}.${definition.name}`;
  if (!access) return [{ path, coordinate, requires: need.requirement, reason: 'NO_GRANT' }];
  return access.status === 'ANSWERED' ? [withheldBy(access, coordinate, path, need)] : [];
}

/** One entry of the report, from what the custodian grants and nothing else. */
export const withheldBy = (
  access: GivenAccess,
  coordinate: string,
  path: readonly string[],
  demand: Demand,
): Withheld => {
  const { custodian, contact } = access.withheldBy;
  return {
    path,
    coordinate,
    ...(custodian !== undefined && { custodian }),
    requires: demand.requirement,
    reason: access.reasonFor(demand),
    ...(contact !== undefined && { contact }),
  };
};

/** Variables of what was cut are not even declared: the rewritten document is a cache key. */
function usedVariables(
  selectionSet: Parameters<typeof visit>[0] & object,
  definitions: readonly VariableDefinitionNode[],
): readonly VariableDefinitionNode[] {
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  return definitions.filter(({ variable }) => used.has(variable.name.value));
}
