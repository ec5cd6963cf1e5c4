import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLInputType,
  type SelectionNode,
  type TypeNode,
  type VariableDefinitionNode,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  print,
  stripIgnoredCharacters,
} from 'graphql';
import { OWN, documentOf, entitiesField, fieldUnder, givenBy, narrowedTo, setOf, variableOf } from './ast.ts';
import { afterAt, argumentAt, firstAt } from './host-variables.ts';
import type { GatherTree, GatheredField, GatheredObject } from './gather-tree.ts';
import type { SelectedPage } from './selected-page.ts';

/** The keys of a connection under which a host answers its rows, and of each row what the order follows from. */
export const EDGES = `${OWN}edges`;
export const SORT_KEY = `${OWN}sortKey`;
export const RECORD_ID = `${OWN}recordId`;
/** Those under which it says whether more rows follow. */
export const PAGE = `${OWN}page`;
export const MORE = `${OWN}more`;

/** The key under which an entity holds a field of its key. */
export const keyKey = (field: string): string => `${OWN}k_${field}`;

/** What one host is asked, and by which variables. */
export interface HostDocument {
  readonly document: DocumentNode;
  readonly query: string;
  readonly variables: readonly { readonly name: string; readonly type: TypeNode }[];
}

/** Which part of a tree a host is asked for. */
export interface HostPart {
  /** Fields of entities' keys, by type: they are asked for too. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Places that are left out. */
  readonly omitted: ReadonlySet<string>;
  /** A place of which nothing is asked for but more rows. */
  readonly only?: string;
}

/**
 * Writes what one host is asked for: of lists, the rows after a place in the order of all hosts' rows. Undefined where
 * nothing is left.
 */
export function hostDocument(tree: GatherTree, { keys, omitted, only }: HostPart): HostDocument | undefined {
  const added = new Map<string, VariableDefinitionNode>();

  const selectionsOf = ({ fields }: GatheredObject): SelectionNode[] => fields.flatMap(fieldsOf);

  const fieldsOf = (field: GatheredField): FieldNode[] => {
    const { selected, inside, page, place } = field;
    const isLeftOut = only !== undefined && place !== only && !only.startsWith(`${place}.`);
    if (omitted.has(place) || isLeftOut) return [];
    const node = { ...selected.node, arguments: argumentsOf(field) };
    if (page) return [{ ...node, ...pageOf(field, page, node.arguments, only !== undefined) }];
    if (!inside) return [node];
    const below = selectionsOf(inside);
    return below.length > 0 ? [{ ...node, selectionSet: setOf(below) }] : [];
  };

  const argumentsOf = ({ selected: { node, definition }, place }: GatheredField): ArgumentNode[] =>
    (node.arguments ?? []).map((argument) => {
      const name = argument.name.value;
      const declared = definition?.args.find((one) => one.name === name);
      if (!declared || !mentionsIds(declared.type)) return argument;
      const variable = argumentAt(place, argument, declared);
      added.set(variable, variableOf(variable, String(declared.type)));
      return givenBy(name, variable);
    });

  const pageOf = (
    { selected: { definition }, place }: GatheredField,
    page: SelectedPage,
    given: readonly ArgumentNode[],
    isMore: boolean,
  ): Pick<FieldNode, 'arguments' | 'selectionSet'> => {
    const others = given.filter(({ name }) => name.value !== 'first' && name.value !== 'after');
    const totals = isMore ? [] : [...page.totals, ...page.typenames].map(({ node }) => node);
    if (!page.takesRows) return { arguments: others, selectionSet: setOf(totals) };
    const position = definition?.args.find(({ name }) => name === 'afterRecord');
    added.set(firstAt(place), variableOf(firstAt(place), 'Int!'));
    added.set(afterAt(place), variableOf(afterAt(place), String(position?.type)));
    return {
      arguments: [...others, givenBy('first', firstAt(place)), givenBy('afterRecord', afterAt(place))],
      selectionSet: setOf([...rowsOf(page), ...totals]),
    };
  };

  const roots = tree.root
    ? selectionsOf(tree.root)
    : Array.from(tree.entities, ([type, object]): SelectionNode[] => {
        const own = (keys.get(type) ?? []).map((name) => fieldUnder(keyKey(name), name));
        const selections = selectionsOf(object);
        return selections.length > 0 ? [narrowedTo(type, [...own, ...selections])] : [];
      }).flat();
  if (roots.length === 0) return undefined;
  const { operation } = tree;
  const set = setOf(tree.root ? roots : [entitiesField(roots)]);
  const document = documentOf(operation.operation, set, [...(operation.variableDefinitions ?? []), ...added.values()]);
  const variables = getOperationAST(document)?.variableDefinitions ?? [];
  const query = stripIgnoredCharacters(print(document));
  return { document, query, variables: variables.map(({ variable, type }) => ({ name: variable.name.value, type })) };
}

function rowsOf({ records }: SelectedPage): FieldNode[] {
  const order = [fieldUnder(SORT_KEY, 'sortKey'), fieldUnder(RECORD_ID, 'recordId')];
  const asked = records.map(({ rowKey, set }) => fieldUnder(rowKey, 'node', set));
  const more = fieldUnder(PAGE, 'pageInfo', setOf([fieldUnder(MORE, 'hasNextPage')]));
  return [fieldUnder(EDGES, 'edges', setOf([...order, ...asked])), more];
}

/** Whether values of a type may hold ids: of those each host sees its own. */
export function mentionsIds(type: GraphQLInputType, within: ReadonlySet<string> = new Set()): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return named.name === 'ID';
  if (within.has(named.name)) return false;
  const seen = new Set([...within, named.name]);
  return Object.values(named.getFields()).some((field) => mentionsIds(field.type, seen));
}
