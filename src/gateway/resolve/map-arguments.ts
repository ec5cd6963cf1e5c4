import {
  type ArgumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  getNamedType,
  isCompositeType,
} from 'graphql';
import { definitionOf } from './expand-selections.ts';

/** What stands for an argument of a field; its type is undefined where the schema has no such argument. */
type ChangeArgument = (argument: ArgumentNode, type: GraphQLInputType | undefined) => ArgumentNode;

/** An operation or a fragment, valid or not, with others in the place of its fields' arguments; directives stay as they are. */
export function mapArguments<Node extends OperationDefinitionNode | FragmentDefinitionNode>(
  schema: GraphQLSchema,
  node: Node,
  change: ChangeArgument,
): Node {
  const mapSet = (set: SelectionSetNode, parent: GraphQLNamedType | undefined): SelectionSetNode => ({
    ...set,
    selections: set.selections.map((selection) => mapSelection(selection, parent)),
  });

  const mapSelection = (selection: SelectionNode, parent: GraphQLNamedType | undefined): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition, selectionSet } = selection;
      const type = typeCondition ? schema.getType(typeCondition.name.value) : parent;
      return { ...selection, selectionSet: mapSet(selectionSet, type) };
    }
    const { arguments: given, selectionSet } = selection;
    const definition = isCompositeType(parent) ? definitionOf(parent, selection.name.value) : undefined;
    const typeOf = (argument: string): GraphQLInputType | undefined =>
      definition?.args.find(({ name }) => name === argument)?.type;
    return {
      ...selection,
      ...(given && { arguments: given.map((argument) => change(argument, typeOf(argument.name.value))) }),
      ...(selectionSet && { selectionSet: mapSet(selectionSet, definition && getNamedType(definition.type)) }),
    };
  };

  const root =
    node.kind === Kind.FRAGMENT_DEFINITION
      ? schema.getType(node.typeCondition.name.value)
      : schema.getRootType(node.operation);
  return { ...node, selectionSet: mapSet(node.selectionSet, root ?? undefined) };
}
