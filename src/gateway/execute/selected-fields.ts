import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';

/** A field that a fetch asks for on one type. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
  readonly definition: GraphQLField<unknown, unknown> | undefined;
  readonly type: GraphQLOutputType;
}

/** The name under which a field is answered; for aliases that the planner has made up, that one. */
export const responseKey = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

type Selected = ReadonlyMap<string, SelectedField>;

/**
 * By selection and type, both of them objects of one plan and one schema, so that nothing of a request is in it: a fetch's
 * document lives as long as its plan, and the answer may hold many objects.
 */
const known = new WeakMap<SelectionSetNode, WeakMap<GraphQLCompositeType, Selected>>();

/** The fields that a fetch asks for on an object of the type, by response key; selections of one key are put together. */
export function selectedFields(schema: GraphQLSchema, set: SelectionSetNode, type: GraphQLCompositeType): Selected {
  const byType = known.get(set) ?? new WeakMap<GraphQLCompositeType, Selected>();
  const selected = byType.get(type) ?? collect(schema, set, type);
  known.set(set, byType.set(type, selected));
  return selected;
}

/**
 * The field that a fetch asks for under a key. Of an abstract type, whose objects a path does not tell apart, it is that of
 * the first type which has the key.
 */
export function selectedFieldAt(
  schema: GraphQLSchema,
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  key: string,
): SelectedField | undefined {
  const types = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
  return types.map((one) => selectedFields(schema, set, one).get(key)).find((field) => field !== undefined);
}

function collect(schema: GraphQLSchema, set: SelectionSetNode, type: GraphQLCompositeType): Selected {
  const found = new Map<string, SelectedField>();
  const add = (key: string, field: SelectedField): void => void found.set(key, together(found.get(key), field));
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const field = selectedField(selection, type);
      if (field) add(responseKey(selection), field);
    } else if (selection.kind === Kind.INLINE_FRAGMENT && isOn(schema, selection.typeCondition?.name.value, type)) {
      for (const [key, field] of selectedFields(schema, selection.selectionSet, type)) add(key, field);
    }
  }
  return found;
}

function selectedField(node: FieldNode, parent: GraphQLCompositeType): SelectedField | undefined {
  const name = node.name.value;
  if (name === TypeNameMetaFieldDef.name)
    return { node, parent, definition: undefined, type: TypeNameMetaFieldDef.type };
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  return definition && { node, parent, definition, type: definition.type };
}

const isOn = (schema: GraphQLSchema, condition: string | undefined, type: GraphQLCompositeType): boolean =>
  condition === undefined || appliesTo(schema, schema.getType(condition), type);

/** Whether a fragment on a type applies to objects of another ("Collecting Fields", `DoesFragmentTypeApply`). */
export const appliesTo = (
  schema: GraphQLSchema,
  condition: GraphQLNamedType | undefined,
  type: GraphQLCompositeType,
): boolean =>
  condition === type || (isAbstractType(condition) && !isUnionType(type) && schema.isSubType(condition, type));

function together(one: SelectedField | undefined, other: SelectedField): SelectedField {
  if (!one?.node.selectionSet || !other.node.selectionSet) return other;
  const selections = [...one.node.selectionSet.selections, ...other.node.selectionSet.selections];
  return { ...other, node: { ...other.node, selectionSet: { kind: Kind.SELECTION_SET, selections } } };
}
