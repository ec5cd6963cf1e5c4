import {
  type ASTNode,
  type ArgumentNode,
  Kind,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';

/** Those of the variables that a selection uses, where it has no fragments but inline ones. */
export function usedVariables(
  set: SelectionSetNode,
  definitions: readonly VariableDefinitionNode[],
): readonly VariableDefinitionNode[] {
  const used = new Set<string>();
  const enter = (value: ValueNode): void => {
    if (value.kind === Kind.VARIABLE) used.add(value.name.value);
    else if (value.kind === Kind.LIST) value.values.forEach(enter);
    else if (value.kind === Kind.OBJECT) for (const field of value.fields) enter(field.value);
  };
  const enterArguments = (given: readonly ArgumentNode[] = []): void => {
    for (const { value } of given) enter(value);
  };
  const enterSet = ({ selections }: SelectionSetNode): void => {
    for (const node of selections) {
      for (const directive of node.directives ?? []) enterArguments(directive.arguments);
      if (node.kind === Kind.FIELD) enterArguments(node.arguments);
      if (node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet) enterSet(node.selectionSet);
    }
  };
  enterSet(set);
  return definitions.filter(({ variable }) => used.has(variable.name.value));
}

/** The names of all variables in something, whatever it is. */
export function variablesIn(node: ASTNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
