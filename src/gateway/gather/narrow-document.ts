import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import type { GivenAccess } from '../authorize/subgraph-access.ts';
import { pageDemand } from '../authorize/page-demand.ts';
import { type RewritingHost, rewriteOperation } from '../authorize/rewrite-operation.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { isServed } from '../compose/served-by-host.ts';
import { type AskedSelection, expandSelections } from '../resolve/expand-selections.ts';
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
  /** Hears of a field (`Type.field`) that the host does not serve. */
  readonly lacking: (coordinate: string) => void;
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
  const served = lacks.size === 0 ? selections : servedOf(selections, lacks, lacking);
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
const MACHINERY: ReadonlySet<string> = new Set(['_entities']);

function servedOf(
  selections: readonly AskedSelection[],
  lacks: ReadonlySet<string>,
  lacking: (coordinate: string) => void,
): readonly AskedSelection[] {
  return selections.flatMap((selection): AskedSelection[] => {
    if (selection.kind === 'fragment')
      return [{ ...selection, selections: servedOf(selection.selections, lacks, lacking) }];
    const { parent, definition, arguments: given } = selection;
    if (!isServed(lacks, parent.name, definition, given)) {
      lacking(`${parent.name}.${definition.name}`);
      return [];
    }
    return [{ ...selection, selections: selection.selections && servedOf(selection.selections, lacks, lacking) }];
  });
}
