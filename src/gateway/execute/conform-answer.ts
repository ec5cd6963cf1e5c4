import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  specifiedScalarTypes,
} from 'graphql';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { responseKey, selectedFields } from './selected-fields.ts';

/** A path in a subgraph's answer. */
export type AnswerPath = readonly (string | number)[];

/** The root field by which entities are fetched (Federation subgraph specification). */
export const ENTITIES = '_entities';

/** One fetch of a query plan: its document, and for an entity fetch the types of its representations. */
export class FetchShape {
  readonly #schema: GraphQLSchema;
  readonly #root: SelectionSetNode;
  readonly #entityTypes: readonly string[];

  constructor(schema: GraphQLSchema, document: DocumentNode, entityTypes: readonly string[]) {
    const operation = getOperationAST(document);
    if (!operation) throw new Error('a fetch without an operation');
    this.#schema = schema;
    this.#root = operation.selectionSet;
    this.#entityTypes = entityTypes;
  }

  /** The paths at which all that was asked for would stand: where errors go when there is no answer. */
  rootPaths(): AnswerPath[] {
    const fields = this.#root.selections.filter((selection) => selection.kind === Kind.FIELD);
    return fields.flatMap((field): AnswerPath[] => {
      if (field.name.value !== ENTITIES) return [[responseKey(field)]];
      return this.#entityTypes.flatMap((type, index) => {
        const entity = this.#composite(type);
        const inside =
          entity && field.selectionSet
            ? selectedFields(this.#schema, field.selectionSet, entity)
            : new Map<string, never>();
        return [...inside.keys()]
          .filter((key) => key !== TypeNameMetaFieldDef.name)
          .map((key) => [ENTITIES, index, key]);
      });
    });
  }

  /** The coordinate of the field at a path; undefined where the fetch asks for nothing there. */
  coordinateAt(path: AnswerPath): string | undefined {
    let at: { readonly set: SelectionSetNode; readonly type: GraphQLCompositeType } | undefined;
    let coordinate: string | undefined;
    for (const [index, key] of path.entries()) {
      if (typeof key === 'number') {
        if (path[index - 1] === ENTITIES && index === 1) at = this.#entitySelection(key);
        continue;
      }
      if (index === 0 && key === ENTITIES) continue;
      const type = at?.type ?? this.#schema.getQueryType();
      const found = type && selectedFields(this.#schema, at?.set ?? this.#root, type).get(key);
      if (!found || (index > 0 && !at)) return undefined;
      coordinate = `${found.parent.name}.${found.node.name.value}`;
      const inside = getNamedType(found.type);
      at =
        found.node.selectionSet && isCompositeType(inside) ? { set: found.node.selectionSet, type: inside } : undefined;
    }
    return coordinate;
  }

  /**
   * The part of an answer that the fetch asked for, nothing more, `garbage` being told of each place at which it does not
   * fit its type; null stands there. Undefined where entities were asked for and as many did not come: they are told
   * apart by their position alone.
   */
  conform(data: unknown, garbage: (path: AnswerPath) => void): Record<string, unknown> | undefined {
    if (!isJsonObject(data)) return undefined;
    const query = this.#schema.getQueryType();
    const entities = this.#root.selections.find((node) => node.kind === Kind.FIELD && node.name.value === ENTITIES);
    if (entities?.kind !== Kind.FIELD) return query ? this.#object(data, query, this.#root, [], garbage) : undefined;
    const received = data[ENTITIES];
    if (!Array.isArray(received) || received.length !== this.#entityTypes.length) return undefined;
    const conformed = received.map((entity: unknown, index) => {
      const selection = this.#entitySelection(index);
      if (entity === null) return null;
      const path = [ENTITIES, index];
      if (selection && isJsonObject(entity)) return this.#object(entity, selection.type, selection.set, path, garbage);
      garbage(path);
      return null;
    });
    return { [ENTITIES]: conformed };
  }

  #entitySelection(index: number): { readonly set: SelectionSetNode; readonly type: GraphQLCompositeType } | undefined {
    const entities = this.#root.selections.find((node) => node.kind === Kind.FIELD && node.name.value === ENTITIES);
    const type = this.#composite(this.#entityTypes[index] ?? '');
    return entities?.kind === Kind.FIELD && entities.selectionSet && type
      ? { set: entities.selectionSet, type }
      : undefined;
  }

  #object(
    given: JsonObject,
    type: GraphQLCompositeType,
    set: SelectionSetNode,
    path: AnswerPath,
    garbage: (path: AnswerPath) => void,
  ): Record<string, unknown> {
    const conformed: Record<string, unknown> = {};
    for (const [key, field] of selectedFields(this.#schema, set, type)) {
      conformed[key] =
        field.node.name.value === TypeNameMetaFieldDef.name && isObjectType(type)
          ? type.name
          : this.#value(given[key], field.type, field.node.selectionSet, [...path, key], garbage);
    }
    return conformed;
  }

  #value(
    given: unknown,
    type: GraphQLOutputType,
    set: SelectionSetNode | undefined,
    path: AnswerPath,
    garbage: (path: AnswerPath) => void,
  ): unknown {
    if (isNonNullType(type)) {
      if (given === null) garbage(path);
      return this.#value(given, type.ofType, set, path, garbage);
    }
    if (given === null) return null;
    if (isListType(type) && Array.isArray(given)) {
      return given.map((item: unknown, index) => this.#value(item, type.ofType, set, [...path, index], garbage));
    }
    if (isCompositeType(type) && isJsonObject(given) && set) {
      const runtime = this.#runtimeType(type, given);
      if (runtime) return this.#object(given, runtime, set, path, garbage);
    }
    if (isScalarType(type) && fitsScalar(type.name, given)) return given;
    if (isEnumType(type) && typeof given === 'string' && type.getValue(given)) return given;
    garbage(path);
    return null;
  }

  /** The planner asks for `__typename` wherever a type is abstract. */
  #runtimeType(type: GraphQLCompositeType, given: JsonObject): GraphQLCompositeType | undefined {
    if (!isAbstractType(type)) return type;
    const runtime = this.#schema.getType(String(given[TypeNameMetaFieldDef.name]));
    return isObjectType(runtime) && this.#schema.isSubType(type, runtime) ? runtime : undefined;
  }

  #composite(name: string): GraphQLCompositeType | undefined {
    const type = this.#schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

const SPECIFIED: ReadonlySet<string> = new Set(specifiedScalarTypes.map(({ name }) => name));

function fitsScalar(type: string, value: unknown): boolean {
  if (!SPECIFIED.has(type)) return value !== undefined;
  if (type === 'Int') return Number.isInteger(value);
  if (type === 'Float') return typeof value === 'number';
  return type === 'Boolean' ? typeof value === 'boolean' : typeof value === 'string';
}
