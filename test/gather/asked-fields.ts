import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  Kind,
  type SelectionSetNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import type { AmongArguments, LightFilter } from './light-archive.ts';

/** A field that is asked for of objects of one type. */
export interface AskedField {
  /** `Type.field` */
  readonly coordinate: string;
  /** Where, with `@` for each list position. */
  readonly pattern: string;
  readonly given: AmongArguments & { readonly filter?: LightFilter | null };
}

/** Goes through the field that is being resolved and all that are asked for below, as long as `enter` says to go on. */
export function visitAsked(info: GraphQLResolveInfo, enter: (field: AskedField) => boolean): void {
  const { schema, parentType, fieldName, fieldNodes, variableValues, path } = info;
  const visit = (type: string, node: FieldNode, above: readonly string[]): void => {
    const parent = schema.getType(type);
    const definition = isObjectType(parent) ? parent.getFields()[node.name.value] : undefined;
    // The name of a type.
    if (!definition) return;
    const own = [...above, node.alias?.value ?? node.name.value];
    const given = getArgumentValues(definition, node, variableValues);
    if (!enter({ coordinate: `${type}.${node.name.value}`, pattern: own.join('.'), given })) return;
    const returned = getNamedType(definition.type);
    const types = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned];
    for (const { name } of types)
      for (const below of node.selectionSet ? fieldsOf(info, name, node.selectionSet) : [])
        visit(name, below, [...own, ...marksOf(definition.type)]);
  };
  const above = responsePathAsArray(path).slice(0, -1);
  for (const node of fieldNodes)
    if (node.name.value === fieldName)
      visit(
        parentType.name,
        node,
        above.map((key) => (typeof key === 'number' ? '@' : key)),
      );
}

/** The names of the fields that are asked for of what the field being resolved returns. */
export function askedWithin(info: GraphQLResolveInfo): ReadonlySet<string> {
  const type = getNamedType(info.returnType).name;
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return new Set(sets.flatMap((set) => fieldsOf(info, type, set).map(({ name }) => name.value)));
}

/** The fields that a selection has for objects of a type, in the names of fragments too. */
function fieldsOf(info: GraphQLResolveInfo, type: string, { selections }: SelectionSetNode): FieldNode[] {
  const { schema, fragments, variableValues } = info;
  return selections.flatMap((node): FieldNode[] => {
    if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.['if'] === true) return [];
    if (getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.['if'] === false) return [];
    if (node.kind === Kind.FIELD) return [node];
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value] : node;
    const condition = schema.getType(fragment?.typeCondition?.name.value ?? type);
    const applies = isAbstractType(condition)
      ? schema.getPossibleTypes(condition).some(({ name }) => name === type)
      : condition?.name === type;
    return fragment && applies ? fieldsOf(info, type, fragment.selectionSet) : [];
  });
}

function marksOf(type: GraphQLOutputType): string[] {
  const inner = getNullableType(type);
  return isListType(inner) ? ['@', ...marksOf(inner.ofType)] : [];
}
