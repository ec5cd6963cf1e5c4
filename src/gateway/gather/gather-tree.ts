import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  getNamedType,
  getOperationAST,
  isObjectType,
  isUnionType,
} from 'graphql';
import { ENTITIES } from '../execute/conform-answer.ts';
import { type SelectedField, selectedFields } from '../execute/selected-fields.ts';
import type { GatherRule, GatherRules } from './gather-rules.ts';
import { type SelectedPage, selectedPage } from './selected-page.ts';

/** One field whose answers are gathered from several hosts. */
export interface GatheredField {
  readonly key: string;
  readonly rule: GatherRule;
  readonly selected: SelectedField;
  /** Where in the fetch it is: the entity's type, where it is in one, and the response keys down to it. */
  readonly place: string;
  /** Of `OBJECT`, what is gathered below. */
  readonly inside: GatheredObject | undefined;
  /** Of `PAGES`, what is asked for of a page. */
  readonly page: SelectedPage | undefined;
}

/** An object of which each host may know something. */
export interface GatheredObject {
  readonly type: string;
  readonly fields: readonly GatheredField[];
}

/** What a fetch gathers: at its root or, where it is a fetch of entities, of each type of them. */
export interface GatherTree {
  readonly operation: OperationDefinitionNode;
  readonly root: GatheredObject | undefined;
  readonly entities: ReadonlyMap<string, GatheredObject>;
  /** The field by which entities are asked for. */
  readonly entitiesField: FieldNode | undefined;
}

/** Reads what a fetch's document gathers, by the contract's rules and its schema. */
export function gatherTree(schema: GraphQLSchema, rules: GatherRules, document: DocumentNode): GatherTree {
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) throw new Error('a fetch without an operation');
  const objectOf = (type: GraphQLNamedType, set: FieldNode['selectionSet'], place: string): GatheredObject => ({
    type: type.name,
    fields:
      set && isObjectType(type)
        ? Array.from(selectedFields(schema, set, type), ([key, selected]) => fieldOf(type.name, key, selected, place))
        : [],
  });
  const fieldOf = (parent: string, key: string, selected: SelectedField, above: string): GatheredField => {
    const { node, type } = selected;
    const rule = rules.ruleOf(parent, node.name.value);
    if (!rule) throw new Error('a fetch for a field that the contract does not have');
    const place = `${above}.${key}`;
    return {
      key,
      rule,
      selected,
      place,
      inside: rule === 'OBJECT' ? objectOf(getNamedType(type), node.selectionSet, place) : undefined,
      page: rule === 'PAGES' ? selectedPage(schema, selected) : undefined,
    };
  };
  const entitiesField = operation.selectionSet.selections.find(
    (node): node is FieldNode => node.kind === Kind.FIELD && node.name.value === ENTITIES,
  );
  if (!entitiesField)
    return { operation, root: objectOf(root, operation.selectionSet, ''), entities: new Map(), entitiesField };
  const union = getNamedType(root.getFields()[ENTITIES]?.type);
  const types = isUnionType(union) ? union.getTypes().filter(({ name }) => rules.isEntity(name)) : [];
  const entities = types.map((type) => [type.name, objectOf(type, entitiesField.selectionSet, type.name)] as const);
  return { operation, root: undefined, entities: new Map(entities), entitiesField };
}

/** The fields of a tree that are asked for with pages, and those with arguments, however deep. */
export function* gatheredFields({ root, entities }: GatherTree): Generator<GatheredField> {
  for (const object of [...(root ? [root] : []), ...entities.values()]) yield* below(object);
}

function* below({ fields }: GatheredObject): Generator<GatheredField> {
  for (const field of fields) {
    yield field;
    if (field.inside) yield* below(field.inside);
  }
}
