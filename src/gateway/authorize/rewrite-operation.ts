import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { type Demand, NOTHING, bothDemands, isNothing } from '../compose/demand.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';
import { filtersUsed } from './filters-used.ts';

/** Whether one subgraph's part may be asked for: `withheld` by its grants, or `unasked` because it did not say. */
export type Decision = 'carried' | 'withheld' | 'unasked';

/** What the rewriting asks and reports as it goes; every finding names the field that it was made on. */
export interface RewritingHost {
  decide(need: FieldNeed): Decision;
  /** What a list of which one subgraph has several hosts demands beside its own guard. */
  pageDemand(field: AskedField, subgraph: string): Demand;
  /** Whether a subgraph's records are seen by grants, of which one must carry all that a value needs. */
  isByGrants(subgraph: string): boolean;
  /** Whether grants make records visible on which this field is not (`rows` and `field` are one subgraph's requirements). */
  isPartial(subgraph: string, rows: Requirement, field: Requirement): boolean;
  /** A field that may be asked for, of the subgraphs that resolve it, below fields of those above. */
  kept(field: AskedField, subgraphs: readonly string[], above: ReadonlySet<string>): void;
  withheld(field: AskedField, need: FieldNeed): void;
  partial(field: AskedField, need: FieldNeed): void;
  /** A field not asked for because a custodian did not say what it grants. */
  unasked(field: AskedField, need: FieldNeed): void;
  /** A field that reads others by filters, one of which no grant carries together with the field itself. */
  filterWithheld(field: AskedField, need: FieldNeed, guards: readonly string[]): void;
  /** Subgraphs below a field that was cut. */
  shadowed(subgraphs: ReadonlySet<string>, by: Exclude<Decision, 'carried'>): void;
}

/** Where in the operation the rewriting is. */
interface Position {
  /** The subgraph that resolved the parent: a value type's fields are its. */
  readonly subgraph: string | undefined;
  readonly above: ReadonlySet<string>;
  /** What a grant must carry for the record at hand to be visible. */
  readonly rows: Requirement;
}

/** An operation, rewritten. */
export interface RewrittenSelections {
  /** What is left to ask for. */
  readonly asked: SelectionSetNode;
  /** The fields that may be had, each with the name under which it is asked for: all others are null in the answer. */
  readonly fetched: ReadonlyMap<AskedField, string>;
}

/**
 * Begins the names under which fields are asked for that the client has given the name of a key, or of something else
 * that one subgraph is handed of another's: the planner fetches those under their own names, and takes and answers one
 * for the other.
 */
export const RENAMED = '__as_';

/**
 * The operation cut down to what may be asked for, fragments spread out. A selection of which nothing is left asks for
 * `__typename`, so that the client still learns whether there is an object.
 */
