import {
  type FieldNode,
  type GraphQLCompositeType,
  Kind,
  type SelectionNode,
  getNamedType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import { VARIABLES } from './random-operation.ts';

/** A field where it is written, on the type that it is written on. */
export interface Written {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
}

/** Selections, each with the type that it is written on. */
export type Selections = readonly { readonly node: SelectionNode; readonly parent: GraphQLCompositeType }[];

/** Selections as they are written in a set on a type. */
export const selectionsOf = (nodes: readonly SelectionNode[], parent: GraphQLCompositeType): Selections =>
  nodes.map((node) => ({ node, parent }));

/** As the type says on which it is written: what an object's own type says of it, nobody has named. */
export function insideOf({ node, parent }: Written): Selections {
  const written = isUnionType(parent) ? undefined : parent.getFields()[node.name.value];
  const returned = written && getNamedType(written.type);
  return isCompositeType(returned) ? selectionsOf(node.selectionSet?.selections ?? [], returned) : [];
}

/** Whether the conditions on a selection let it be asked for. */
export function isAsked({ directives = [] }: SelectionNode): boolean {
  return directives.every(({ name, arguments: [given] = [] }) => {
    const isYes =
      given?.value.kind === Kind.VARIABLE && given.value.name.value === 'yes' ? VARIABLES.yes : VARIABLES.no;
    return isYes === (name.value === 'include');
  });
}
