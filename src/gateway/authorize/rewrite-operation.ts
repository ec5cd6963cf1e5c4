import {
  type FieldNode,
  type GraphQLObjectType,
  type InlineFragmentNode,
  Kind,
  type NameNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNamedType,
  isCompositeType,
  isNonNullType,
  isRequiredArgument,
} from 'graphql';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { type Demand, NOTHING, bothDemands, isNothing } from '../compose/demand.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';
import { filtersUsed } from './filters-used.ts';
import { MergedSelections } from './merged-selections.ts';
import { stricterTypes, typesOf } from './stricter-types.ts';

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
  /** All that the object at hand is asked for. */
  readonly merged: MergedSelections;
  /** Whether the answer's shape follows from the type of the object at hand. */
  readonly typed: { isNeeded: boolean };
}

/** An operation, rewritten. */
export interface RewrittenSelections {
  /** What is left to ask for. */
  readonly asked: SelectionSetNode;
  /** What the answer is shaped by: all of it, fragments spread out, with what was cut under a name that no fetch can bring. */
  readonly shape: SelectionSetNode;
  /** Whether anything in the shape has another name than the client has given it, or stands for nothing. */
  readonly isRenamed: boolean;
}

/** Begins the names of what was cut; clients' names cannot ("Names"), nor can the planner's. */
export const CUT = '__cut_';

/**
 * Begins the names under which fields are asked for that the client has given the name of a key, or of something else
 * that one subgraph is handed of another's: the planner fetches those under their own names, and takes and answers one
 * for the other.
 */
export const RENAMED = '__as_';

/** The name under which an object of which that is looked at tells its type. */
export const TYPED = '__of';

/**
 * The operation cut down to what may be asked for, fragments spread out. A selection of which nothing is left asks for
 * `__typename`, so that the client still learns whether there is an object.
 */
