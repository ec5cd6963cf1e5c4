import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  Kind,
  type SelectionSetNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  doTypesOverlap,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  typeFromAST,
} from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import { listMarks } from '../list-marks.ts';

/** A field that the operation asks for, where it does. */
export interface AskedField {
  readonly kind: 'field';
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly responseKey: string;
  /** Coerced arguments, defaults included. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Response keys from the root, `@` for each list on the way; ends with this field's own key. */
  readonly path: readonly string[];
  /** Undefined for a leaf. */
  readonly selections: readonly AskedSelection[] | undefined;
}

/** A narrowing to a type within an abstract one. */
export interface AskedFragment {
  readonly kind: 'fragment';
  readonly type: GraphQLCompositeType;
  readonly selections: readonly AskedSelection[];
}

export type AskedSelection = AskedField | AskedFragment;

/** What `expandSelections` needs to know of the operation, which is valid. */
export interface Expansion {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** How many fields may be asked for, fragments spread out; more throw `OPERATION_TOO_COSTLY`. */
  readonly most: number;
}

/**
 * Implements "Collecting Fields" without merging: spreads fragments out and drops what `@skip` and `@include` exclude,
 * so that what is not asked for is neither counted, fetched nor reported.
 */
export function expandSelections(
  { schema, fragments, variables, most }: Expansion,
  root: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
): readonly AskedSelection[] {
  let fields = 0;
  const expand = (set: SelectionSetNode, parent: GraphQLCompositeType, path: readonly string[]): AskedSelection[] =>
    set.selections.flatMap((selection): AskedSelection[] => {
      if (!isAsked(selection.directives ?? [])) return [];
      if (selection.kind === Kind.FIELD) return expandField(selection, parent, path);
      fields += 1;
      if (fields > most) throw new ListedError('OPERATION_TOO_COSTLY');
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (!fragment) return [];
      const condition = fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : parent;
      // Two fragments may be valid, one within the other, and still exclude the object that they are on.
      if (!isCompositeType(condition) || !doTypesOverlap(schema, parent, condition)) return [];
      const selections = expand(fragment.selectionSet, isObjectType(parent) ? parent : condition, path);
      return isObjectType(parent) || condition === parent
        ? selections
        : [{ kind: 'fragment', type: condition, selections }];
    });

  const expandField = (node: FieldNode, parent: GraphQLCompositeType, path: readonly string[]): AskedSelection[] => {
    fields += 1;
    if (fields > most) throw new ListedError('OPERATION_TOO_COSTLY');
    const definition = definitionOf(parent, node.name.value);
    if (!definition) return [];
    const responseKey = node.alias?.value ?? node.name.value;
    const own = [...path, responseKey];
    const type = getNamedType(definition.type);
    return [
      {
        kind: 'field',
        node,
        parent,
        definition,
        responseKey,
        arguments: getArgumentValues(definition, node, variables),
        path: own,
        selections:
          node.selectionSet && isCompositeType(type)
            ? expand(node.selectionSet, type, [...own, ...listMarks(definition.type)])
            : undefined,
      },
    ];
  };

  const isAsked = (directives: FieldNode['directives'] & {}): boolean => {
    if (directives.length === 0) return true;
    const skip = getDirectiveValues(GraphQLSkipDirective, { directives }, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, { directives }, variables);
    return skip?.if !== true && include?.if !== false;
  };

  return expand(selectionSet, root, []);
}

/** A field that may be asked for on a type, those of introspection among them. */
export function definitionOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  const meta = name.startsWith('__') ? META.find((definition) => definition.name === name) : undefined;
  return meta ?? (isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined);
}

const META = [TypeNameMetaFieldDef, SchemaMetaFieldDef, TypeMetaFieldDef];
