import { type DocumentNode, Kind, type VariableDefinitionNode, visit } from 'graphql';
import type { AccessAnswer } from '../../protocol/access-answer.ts';
import { type ErrorCode, ListedError } from '../../protocol/errors.ts';
import type { Requirement } from '../../protocol/requirements.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { Custodian, CustodianConnection } from '../custodian-connection.ts';
import type { ResolvedOperation } from '../resolve/resolve-operation.ts';
import { type Withheld, WithheldReport } from '../withheld.ts';
import type { CustodianAccess } from './ask-access.ts';
import { CustodianPart, type TouchedCustodian } from './custodian-part.ts';
import { reasonFor } from './decide.ts';
import { type Decision, rewriteOperation, subgraphsOf } from './rewrite-operation.ts';

/** A field left out because its custodian could not be asked. */
export interface UnaskedField {
  readonly path: readonly string[];
  readonly code: ErrorCode;
}

/** The operation as this viewer may have it. */
export interface Authorization {
  /** One anonymous operation without fragments or directives. */
  readonly document: DocumentNode;
  readonly withheld: WithheldReport;
  readonly unasked: readonly UnaskedField[];
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
 * Asks the custodians that the operation touches what they grant, and cuts the operation down to it. Throws
 * `FILTER_WITHHELD` where a filter reads what the viewer may not.
 */
export async function authorizeOperation(
  snapshot: SupergraphSnapshot,
  { operation, selections }: ResolvedOperation,
  connections: ReadonlyMap<string, CustodianConnection>,
  ask: (connection: CustodianConnection) => Promise<CustodianAccess>,
): Promise<Authorization> {
  const touchedConnections = [...subgraphsOf(snapshot, selections)].flatMap(
    (subgraph) => connections.get(subgraph) ?? [],
  );
  const asked = await Promise.all(
    touchedConnections.map(
      async (connection) =>
        [connection.custodian.subgraph, new CustodianPart(connection.custodian, await ask(connection))] as const,
    ),
  );
  const parts = new Map(asked);
  const withheld = new WithheldReport();
  const refusedFilters = new WithheldReport();
  const unasked: UnaskedField[] = [];

  const selectionSet = rewriteOperation(snapshot, selections, {
    decide: ({ subgraph, requirement }) => parts.get(subgraph)?.decide(requirement) ?? OWN,
    isPartial: (subgraph, rows, field) => parts.get(subgraph)?.isPartial(rows, field) ?? false,
    kept: (field, subgraphs, above) => {
      for (const subgraph of subgraphs)
        parts.get(subgraph)?.keep(`${field.parent.name}.${field.definition.name}`, above);
    },
    withheld: (field, need) => {
      for (const entry of entriesFor(parts, field, need)) withheld.add(entry);
      parts.get(need.subgraph)?.cut.add('withheld');
    },
    partial: (field, need) => {
      for (const entry of entriesFor(parts, field, need)) withheld.add({ ...entry, partial: true });
    },
    unasked: ({ path }, { subgraph }) => {
      const access = parts.get(subgraph)?.access;
      if (access && access.status !== 'ANSWERED') unasked.push({ path, code: access.code });
    },
    filterWithheld: (field, { subgraph }, guards) => {
      for (const coordinate of guards) {
        const requirement = snapshot.requirementOf(subgraph, coordinate) ?? [];
        for (const entry of entriesFor(parts, field, { subgraph, requirement }))
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
  return { document, withheld, unasked, touched: parts };
}

/** The gateway's own fields need nothing but a viewer. */
const OWN: Decision = 'carried';

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
  { subgraph, requirement }: FieldNeed,
): Withheld[] {
  const part = parts.get(subgraph);
  if (part?.access.status !== 'ANSWERED') return [];
  const coordinate = `${parent.name}.${definition.name}`;
  return [withheldBy(part.custodian, part.access.answer, coordinate, path, requirement)];
}

/** One entry of the report, from what the custodian grants and nothing else. */
export function withheldBy(
  { id, contact }: Custodian,
  answer: AccessAnswer,
  coordinate: string,
  path: readonly string[],
  requires: Requirement,
): Withheld {
  return { path, coordinate, custodian: id, requires, reason: reasonFor(answer, requires), contact };
}

/** Variables of what was cut are not even declared: the rewritten document is a cache key. */
function usedVariables(
  selectionSet: Parameters<typeof visit>[0] & object,
  definitions: readonly VariableDefinitionNode[],
): readonly VariableDefinitionNode[] {
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  return definitions.filter(({ variable }) => used.has(variable.name.value));
}
