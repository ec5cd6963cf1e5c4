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
  isScalarType,
  isSpecifiedScalarType,
  parseType,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import { valueText } from '../document-text.ts';
import { variablesIn } from '../used-variables.ts';
import { fits, holdsPoison, holdsVariable, jsonOf, listsAroundVariable, valuesWithin } from './literal-values.ts';
import { mapArguments } from './map-arguments.ts';
import { freeName, renameVariables, safeNames } from './safe-names.ts';

/** How many lists may stand around a variable: the planner takes twice the time for each more. */
const MOST_LISTS = 5;

/** An operation in whose arguments and defaults no literal is left, and the variables that it now takes. */
export interface LiftedOperation {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Turns the literals of arguments and of variable defaults into variables, so that operations that differ only in their
 * values share one validation and one plan, and no name or reference of a person ends up in a cache. Into a literal of a
 * scalar of any shape the values of its variables are put, since its names, too, are the client's. A literal that does not
 * fit its type stays where it is, for validation to point at; so do the booleans of `@skip` and `@include`. Throws
 * `OPERATION_TOO_COSTLY` where variables stand in lists of lists that are deeper than a planner can bear.
 */
export function liftLiterals(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
): LiftedOperation {
  const safe = safeNames(operation);
  const variables: Record<string, unknown> = Object.fromEntries(
    Array.from(safe).flatMap(([name, safeName]) => (Object.hasOwn(given, name) ? [[safeName, given[name]]] : [])),
  );
  const renamed = renameVariables(operation, safe);
  const declared = (renamed.variableDefinitions ?? []).map((node) => liftDefault(schema, node, variables));
  const lifting = new Lifting(schema, declared, variables);
  const own = mapArguments(schema, { ...renamed, variableDefinitions: [] }, lifting.argument);
  const others = fragments.map((node) => mapArguments(schema, renameVariables(node, safe), lifting.argument));
  const whole = { ...own, variableDefinitions: [...lifting.left([own, ...others]), ...lifting.added] };
  return { document: { kind: Kind.DOCUMENT, definitions: [whole, ...others] }, variables };
}

/** The literals of one operation as they become variables, and its variables, to which they come. */
class Lifting {
  readonly added: VariableDefinitionNode[] = [];
  readonly #schema: GraphQLSchema;
  readonly #declared: readonly VariableDefinitionNode[];
  readonly #variables: Record<string, unknown>;
  readonly #taken: ReadonlySet<string>;
  /** Equal literals become one variable, or fields that may be merged could no longer be. */
  readonly #lifted = new Map<string, VariableNode>();
  /** Variables whose values have been put into literals. */
  readonly #putIn = new Set<string>();

  constructor(schema: GraphQLSchema, declared: readonly VariableDefinitionNode[], variables: Record<string, unknown>) {
    this.#schema = schema;
    this.#declared = declared;
    this.#variables = variables;
    this.#taken = new Set(declared.map(({ variable }) => variable.name.value));
  }

  readonly argument = (node: ArgumentNode, type: GraphQLInputType | undefined): ArgumentNode => {
    if (listsAroundVariable(node.value, type) > MOST_LISTS) throw new ListedError('OPERATION_TOO_COSTLY');
    return type ? { ...node, value: this.#lift(node.value, type) } : node;
  };

  /** The operation's own variables that are left, by what has been made of it. */
  left(nodes: readonly ASTNode[]): readonly VariableDefinitionNode[] {
    if (this.#putIn.size === 0) return this.#declared;
    const used = new Set(nodes.flatMap((node) => [...variablesIn(node)]));
    return this.#declared.filter(({ variable: { name } }) => !this.#putIn.has(name.value) || used.has(name.value));
  }

  #lift(value: ValueNode, type: GraphQLInputType): ValueNode {
    if (value.kind === Kind.VARIABLE) return value;
    if (holdsVariable(value)) return this.#liftInside(value, type);
    return fits(value, type) ? this.#liftWhole(value, type, () => jsonOf(value, type)) : value;
  }

  #liftWhole(value: ValueNode, type: GraphQLInputType, json: () => unknown): VariableNode {
    const literal = `${String(type)} ${valueText(value)}`;
    const known = this.#lifted.get(literal);
    if (known) return known;
    const name = freeName(`literal${this.added.length}`, this.#taken);
    const variable: VariableNode = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
    this.#lifted.set(literal, variable);
    this.#variables[name] = json();
    this.added.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    return variable;
  }

  #liftInside(value: ValueNode, type: GraphQLInputType): ValueNode {
    const inner = getNullableType(type);
    if (isListType(inner)) {
      if (value.kind !== Kind.LIST) return this.#lift(value, inner.ofType);
      return { ...value, values: value.values.map((item) => this.#lift(item, inner.ofType)) };
    }
    if (isScalarType(inner) && !isSpecifiedScalarType(inner) && !holdsPoison(value)) {
      const values = valuesWithin(this.#schema, this.#declared, this.#variables, value);
      if (!values) return value;
      for (const name of variablesIn(value)) this.#putIn.add(name);
      return this.#liftWhole(value, type, () => valueFromASTUntyped(value, values));
    }
    if (value.kind !== Kind.OBJECT || !isInputObjectType(inner)) return value;
    const types = inner.getFields();
    const fields = value.fields.map((field) => {
      const fieldType = types[field.name.value]?.type;
      return fieldType ? { ...field, value: this.#lift(field.value, fieldType) } : field;
    });
    return { ...value, fields };
  }
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
