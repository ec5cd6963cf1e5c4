import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNamedType,
  isCompositeType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type SelectedField, selectedFields } from '../execute/selected-fields.ts';
import { OWN } from './ast.ts';

/** One field of an edge or of the page's information, under the key that it is asked for by. */
export interface SelectedPart {
  readonly key: string;
  readonly name: string;
  readonly node: FieldNode;
}

/** The page's edges, or its information, with what is asked for of each. */
export interface SelectedEdges extends SelectedPart {
  readonly parts: readonly SelectedPart[];
}

/** What is asked for of the record of each row, and the key of the row under which a host answers it. */
export interface SelectedRecord {
  readonly rowKey: string;
  readonly type: GraphQLCompositeType;
  /** Whether an edge takes null for it; among the page's nodes a null is left out. */
  readonly isNullable: boolean;
  readonly isNode: boolean;
  readonly set: SelectionSetNode;
  /** Where on the page the record of a row was asked for. */
  pathOf(row: string | number): readonly (string | number)[];
}

/** The keys of a row: of what is asked for of its record as one of the page's nodes, or as an edge's node. */
export const nodeKey = (key: string): string => `${OWN}n_${key}`;
export const edgeKey = (edges: string, key: string): string => `${OWN}e_${edges}_${key}`;

/** What a fetch asks for of one page of a connection: each of its fields under as many keys as it is asked for by. */
export interface SelectedPage {
  readonly connection: string;
  readonly edge: string;
  readonly pageInfo: string;
  readonly nodes: readonly SelectedPart[];
  readonly edges: readonly SelectedEdges[];
  readonly information: readonly SelectedEdges[];
  readonly totals: readonly SelectedPart[];
  readonly typenames: readonly SelectedPart[];
  readonly records: readonly SelectedRecord[];
  /** Whether it takes any rows to answer. */
  readonly takesRows: boolean;
}

/** What is asked for of the connection that a field returns. */
export function selectedPage(schema: GraphQLSchema, { node: field, type }: SelectedField): SelectedPage {
  const connection = getNamedType(type);
  if (!isObjectType(connection)) throw new Error('a page of what is no object');
  const partsOf = (name: string, set: FieldNode['selectionSet']): SelectedPart[] => {
    const parent = schema.getType(name);
    if (!set || !isObjectType(parent)) return [];
    return Array.from(selectedFields(schema, set, parent), ([key, part]) => ({
      key,
      name: part.node.name.value,
      node: part.node,
    }));
  };
  const parts = partsOf(connection.name, field.selectionSet);
  const named = (name: string): SelectedPart[] => parts.filter((part) => part.name === name);
  const typeOf = (name: string): string => getNamedType(connection.getFields()[name]?.type)?.name ?? '';
  const withParts = (name: string): SelectedEdges[] =>
    named(name).map((part) => ({ ...part, parts: partsOf(typeOf(name), part.node.selectionSet) }));
  const edge = schema.getType(typeOf('edges'));
  const node = isObjectType(edge) ? edge.getFields()['node']?.type : undefined;
  const [record, isNullable] = [getNamedType(node), !isNonNullType(node)];
  const recordsOf = (
    rowKey: string,
    { selectionSet: set }: FieldNode,
    isNode: boolean,
    pathOf: SelectedRecord['pathOf'],
  ): SelectedRecord[] =>
    set && isCompositeType(record) ? [{ rowKey, type: record, isNullable, isNode, set, pathOf }] : [];
  const [nodes, edges, information] = [named('nodes'), withParts('edges'), withParts('pageInfo')];
  return {
    connection: connection.name,
    edge: typeOf('edges'),
    pageInfo: typeOf('pageInfo'),
    nodes,
    edges,
    information,
    totals: named('totalCount'),
    typenames: named(TypeNameMetaFieldDef.name),
    records: [
      ...nodes.flatMap((part) => recordsOf(nodeKey(part.key), part.node, true, (row) => [part.key, row])),
      ...edges.flatMap(({ key, parts: inside }) =>
        inside.flatMap((part) => recordsOf(edgeKey(key, part.key), part.node, false, (row) => [key, row, part.key])),
      ),
    ],
    takesRows: nodes.length + edges.length + information.length > 0,
  };
}
