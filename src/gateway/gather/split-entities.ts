import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { ENTITIES } from '../execute/conform-answer.ts';
import { responseKey, selectedFields } from '../execute/selected-fields.ts';
import { listMarks } from '../list-marks.ts';
import { OWN, documentOf, entitiesDocument, fieldUnder, setOf } from './ast.ts';
import type { GatherRules } from './gather-rules.ts';

/** Entities within one host's records, of which all hosts may know something: they are asked for by a fetch of their own. */
export interface NestedEntities {
  readonly type: string;
  /** The response keys that lead to them, `@` for each list on the way. */
  readonly path: readonly string[];
  /** By key field, the response key under which it stands where the entity was found. */
  readonly keys: ReadonlyMap<string, string>;
  readonly document: DocumentNode;
}

/** A fetch of all that is gathered at its root, and what is to be gathered of the entities that it brings. */
export interface SplitFetch {
  readonly document: DocumentNode;
  readonly nested: readonly NestedEntities[];
}

/** Whose fields a selection has: of what is gathered, of a connection's page or its edges, or of one host's record. */
type Level = 'gathered' | 'page' | 'record';

/** Takes the fields of entities within records out of a fetch's document; their keys stay. */
export function splitEntities(schema: GraphQLSchema, rules: GatherRules, document: DocumentNode): SplitFetch {
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) throw new Error('a fetch without an operation');
  const variables = operation.variableDefinitions ?? [];
  const nested: NestedEntities[] = [];

  const split = (
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    path: readonly string[],
    level: Level,
  ): SelectionSetNode => {
    if (level === 'record' && isObjectType(type) && rules.isEntity(type.name)) return splitEntity(set, type, path);
    return setOf(
      set.selections.map((node): SelectionNode => {
        if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return node;
        const isField = node.kind === Kind.FIELD;
        const inner = isField
          ? fieldType(type, node.name.value)
          : node.typeCondition
            ? schema.getType(node.typeCondition.name.value)
            : type;
        if (!isCompositeType(inner)) return node;
        const below = isField
          ? split(
              node.selectionSet,
              inner,
              [...path, ...keysOf(type, node)],
              levelBelow(level, type.name, node.name.value),
            )
          : split(node.selectionSet, inner, path, level);
        return { ...node, selectionSet: below };
      }),
    );
  };

  const levelBelow = (level: Level, type: string, field: string): Level => {
    if (level === 'record') return level;
    if (level === 'page') return field === 'edges' ? 'page' : 'record';
    const rule = rules.ruleOf(type, field);
    if (rule === 'OBJECT' || field === ENTITIES) return 'gathered';
    return rule === 'PAGES' ? 'page' : 'record';
  };

  const splitEntity = (set: SelectionSetNode, type: GraphQLObjectType, path: readonly string[]): SelectionSetNode => {
    const fields = Array.from(selectedFields(schema, set, type).values(), ({ node }) => node);
    const isKey = (field: string): boolean => rules.ruleOf(type.name, field) === 'SAME';
    const others = fields.filter(({ name }) => !isKey(name.value));
    if (others.length === 0) return set;
    const keyFields = Object.keys(type.getFields()).filter(isKey);
    const keys = new Map(keyFields.map((name) => [name, `${OWN}${nested.length}_${name}`]));
    nested.push({ type: type.name, path, keys, document: entitiesDocument(type.name, others, variables) });
    const kept = fields.filter(({ name }) => isKey(name.value));
    return setOf([...kept, ...Array.from(keys, ([name, key]) => fieldUnder(key, name))]);
  };

  const selectionSet = split(operation.selectionSet, root, [], 'gathered');
  return { document: nested.length > 0 ? documentOf(operation.operation, selectionSet, variables) : document, nested };
}

const declaredType = (type: GraphQLCompositeType, field: string): GraphQLOutputType | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[field]?.type : undefined;

const fieldType = (type: GraphQLCompositeType, field: string) => getNamedType(declaredType(type, field));

/** The keys that a field adds to a path. */
const keysOf = (type: GraphQLCompositeType, node: FieldNode): readonly string[] => [
  responseKey(node),
  ...listMarks(declaredType(type, node.name.value)),
];
