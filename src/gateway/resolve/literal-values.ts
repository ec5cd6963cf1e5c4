import {
  GraphQLID,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  type ObjectFieldNode,
  type ValueNode,
  type VariableDefinitionNode,
  getNullableType,
  getVariableValues,
  isInputObjectType,
  isListType,
  isNonNullType,
  valueFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { variablesIn } from '../used-variables.ts';

/** Whether a literal may stand where the type is needed; `valueFromAST` alone overlooks fields that are unknown or twice there. */
export const fits = (value: ValueNode, type: GraphQLInputType): boolean =>
  valueFromAST(value, type) !== undefined && namesKnownFieldsOnce(value, type) && !holdsPoison(value);

/** Whether a field of a literal would, as JSON, reach for the prototype of JavaScript's objects; a JSON body that does is refused too. */
export const isPoison = ({ name, value }: ObjectFieldNode): boolean =>
  name.value === '__proto__' ||
  (name.value === 'constructor' &&
    value.kind === Kind.OBJECT &&
    value.fields.some((field) => field.name.value === 'prototype'));

/** Whether a literal has such a field anywhere. */
export function holdsPoison(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(holdsPoison);
  return value.kind === Kind.OBJECT && value.fields.some((field) => isPoison(field) || holdsPoison(field.value));
}

function namesKnownFieldsOnce(value: ValueNode, type: GraphQLInputType): boolean {
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const items = value.kind === Kind.LIST ? value.values : [value];
    return items.every((item) => namesKnownFieldsOnce(item, inner.ofType));
  }
  if (value.kind !== Kind.OBJECT || !isInputObjectType(inner)) return true;
  const types = inner.getFields();
  return value.fields.every((field, index) => {
    const fieldType = types[field.name.value]?.type;
    const isFirst = value.fields.findIndex(({ name }) => name.value === field.name.value) === index;
    return fieldType !== undefined && isFirst && namesKnownFieldsOnce(field.value, fieldType);
  });
}

/** A literal as the JSON that a variable of the type would carry. */
export function jsonOf(value: ValueNode, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return jsonOf(value, type.ofType);
  if (value.kind === Kind.LIST && isListType(type)) return value.values.map((item) => jsonOf(item, type.ofType));
  if (isListType(type)) return jsonOf(value, type.ofType);
  if (value.kind === Kind.OBJECT && isInputObjectType(type)) {
    const types = type.getFields();
    return Object.fromEntries(
      value.fields.map((field) => {
        const fieldType = types[field.name.value]?.type;
        return [field.name.value, fieldType ? jsonOf(field.value, fieldType) : undefined];
      }),
    );
  }
  return type === GraphQLID && value.kind === Kind.INT ? value.value : valueFromASTUntyped(value);
}

/** Whether a variable stands somewhere in a value. */
export function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => holdsVariable(field.value));
}

/** The coerced values of the variables in a literal; undefined where one is not declared, or has a value that does not fit. */
export function valuesWithin(
  schema: GraphQLSchema,
  declared: readonly VariableDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
  value: ValueNode,
): Record<string, unknown> | undefined {
  const names = variablesIn(value);
  const definitions = declared.filter(({ variable }) => names.has(variable.name.value));
  if (definitions.length < names.size) return undefined;
  return getVariableValues(schema, definitions, given, { maxErrors: 1 }).coerced;
}

/** How many lists stand around a variable in a literal, at the most; what is given where a list is taken is one of its own. */
export function listsAroundVariable(value: ValueNode, type: GraphQLInputType | undefined): number {
  const inner = type && getNullableType(type);
  if (value.kind === Kind.VARIABLE) return 0;
  if (value.kind === Kind.LIST) return 1 + deepest(value.values, () => (isListType(inner) ? inner.ofType : undefined));
  if (isListType(inner)) return 1 + listsAroundVariable(value, inner.ofType);
  if (value.kind !== Kind.OBJECT) return -Infinity;
  const types = isInputObjectType(inner) ? inner.getFields() : {};
  const { fields } = value;
  return deepest(
    fields.map((field) => field.value),
    (index) => types[fields[index]?.name.value ?? '']?.type,
  );
}

const deepest = (values: readonly ValueNode[], typeOf: (index: number) => GraphQLInputType | undefined): number =>
  values.reduce((most, value, index) => Math.max(most, listsAroundVariable(value, typeOf(index))), -Infinity);
