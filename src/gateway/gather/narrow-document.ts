import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import type { GivenAccess } from '../authorize/subgraph-access.ts';
import { pageDemand } from '../authorize/page-demand.ts';
import { type RewritingHost, rewriteOperation } from '../authorize/rewrite-operation.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { isServed } from '../compose/served-by-host.ts';
import { type AskedSelection, expandSelections } from '../resolve/expand-selections.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import { documentOf } from './ast.ts';
import type { GatherRules } from './gather-rules.ts';

/** What one host may be asked for of a fetch. */
export interface Narrowing {
  readonly snapshot: SupergraphSnapshot;
  readonly subgraph: string;
  readonly schema: GraphQLSchema;
  readonly rules: GatherRules;
  readonly access: GivenAccess;
  /** Coordinates that the host does not serve. */
  readonly lacks: ReadonlySet<string>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Hears of what the host does not serve. */
  readonly lacking: (field: LackingField) => void;
}

/** A field of a fetch (`Type.field`) that a host does not serve. */
export interface LackingField {
  readonly coordinate: string;
  /** In the fetch, with `@` for each list on the way. */
  readonly path: readonly string[];
  /** As places are told apart where something is gathered: the entity's type, and the response keys. */
  readonly place: string;
}

/**
 * A fetch's document cut down to what one host grants and serves, filters included; undefined where nothing of it is
 * left.
 */
export function narrowDocument(narrowing: Narrowing, document: DocumentNode): DocumentNode | undefined {
  const { snapshot, schema, lacks, variables, lacking } = narrowing;
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) throw new Error('a fetch without an operation');
  const expansion = { schema, fragments: new Map(), variables, most: Infinity };
  const selections = expandSelections(expansion, root, operation.selectionSet);
  let isAnythingLeft = false;
  const host = rewritingOf(narrowing, () => {
    isAnythingLeft = true;
  });
  const served = lacks.size === 0 ? selections : servedOf(selections, lacks, lacking, '');
  const { asked } = rewriteOperation(snapshot, served, host);
  return isAnythingLeft ? documentOf(operation.operation, asked, operation.variableDefinitions ?? []) : undefined;
}

/** Hears of what may be asked for; what may not is reported from the operation as it was sent in, not from fetches. */
function rewritingOf({ snapshot, subgraph, rules, access }: Narrowing, kept: () => void): RewritingHost {
  const isHosts = (need: FieldNeed): boolean => need.subgraph === subgraph;
  const nothing = (): void => {};
  return {
    decide: (need) => (isHosts(need) && !access.carries(need) ? 'withheld' : 'carried'),
    pageDemand: (field, named) => pageDemand(snapshot, named === subgraph ? rules : undefined, named, field),
    isByGrants: (named) => named === subgraph && access.keepsContract,
    isPartial: () => false,
    kept: ({ definition }) => {
      if (!MACHINERY.has(definition.name)) kept();
    },
    withheld: nothing,
    partial: nothing,
    unasked: nothing,
    filterWithheld: nothing,
    shadowed: nothing,
  };
}

/** What alone is no reason to ask a host. */
const MACHINERY: ReadonlySet<string> = new Set([ENTITIES]);

/** `above` is the place that the selections are at, undefined where they tell the types of entities apart. */
function servedOf(
  selections: readonly AskedSelection[],
  lacks: ReadonlySet<string>,
  lacking: Narrowing['lacking'],
  above: string | undefined,
): readonly AskedSelection[] {
  return selections.flatMap((selection): AskedSelection[] => {
    if (selection.kind === 'fragment') {
      const { type, selections: inside } = selection;
      return [{ ...selection, selections: servedOf(inside, lacks, lacking, above ?? type.name) }];
    }
    const { parent, definition, arguments: given, responseKey, path, selections: inside } = selection;
    const place = definition.name === ENTITIES ? undefined : `${above}.${responseKey}`;
    if (place !== undefined && !isServed(lacks, parent.name, definition, given)) {
      lacking({ coordinate: `${parent.name}.${definition.name}`, path, place });
      return [];
    }
    return [{ ...selection, selections: inside && servedOf(inside, lacks, lacking, place) }];
  });
}
