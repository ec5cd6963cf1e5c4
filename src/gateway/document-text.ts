import {
  type ArgumentNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectFieldNode,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
  type VariableDefinitionNode,
  print,
} from 'graphql';

/**
 * A document as GraphQL in a single line: the same for all that differ in layout, descriptions and ways of writing a string.
 * What is looked up by a document is looked up by this, on each request: `print` takes several times as long.
 */
export const documentText = ({ definitions }: DocumentNode): string => definitions.map(definitionText).join('');

function definitionText(node: DefinitionNode): string {
  if (node.kind === Kind.OPERATION_DEFINITION) {
    const variables = node.variableDefinitions ?? [];
    const declared = variables.length > 0 ? `(${variables.map(variableText).join(' ')})` : '';
    const { operation, name, directives, selectionSet } = node;
    return `${operation} ${name?.value ?? ''}${declared}${directivesText(directives)}${setText(selectionSet)}`;
  }
  // What is no operation is refused.
  if (node.kind !== Kind.FRAGMENT_DEFINITION) return print(node);
  const { name, typeCondition, directives, selectionSet } = node;
  return `fragment ${name.value} on ${typeCondition.name.value}${directivesText(directives)}${setText(selectionSet)}`;
}

const variableText = ({ variable, type, defaultValue, directives }: VariableDefinitionNode): string =>
  `$${variable.name.value}:${typeText(type)}${defaultValue ? `=${valueText(defaultValue)}` : ''}${directivesText(directives)}`;

function typeText(type: TypeNode): string {
  if (type.kind === Kind.NAMED_TYPE) return type.name.value;
  return type.kind === Kind.LIST_TYPE ? `[${typeText(type.type)}]` : `${typeText(type.type)}!`;
}

const setText = ({ selections }: SelectionSetNode): string => `{${selections.map(selectionText).join(' ')}}`;

function selectionText(node: SelectionNode): string {
  const directives = directivesText(node.directives);
  if (node.kind === Kind.FRAGMENT_SPREAD) return `...${node.name.value}${directives}`;
  if (node.kind === Kind.INLINE_FRAGMENT) {
    const { typeCondition, selectionSet } = node;
    return `...${typeCondition ? `on ${typeCondition.name.value}` : ''}${directives}${setText(selectionSet)}`;
  }
  const { alias, name, arguments: given, selectionSet } = node;
  const inside = selectionSet ? setText(selectionSet) : '';
  return `${alias ? `${alias.value}:` : ''}${name.value}${argumentsText(given)}${directives}${inside}`;
}

const argumentsText = (given: readonly ArgumentNode[] = []): string =>
  given.length > 0 ? `(${given.map(memberText).join(' ')})` : '';

const directivesText = (directives: readonly DirectiveNode[] = []): string =>
  directives.length > 0
    ? directives.map(({ name, arguments: given }) => `@${name.value}${argumentsText(given)}`).join('')
    : '';

const memberText = ({ name, value }: ArgumentNode | ObjectFieldNode): string => `${name.value}:${valueText(value)}`;

/** A value as GraphQL, as in the text of a document. */
export function valueText(node: ValueNode): string {
  if (node.kind === Kind.VARIABLE) return `$${node.name.value}`;
  if (node.kind === Kind.LIST) return `[${node.values.map(valueText).join(' ')}]`;
  if (node.kind === Kind.OBJECT) return `{${node.fields.map(memberText).join(' ')}}`;
  if (node.kind === Kind.NULL) return 'null';
  return node.kind === Kind.STRING ? JSON.stringify(node.value) : String(node.value);
}
