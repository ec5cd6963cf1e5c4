import {
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';
import { z } from 'zod';
import { type Requirement, both } from '../../protocol/requirements.ts';

const Scopes = z.strictObject({ scopes: z.array(z.array(z.string().min(1)).min(1)).min(1) });
const Guard = z.strictObject({ field: z.string().regex(/^\w+\.\w+$/u) });

/** A schema that must not be served; the message says which element is at fault. */
export class SchemaFault extends Error {
  override readonly name = 'SchemaFault';
}

/** What the fields and the filters of a subgraph's schema need, read from its directives once, at start. */
export class FieldRules {
  readonly #requirements = new Map<string, Requirement>();

  /**
   * Reads `@requiresScopes` and `@guardedBy` of a schema. Throws `SchemaFault` where a guarded field is not nullable, a
   * scope is not the subgraph's own, a field that needs a tier has none or several, or a guard names a missing field.
   */
  constructor(schema: GraphQLSchema, subgraph: string) {
    const fields = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith('_'))
      .flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : []));
    for (const { type, field } of fields.filter(({ field }) => !field.name.startsWith('_'))) {
      const coordinate = `${type.name}.${field.name}`;
      const requirement = [type, field, getNamedType(field.type)].map(scopesOf).reduce(both, []);
      refuseFaulty(coordinate, field, requirement, subgraph);
      if (requirement.length === 0 && needsTier(type, field)) throw new SchemaFault(`${coordinate} has no tier.`);
      this.#requirements.set(coordinate, requirement);
    }
    for (const { field } of fields) field.args.forEach((argument) => this.#refuseUnknownGuards(argument, new Set()));
  }

  /** What a field (`Type.field`) needs; nothing for fields outside the rules, such as `__typename`. */
  requirementOf(coordinate: string): Requirement {
    return this.#requirements.get(coordinate) ?? [];
  }

  /** The coordinates of all fields that need some scope. */
  guarded(): string[] {
    return [...this.#requirements]
      .filter(([, requirement]) => requirement.length > 0)
      .map(([coordinate]) => coordinate);
  }

  /** What the arguments of a field need together, where their coerced values are used (not null): filters are reads. */
  requirementOfArguments(
    field: GraphQLField<unknown, unknown>,
    values: Readonly<Record<string, unknown>>,
  ): Requirement {
    return field.args
      .flatMap((argument) => this.#requirementsOfInput(argument, argument.type, values[argument.name]))
      .reduce(both, []);
  }

  #requirementsOfInput(
    input: GraphQLArgument | GraphQLInputField,
    type: GraphQLInputType,
    value: unknown,
  ): Requirement[] {
    if (value === undefined || value === null) return [];
    return [
      ...guardsOf(input).map((coordinate) => this.requirementOf(coordinate)),
      ...this.#requirementsInside(type, value),
    ];
  }

  #requirementsInside(type: GraphQLInputType, value: unknown): Requirement[] {
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      return Array.isArray(value) ? value.flatMap((item) => this.#requirementsInside(nullable.ofType, item)) : [];
    }
    if (!isInputObjectType(nullable) || typeof value !== 'object' || value === null) return [];
    const given = new Map(Object.entries(value));
    return Object.values(nullable.getFields()).flatMap((field) =>
      this.#requirementsOfInput(field, field.type, given.get(field.name)),
    );
  }

  #refuseUnknownGuards(input: GraphQLArgument | GraphQLInputField, seen: Set<string>): void {
    for (const coordinate of guardsOf(input)) {
      if (this.requirementOf(coordinate).length === 0) {
        throw new SchemaFault(
          `@guardedBy on ${input.name} names ${coordinate}, which is no guarded field of this schema.`,
        );
      }
    }
    const type = getNamedType(input.type);
    if (!isInputObjectType(type) || seen.has(type.name)) return;
    seen.add(type.name);
    Object.values(type.getFields()).forEach((field) => this.#refuseUnknownGuards(field, seen));
  }
}

/** The requirement that an element's own `@requiresScopes` states. */
function scopesOf(element: GraphQLNamedType | GraphQLField<unknown, unknown>): Requirement {
  return directivesOf(element, 'requiresScopes')
    .map((directive) => Scopes.parse(argumentsOf(directive)).scopes)
    .reduce<Requirement>(both, []);
}

const guardsOf = (input: GraphQLArgument | GraphQLInputField): string[] =>
  directivesOf(input, 'guardedBy').map((directive) => Guard.parse(argumentsOf(directive)).field);

function refuseFaulty(
  coordinate: string,
  field: GraphQLField<unknown, unknown>,
  requirement: Requirement,
  subgraph: string,
): void {
  if (requirement.length > 0 && isNonNullType(field.type)) {
    throw new SchemaFault(`${coordinate} is guarded and must therefore be nullable.`);
  }
  if (directivesOf(field, 'requiresScopes').length > 1) throw new SchemaFault(`${coordinate} has more than one tier.`);
  const foreign = requirement.flat().find((scope) => !scope.startsWith(`${subgraph}:`));
  if (foreign !== undefined) throw new SchemaFault(`${coordinate} needs ${foreign}, which is no scope of ${subgraph}.`);
}

/** Value types, keys, cursors and page information carry no tier: the field that returns them, or the record, does. */
function needsTier(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>): boolean {
  if (directivesOf(type, 'shareable').length > 0 || getNamedType(field.type).name === 'PageInfo') return false;
  const isKey = directivesOf(type, 'key').some((key) => argumentsOf(key)['fields'] === field.name);
  return !isKey && !(type.name.endsWith('Edge') && field.name === 'cursor');
}

interface Directed {
  readonly astNode?: { readonly directives?: readonly DirectiveNode[] | undefined } | null | undefined;
  readonly extensionASTNodes?: readonly { readonly directives?: readonly DirectiveNode[] | undefined }[] | undefined;
}

const directivesOf = (element: Directed, name: string): DirectiveNode[] =>
  [element.astNode, ...(element.extensionASTNodes ?? [])]
    .flatMap((node) => node?.directives ?? [])
    .filter((directive) => directive.name.value === name);

const argumentsOf = (directive: DirectiveNode): Record<string, unknown> =>
  Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
