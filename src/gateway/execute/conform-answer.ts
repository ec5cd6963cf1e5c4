import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
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
import { type ListBounds, listBounds } from './list-bounds.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { type SelectedField, responseKey, selectedFields } from './selected-fields.ts';

/** A path in a subgraph's answer. */
export type AnswerPath = readonly (string | number)[];

/** The root field by which entities are fetched (Federation subgraph specification). */
export const ENTITIES = '_entities';

/** One fetch of a query plan: its document and variables, and for an entity fetch the types of its representations. */
export class FetchShape {
  /** Whether the answer is held to what custodians have agreed on: how long pages and ids are, and what errors mean. */
  readonly keepsContract: boolean;
  readonly #schema: GraphQLSchema;
  readonly #rootType: GraphQLObjectType | undefined;
  readonly #root: SelectionSetNode;
  readonly #entityTypes: readonly string[];
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #coordinates = new Map<string, string | undefined>();

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Readonly<Record<string, unknown>>,
    entityTypes: readonly string[],
    keepsContract: boolean,
  ) {
    const operation = getOperationAST(document);
    if (!operation) throw new Error('a fetch without an operation');
    this.#schema = schema;
    this.keepsContract = keepsContract;
    this.#root = operation.selectionSet;
    this.#rootType = schema.getRootType(operation.operation) ?? undefined;
    this.#variables = variables;
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

  /** Whether entities are asked for, by representations that the gateway itself has made. */
  get isOfEntities(): boolean {
    return this.#entities() !== undefined;
  }

  /** The path with `@` for each list position, and for an entity with its type: the same for all records. */
  patternOf(path: AnswerPath): string {
    const isInEntity = path[0] === ENTITIES;
    return path
      .map((key, index) => {
        if (typeof key === 'string') return key;
        return isInEntity && index === 1 ? (this.#entityTypes[key] ?? '') : '@';
      })
      .join(' ');
  }

  /** The coordinate of the field at a path; undefined where the fetch asks for nothing there. */
  coordinateAt(path: AnswerPath): string | undefined {
    const pattern = this.patternOf(path);
    if (!this.#coordinates.has(pattern)) this.#coordinates.set(pattern, this.#findCoordinate(path));
    return this.#coordinates.get(pattern);
  }

  #findCoordinate(path: AnswerPath): string | undefined {
    let at: { readonly set: SelectionSetNode; readonly type: GraphQLCompositeType } | undefined;
    let coordinate: string | undefined;
    for (const [index, key] of path.entries()) {
      if (typeof key === 'number') {
        if (path[index - 1] === ENTITIES && index === 1) at = this.#entitySelection(key);
        continue;
      }
      if (index === 0 && key === ENTITIES) continue;
      const type = at?.type ?? this.#rootType;
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
   * fit its type; null stands there, or for the whole object where it needs the value: a person without an id is nobody
   * of whom another custodian may be asked. Throws an `UnusableAnswerError` where entities were asked for and as many did
   * not come (they are told apart by their position alone), and where a list is longer than what was asked for.
   */
  conform(data: JsonObject, garbage: (path: AnswerPath) => void): Record<string, unknown> {
    const root = this.#rootType;
    if (!this.isOfEntities) {
      return Object.fromEntries(root ? this.#values(data, root, this.#root, [], undefined, garbage) : []);
    }
    const received = data[ENTITIES];
    if (!Array.isArray(received) || received.length !== this.#entityTypes.length)
      throw new UnusableAnswerError('SHAPE');
    const conformed = received.map((entity: unknown, index) => {
      const selection = this.#entitySelection(index);
      if (entity === null) return null;
      const path = [ENTITIES, index];
      const type = selection && isJsonObject(entity) ? this.#runtimeType(selection.type, entity) : undefined;
      if (selection && type && isJsonObject(entity))
        return this.#object(entity, type, selection.set, path, undefined, garbage);
      garbage(path);
      return null;
    });
    return { [ENTITIES]: conformed };
  }

  #entitySelection(index: number): { readonly set: SelectionSetNode; readonly type: GraphQLCompositeType } | undefined {
    const set = this.#entities()?.selectionSet;
    const type = this.#composite(this.#entityTypes[index] ?? '');
    return set && type ? { set, type } : undefined;
  }

  #entities(): FieldNode | undefined {
    return this.#root.selections.find(
      (node): node is FieldNode => node.kind === Kind.FIELD && node.name.value === ENTITIES,
    );
  }

  #object(
    given: JsonObject,
    type: GraphQLCompositeType,
    set: SelectionSetNode,
    path: AnswerPath,
    page: number | undefined,
    garbage: (path: AnswerPath) => void,
  ): Record<string, unknown> | null {
    const values = this.#values(given, type, set, path, page, garbage);
    return values.every(([, value, field]) => value !== null || !isNonNullType(field.type))
      ? Object.fromEntries(values)
      : null;
  }

  #values(
    given: JsonObject,
    type: GraphQLCompositeType,
    set: SelectionSetNode,
    path: AnswerPath,
    page: number | undefined,
    garbage: (path: AnswerPath) => void,
  ): (readonly [key: string, value: unknown, field: SelectedField])[] {
    return Array.from(selectedFields(this.#schema, set, type), ([key, field]) => {
      if (field.node.name.value === TypeNameMetaFieldDef.name && isObjectType(type)) return [key, type.name, field];
      const bounds = this.keepsContract ? listBounds(field, this.#variables, page) : UNBOUNDED;
      const within = { set: field.node.selectionSet, ...bounds, garbage };
      return [key, this.#value(given[key], field.type, [...path, key], within), field];
    });
  }

  #value(given: unknown, type: GraphQLOutputType, path: AnswerPath, within: Within): unknown {
    const { set, page, longest, garbage } = within;
    if (isNonNullType(type)) {
      if (given === null) garbage(path);
      return this.#value(given, type.ofType, path, within);
    }
    if (given === null) return null;
    if (isListType(type) && Array.isArray(given)) {
      if (given.length > longest) throw new UnusableAnswerError('LENGTH');
      return given.map((item: unknown, index) => this.#value(item, type.ofType, [...path, index], within));
    }
    if (isCompositeType(type) && isJsonObject(given) && set) {
      const runtime = this.#runtimeType(type, given);
      if (runtime) return this.#object(given, runtime, set, path, page, garbage);
    }
    if (isScalarType(type) && fitsScalar(type.name, given, this.keepsContract)) return given;
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

/** What holds for the value of one field and the items of its lists. */
interface Within extends ListBounds {
  readonly set: SelectionSetNode | undefined;
  readonly garbage: (path: AnswerPath) => void;
}

/** An id may be what another custodian is asked by: one that is none must not spoil the whole question. */
const ID = /^\P{C}{1,100}$/u;

const SPECIFIED: ReadonlySet<string> = new Set(specifiedScalarTypes.map(({ name }) => name));

/** Where no contract bounds lists, the size of the answer alone does. */
const UNBOUNDED: ListBounds = { page: undefined, longest: Infinity };

function fitsScalar(type: string, value: unknown, keepsContract: boolean): boolean {
  if (!SPECIFIED.has(type)) return value !== undefined;
  if (type === 'ID' && !keepsContract) return typeof value === 'string' || Number.isInteger(value);
  if (type === 'ID') return typeof value === 'string' && ID.test(value);
  if (type === 'Int') return Number.isInteger(value);
  if (type === 'Float') return typeof value === 'number';
  return type === 'Boolean' ? typeof value === 'boolean' : typeof value === 'string';
}
