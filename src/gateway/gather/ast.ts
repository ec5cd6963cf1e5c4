import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type NameNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  parseType,
} from 'graphql';
import { ENTITIES } from '../execute/conform-answer.ts';
import { usedVariables } from '../used-variables.ts';

/**
 * Begins the names that gathering gives to what it asks for itself: neither clients' names nor the planner's begin so
 * ("Names").
 */
export const OWN = '__g_';

export const named = (value: string): NameNode => ({ kind: Kind.NAME, value });

export const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});

/** A field under a key, with what is selected of it. */
export const fieldUnder = (key: string, name: string, inside?: SelectionSetNode): FieldNode => ({
  kind: Kind.FIELD,
  ...(key !== name && { alias: named(key) }),
  name: named(name),
  ...(inside && { selectionSet: inside }),
});

export const narrowedTo = (type: string, selections: readonly SelectionNode[]): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: named(type) },
  selectionSet: setOf(selections),
});

export const givenBy = (argument: string, variable: string): ArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: named(argument),
  value: { kind: Kind.VARIABLE, name: named(variable) },
});

export const variableOf = (name: string, type: string): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: named(name) },
  type: parseType(type),
});

/** The variable that holds the entities' representations, and the field that asks for them by it. */
export const REPRESENTATIONS = 'representations';
export const entitiesField = (selections: readonly SelectionNode[]): FieldNode => ({
  ...fieldUnder(ENTITIES, ENTITIES, setOf(selections)),
  arguments: [givenBy(REPRESENTATIONS, REPRESENTATIONS)],
});

/** A document of one operation, which declares those of the variables that it uses. */
export function documentOf(
  operation: OperationTypeNode,
  selectionSet: SelectionSetNode,
  variables: readonly VariableDefinitionNode[],
): DocumentNode {
  const variableDefinitions = usedVariables(selectionSet, variables);
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ kind: Kind.OPERATION_DEFINITION, operation, variableDefinitions, selectionSet }],
  };
}

/** A document that asks for entities of a type. */
export const entitiesDocument = (
  type: string,
  selections: readonly SelectionNode[],
  variables: readonly VariableDefinitionNode[],
): DocumentNode =>
  documentOf(OperationTypeNode.QUERY, setOf([entitiesField([narrowedTo(type, selections)])]), [
    variableOf(REPRESENTATIONS, '[_Any!]!'),
    ...variables.filter(({ variable }) => variable.name.value !== REPRESENTATIONS),
  ]);