export function rewriteOperation(
  snapshot: SupergraphSnapshot,
  selections: readonly AskedSelection[],
  host: RewritingHost,
): RewrittenSelections {
  const fetched = new Map<AskedField, string>();

  const rewriteAll = (given: readonly AskedSelection[], position: Position): readonly SelectionNode[] =>
    given.flatMap((selection) => {
      if (selection.kind === 'field') return rewriteField(selection, position);
      const inside = rewriteAll(selection.selections, position);
      return inside.length > 0 ? [narrowing(selection.type.name, inside)] : [];
    });

  const rewriteField = (field: AskedField, position: Position): readonly SelectionNode[] => {
    const { parent, definition } = field;
    const isTypename = definition === TypeNameMetaFieldDef;
    // Introspection is answered from the schema alone.
    if (definition.name.startsWith('__') && !isTypename) {
      fetched.set(field, field.responseKey);
      return [];
    }
    const needs = snapshot.needs(parent, definition.name).map((need) => withList(parent.name, need, position));
    const rows = rowsBelow(field, needs, position);
    if (isCut(field, needs) || isFilterWithheld(field, needs) || isPageCut(field, needs, rows)) return [];
    const named = nameOf(field);
    fetched.set(field, (named.alias ?? named.name).value);
    if (isTypename) return [withoutDirectives(named)];
    const subgraphs = needs.length > 0 ? needs.map(({ subgraph }) => subgraph) : [position.subgraph ?? ''];
    host.kept(field, subgraphs, position.above);
    reportPartial(field, needs, position);
    if (!field.selections) return [withoutDirectives(named)];
    const inside = rewriteAll(field.selections, {
      subgraph: subgraphs.length === 1 ? subgraphs[0] : undefined,
      above: new Set([...position.above, ...subgraphs]),
      rows,
    });
    return [withoutDirectives(named, orTypename(inside))];
  };

  const isCarried = ({ parent, definition }: AskedField, rows: Requirement): boolean =>
    snapshot
      .needs(parent, definition.name)
      .every((need) => host.decide(withList(parent.name, need, { rows })) === 'carried');

  /** The field, under another name where its own would be taken for what subgraphs are handed. */
  const nameOf = ({ node, responseKey }: AskedField): FieldNode => {
    const isItself = node.name.value === responseKey && (node.arguments ?? []).length === 0;
    if (isItself || !snapshot.isHanded(responseKey)) return node;
    return { ...node, alias: { kind: Kind.NAME, value: `${RENAMED}${responseKey}` } };
  };

  /** On a page of a list, one grant must carry what the field needs together with what the list needs. */
  const withList = (type: string, need: FieldNeed, { rows }: Pick<Position, 'rows'>): FieldNeed => {
    if (!isPage(type, need.subgraph) || host.decide(need) !== 'carried') return need;
    return { ...need, requirement: both(rows, need.requirement) };
  };

  /** Reports why a list is cut, if it is, although rows of it might be seen: by what they are ordered by. */
  const isPageCut = (field: AskedField, needs: readonly FieldNeed[], rows: Requirement): boolean => {
    const all = needs.map((need) => {
      const demand = host.pageDemand(field, need.subgraph);
      return isNothing(demand) ? need : { ...bothDemands(need, demand), subgraph: need.subgraph };
    });
    if (all.every((need, index) => need === needs[index])) return false;
    const isAsked = (field.selections ?? []).some(
      (inside) => inside.kind === 'field' && TAKES_ROWS.has(inside.definition.name) && isCarried(inside, rows),
    );
    return isAsked && isCut(field, all);
  };

  const isPage = (type: string, subgraph: string): boolean =>
    host.isByGrants(subgraph) && snapshot.recordsOf(type) !== subgraph && snapshot.ownerOf(type) === subgraph;

  /** Reports why a field is cut, if it is, and whom else that leaves out. */
  const isCut = (field: AskedField, needs: readonly FieldNeed[]): boolean => {
    const decisions = needs.map((need) => ({ need, decision: host.decide(need) }));
    const unasked = decisions.filter(({ decision }) => decision === 'unasked');
    const withheld = decisions.filter(({ decision }) => decision === 'withheld');
    for (const { need } of unasked) host.unasked(field, need);
    for (const { need } of withheld) host.withheld(field, need);
    if (unasked.length + withheld.length === 0) return false;
    host.shadowed(subgraphsOf(snapshot, field.selections ?? []), withheld.length > 0 ? 'withheld' : 'unasked');
    return true;
  };

  /** Reports filters by which more is read than is carried together with the field. */
  const isFilterWithheld = (field: AskedField, needs: readonly FieldNeed[]): boolean => {
    const guards = filtersUsed(snapshot, field);
    if (guards.length === 0) return false;
    const need = onlyOf(needs);
    const subgraph = need?.subgraph ?? snapshot.resolversOf(field.parent, field.definition.name)[0] ?? '';
    const reading = { ...readBy(guards, need), subgraph };
    if (host.decide(reading) === 'carried') return false;
    host.filterWithheld(field, reading, guards);
    host.shadowed(subgraphsOf(snapshot, field.selections ?? []), 'withheld');
    return true;
  };

  /** What a field demands together with all that its filters read. */
  const readBy = (guards: readonly string[], need: FieldNeed | undefined): Demand => {
    const subgraph = need && host.isByGrants(need.subgraph) ? need.subgraph : undefined;
    return guards.map((guard) => snapshot.demandOf(guard, subgraph) ?? UNMET).reduce(bothDemands, need ?? NOTHING);
  };

  /** What a grant must carry for the records of a field to be visible. */
  const rowsBelow = (field: AskedField, needs: readonly FieldNeed[], position: Position): Requirement => {
    const need = onlyOf(needs);
    if (!need) return [];
    const read = readBy(filtersUsed(snapshot, field), need).requirement;
    return isPage(field.parent.name, need.subgraph) ? both(position.rows, read) : read;
  };

  /** Reports fields withheld on some of the records: that follows from what makes a record visible. */
  const reportPartial = (field: AskedField, needs: readonly FieldNeed[], position: Position): void => {
    const need = onlyOf(needs);
    if (!need || snapshot.recordsOf(field.parent.name) !== need.subgraph) return;
    if (host.isPartial(need.subgraph, position.rows, need.requirement)) host.partial(field, need);
  };

  const asked = rewriteAll(selections, { subgraph: undefined, above: new Set(), rows: [] });
  return { asked: setOf(orTypename(asked)), fetched };
}

/** What the one subgraph that resolves a field needs; undefined where that are several, or none. */
const onlyOf = ([need, ...others]: readonly FieldNeed[]): FieldNeed | undefined =>
  others.length === 0 ? need : undefined;

/** Every subgraph that resolves a field among the selections or below. */
export function subgraphsOf(snapshot: SupergraphSnapshot, selections: readonly AskedSelection[]): ReadonlySet<string> {
  const found = new Set<string>();
  const collect = (asked: readonly AskedSelection[]): void => {
    for (const selection of asked) {
      if (selection.kind === 'field') {
        for (const { subgraph } of snapshot.needs(selection.parent, selection.definition.name)) found.add(subgraph);
      }
      collect(selection.selections ?? []);
    }
  };
  collect(selections);
  return found;
}

/** What of a list takes rows to answer. */
const TAKES_ROWS: ReadonlySet<string> = new Set(['nodes', 'edges', 'pageInfo']);

/** A guard that names no guarded field is refused at composition; should one get through, nobody carries it. */
const UNMET: Demand = { ...NOTHING, requirement: [['\u0000unguarded']] };

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const orTypename = (selections: readonly SelectionNode[]): readonly SelectionNode[] =>
  selections.length > 0 ? selections : [TYPENAME];

const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections });

function narrowing(type: string, selections: readonly SelectionNode[]): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    selectionSet: setOf(selections),
  };
}

/** `@skip` and `@include` have been evaluated. */
function withoutDirectives(
  { alias, name, arguments: given }: FieldNode,
  selections?: readonly SelectionNode[],
): FieldNode {
  return {
    kind: Kind.FIELD,
    name,
    ...(alias && { alias }),
    ...(given && { arguments: given }),
    ...(selections && { selectionSet: setOf(selections) }),
  };
}