export function rewriteOperation(
  snapshot: SupergraphSnapshot,
  selections: readonly AskedSelection[],
  host: RewritingHost,
): RewrittenSelections {
  const rewriteAll = (given: readonly AskedSelection[], position: Position): Rewritten => {
    const all = given.map((selection): Rewritten => {
      if (selection.kind === 'field') return rewriteField(selection, position);
      const { asked, shape } = rewriteAll(selection.selections, position);
      const narrow = (inside: readonly SelectionNode[]): readonly SelectionNode[] =>
        inside.length > 0 ? [narrowing(selection.type.name, inside)] : [];
      return { asked: narrow(asked), shape: narrow(shape) };
    });
    return { asked: all.flatMap(({ asked }) => asked), shape: all.flatMap(({ shape }) => shape) };
  };

  const rewriteField = (field: AskedField, position: Position): Rewritten => {
    const { node, parent, definition } = field;
    const isTypename = definition === TypeNameMetaFieldDef;
    // Introspection is answered from the schema alone.
    if (definition.name.startsWith('__') && !isTypename) return { asked: [], shape: [node] };
    const needs = snapshot.needs(parent, definition.name).map((need) => withList(parent.name, need, position));
    const rows = rowsBelow(field, needs, position);
    if (isCut(field, needs) || isFilterWithheld(field, needs) || isPageCut(field, needs, rows)) {
      isRenamed = true;
      return { asked: [], shape: inPlaceOf(field, position) };
    }
    if (isTypename) return alike(withoutDirectives(nameOf(field)));
    const subgraphs = needs.length > 0 ? needs.map(({ subgraph }) => subgraph) : [position.subgraph ?? ''];
    host.kept(field, subgraphs, position.above);
    reportPartial(field, needs, position);
    if (!isNonNullType(definition.type) && stricterTypes(snapshot, field).length > 0) position.typed.isNeeded = true;
    const named = nameOf(field);
    if (!field.selections) return alike(withoutDirectives(named));
    const typed = { isNeeded: false };
    const inside = rewriteAll(field.selections, {
      subgraph: subgraphs.length === 1 ? subgraphs[0] : undefined,
      above: new Set([...position.above, ...subgraphs]),
      rows,
      merged: position.merged.inside(field.responseKey),
      typed,
    });
    if (typed.isNeeded) isRenamed = true;
    return {
      asked: [withoutDirectives(named, orTypename(inside.asked))],
      shape: [withoutDirectives(named, [...orNothing(inside.shape), ...(typed.isNeeded ? [TYPE] : [])])],
    };
  };

  /**
   * What stands for a field that was cut: the plan may fetch a key, or another field that a subgraph needs, under the very
   * name that the client has asked for it. On types that take no null there, it is the field itself, which is missing then,
   * unless it is asked for on that type elsewhere and may be had.
   */
  const inPlaceOf = (field: AskedField, position: Position): readonly SelectionNode[] => {
    const alias = { kind: Kind.NAME, value: `${CUT}${field.responseKey}` } as const;
    const missing = withoutDirectives({ ...field.node, alias }, field.selections && [TYPENAME]);
    const brought = new Set(
      position.merged
        .fields(field.responseKey)
        .filter((other) => other.parent !== field.parent && isCarried(other, position.rows))
        .flatMap((other) => typesOf(snapshot, other)),
    );
    const stricter = stricterTypes(snapshot, field).filter((type) => !brought.has(type));
    const isMissed = brought.size === 0 || !isNonNullType(field.definition.type);
    const missingOn = (type: GraphQLObjectType): FieldNode =>
      // On the root a name tells for itself, since no field of it need be one that takes no null.
      field.definition === TypeNameMetaFieldDef && field.path.length > 1 ? (neededOn(type, alias) ?? missing) : missing;
    return [
      ...stricter.map((type) => narrowing(type.name, [missingOn(type)])),
      isMissed ? missing : { ...TYPENAME, alias },
    ];
  };

  const isCarried = ({ parent, definition }: AskedField, rows: Requirement): boolean =>
    snapshot
      .needs(parent, definition.name)
      .every((need) => host.decide(withList(parent.name, need, { rows })) === 'carried');

  /** A selection out of which `@skip` and `@include` have left nothing: an object without fields. */
  const orNothing = (left: readonly SelectionNode[]): readonly SelectionNode[] => {
    if (left.length > 0) return left;
    isRenamed = true;
    return [{ ...TYPENAME, alias: { kind: Kind.NAME, value: CUT } }];
  };

  /** The field, under another name where its own would be taken for what subgraphs are handed. */
  const nameOf = ({ node, responseKey }: AskedField): FieldNode => {
    const isItself = node.name.value === responseKey && (node.arguments ?? []).length === 0;
    if (isItself || !snapshot.isHanded(responseKey)) return node;
    isRenamed = true;
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

  let isRenamed = false;
  const { asked, shape } = rewriteAll(selections, {
    subgraph: undefined,
    above: new Set(),
    rows: [],
    merged: new MergedSelections(selections),
    typed: { isNeeded: false },
  });
  return { asked: setOf(orTypename(asked)), shape: setOf(orNothing(shape)), isRenamed };
}

/**
 * A field that every object of a type needs, for the name of that type, which is known whatever was fetched: in its place,
 * and brought by no fetch, it leaves no object. Undefined where a type has none.
 */
function neededOn(type: GraphQLObjectType, alias: NameNode): FieldNode | undefined {
  const needed = Object.values(type.getFields()).find(
    (field) => isNonNullType(field.type) && !field.args.some(isRequiredArgument),
  );
  if (!needed) return undefined;
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: needed.name }, alias };
  return withoutDirectives(node, isCompositeType(getNamedType(needed.type)) ? [TYPENAME] : undefined);
}

/** What the one subgraph that resolves a field needs; undefined where that are several, or none. */
const onlyOf = ([need, ...others]: readonly FieldNeed[]): FieldNeed | undefined =>
  others.length === 0 ? need : undefined;

interface Rewritten {
  readonly asked: readonly SelectionNode[];
  readonly shape: readonly SelectionNode[];
}

const alike = (node: FieldNode): Rewritten => ({ asked: [node], shape: [node] });

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

const TYPE: FieldNode = { ...TYPENAME, alias: { kind: Kind.NAME, value: TYPED } };

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
