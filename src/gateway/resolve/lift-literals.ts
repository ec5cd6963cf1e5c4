import {
  type ASTNode,
  type ArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  parseType,
  typeFromAST,
  visit,
} from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import { valueText } from '../document-text.ts';
import { fits, holdsVariable, jsonOf, listsAroundVariable } from './literal-values.ts';
import { mapArguments } from './map-arguments.ts';

/** How many lists may stand around a variable: the planner takes twice the time for each more. */
const MOST_LISTS = 5;

/** An operation in whose arguments and defaults no literal is left, and the variables that it now takes. */
export interface LiftedOperation {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Turns the literals of arguments and of variable defaults into variables, so that operations that differ only in their
 * values share one validation and one plan, and no name or reference of a person ends up in a cache. A literal that does
 * not fit its type stays where it is, for validation to point at; so do the booleans of `@skip` and `@include`. Throws
 * `OPERATION_TOO_COSTLY` where variables stand in lists of lists that are deeper than a planner can bear.
 */
export function liftLiterals(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
): LiftedOperation {
  const safe = safeNames(operation);
  const taken = new Set(safe.values());
  const variables: Record<string, unknown> = Object.fromEntries(
    Array.from(safe).flatMap(([name, safeName]) => (Object.hasOwn(given, name) ? [[safeName, given[name]]] : [])),
  );
  const added: VariableDefinitionNode[] = [];
  /** Equal literals become one variable, or fields that may be merged could no longer be. */
  const lifted = new Map<string, VariableNode>();

  const lift = (value: ValueNode, type: GraphQLInputType): ValueNode => {
    if (value.kind === Kind.VARIABLE) return value;
    if (holdsVariable(value)) return liftInside(value, type);
    if (!fits(value, type)) return value;
    const literal = `${String(type)} ${valueText(value)}`;
    const known = lifted.get(literal);
    if (known) return known;
    const name = freeName(`literal${added.length}`, taken);
    const variable: VariableNode = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
    lifted.set(literal, variable);
    variables[name] = jsonOf(value, type);
    added.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    return variable;
  };
  const liftInside = (value: ValueNode, type: GraphQLInputType): ValueNode => {
    const inner = getNullableType(type);
    if (value.kind === Kind.LIST && isListType(inner)) {
      return { ...value, values: value.values.map((item) => lift(item, inner.ofType)) };
    }
    if (value.kind === Kind.OBJECT && isInputObjectType(inner)) {
      const types = inner.getFields();
      const fields = value.fields.map((field) => {
        const fieldType = types[field.name.value]?.type;
        return fieldType ? { ...field, value: lift(field.value, fieldType) } : field;
      });
      return { ...value, fields };
    }
    return value;
  };

  const liftArgument = (node: ArgumentNode, type: GraphQLInputType | undefined): ArgumentNode => {
    if (listsAroundVariable(node.value, type) > MOST_LISTS) throw new ListedError('OPERATION_TOO_COSTLY');
    return type ? { ...node, value: lift(node.value, type) } : node;
  };

  const renamed = renameVariables(operation, safe);
  const own = mapArguments(schema, renamed, liftArgument);
  const others = fragments.map((node) => mapArguments(schema, renameVariables(node, safe), liftArgument));
  const declared = (renamed.variableDefinitions ?? []).map((node) => liftDefault(schema, node, variables));
  const whole = { ...own, variableDefinitions: [...declared, ...added] };
  return { document: { kind: Kind.DOCUMENT, definitions: [whole, ...others] }, variables };
}

/** A default becomes the variable's value where none is given; the variable is then never null, as its default was not. */
function liftDefault(
  schema: GraphQLSchema,
  node: VariableDefinitionNode,
  variables: Record<string, unknown>,
): VariableDefinitionNode {
  const name = node.variable.name.value;
  const type = typeFromAST(schema, node.type);
  if (!node.defaultValue || !isInputType(type) || !fits(node.defaultValue, type)) return node;
  variables[name] = variables[name] === undefined ? jsonOf(node.defaultValue, type) : variables[name];
  const { defaultValue: _, ...without } = node;
  if (variables[name] === null || node.type.kind === Kind.NON_NULL_TYPE) return without;
  return { ...without, type: { kind: Kind.NON_NULL_TYPE, type: node.type } };
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  return taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted;
}

/**
 * The operation's variables with the names that they go by from here on: their own, but for the one in which the
 * executor hands representations to a subgraph (Federation subgraph specification, `_entities`), and for those that
 * every JavaScript object has already.
 */
function safeNames({ variableDefinitions = [] }: OperationDefinitionNode): ReadonlyMap<string, string> {
  const declared = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  const isSafe = (name: string): boolean => name !== 'representations' && !(name in Object.prototype);
  return new Map(Array.from(declared, (name) => [name, isSafe(name) ? name : freeName(`${name}_`, declared)]));
}

function renameVariables<Node extends ASTNode>(node: Node, names: ReadonlyMap<string, string>): Node {
  if (Array.from(names).every(([name, safe]) => name === safe)) return node;
  return visit(node, {
    Variable: ({ name, ...rest }) => ({ ...rest, name: { ...name, value: names.get(name.value) ?? name.value } }),
  });
}
