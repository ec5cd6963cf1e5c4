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
      const found = type && this.#fieldOn(type, at?.set ?? this.#root, key);
      if (!found || (index > 0 && !at)) return undefined;
      coordinate = `${found.parent.name}.${found.node.name.value}`;
      const inside = getNamedType(found.type);
      at =
        found.node.selectionSet && isCompositeType(inside) ? { set: found.node.selectionSet, type: inside } : undefined;
    }
    return coordinate;
  }

  /** A path does not say which of an abstract type's an object is: it leads to what is asked for on the first that has the key. */
  #fieldOn(type: GraphQLCompositeType, set: SelectionSetNode, key: string): SelectedField | undefined {
    const types = isAbstractType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type];
    return types.map((one) => selectedFields(this.#schema, set, one).get(key)).find((field) => field !== undefined);
  }

  /**
   * The part of an answer that the fetch asked for, nothing more, `garbage` being told of each place at which it does not
   * fit its type; null stands there, or for the whole object where it needs the value: a person without an id is nobody
   * of whom another custodian may be asked. Throws an `UnusableAnswerError` where entities were asked for and as many did
   * not come (they are told apart by their position alone), and where a list is longer than what was asked for.
   */
  conform(data: JsonObject, garbage: (path: AnswerPath) => void): Record<string, unknown> {
    const root = this.#rootType;
    const conforming = { schema: this.#schema, variables: this.#variables, keepsContract: this.keepsContract, garbage };
    if (!this.isOfEntities) {
      const written: Record<string, unknown> = {};
      if (root) writeFields(conforming, data, root, this.#root, undefined, undefined, written);
      return written;
    }
    const received = data[ENTITIES];
    if (!Array.isArray(received) || received.length !== this.#entityTypes.length)
      throw new UnusableAnswerError('SHAPE');
    const conformed = received.map((entity: unknown, index) => {
      const selection = this.#entitySelection(index);
      if (entity === null) return null;
      const type = selection && isJsonObject(entity) ? runtimeType(this.#schema, selection.type, entity) : undefined;
      const place = { above: { above: undefined, key: ENTITIES }, key: index };
      if (selection && type && isJsonObject(entity))
        return objectOf(conforming, entity, type, selection.set, place, undefined);
      garbage(pathOf(place));
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

  #composite(name: string): GraphQLCompositeType | undefined {
    const type = this.#schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

/** What holds for all of one answer. */
interface Conforming {
  readonly schema: GraphQLSchema;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly keepsContract: boolean;
  readonly garbage: (path: AnswerPath) => void;
}

/** What holds for the value of one field and the items of its lists. */
interface Within extends ListBounds {
  readonly set: SelectionSetNode | undefined;
}

/** A place in an answer: its path is written only where something is wrong there. */
interface Place {
  readonly above: Place | undefined;
  readonly key: string | number;
}

function pathOf(place: Place): AnswerPath {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at; at = at.above) path.push(at.key);
  return path.reverse();
}

function objectOf(
  conforming: Conforming,
  given: JsonObject,
  type: GraphQLCompositeType,
  set: SelectionSetNode,
  place: Place,
  page: number | undefined,
): Record<string, unknown> | null {
  const written: Record<string, unknown> = {};
  return writeFields(conforming, given, type, set, place, page, written) ? written : null;
}

/** Answers whether every value is there that the object needs. */
function writeFields(
  conforming: Conforming,
  given: JsonObject,
  type: GraphQLCompositeType,
  set: SelectionSetNode,
  above: Place | undefined,
  page: number | undefined,
  written: Record<string, unknown>,
): boolean {
  let isWhole = true;
  for (const [key, field] of selectedFields(conforming.schema, set, type)) {
    const isTypename = field.node.name.value === TypeNameMetaFieldDef.name && isObjectType(type);
    const bounds = conforming.keepsContract ? listBounds(field, conforming.variables, page) : UNBOUNDED;
    const within = { set: field.node.selectionSet, page: bounds.page, longest: bounds.longest };
    const value = isTypename ? type.name : valueOf(conforming, given[key], field.type, { above, key }, within);
    if (value === null && isNonNullType(field.type)) isWhole = false;
    // A key of the name __proto__ is a key like any other.
    if (key === '__proto__')
      Object.defineProperty(written, key, { value, enumerable: true, writable: true, configurable: true });
    else written[key] = value;
  }
  return isWhole;
}

function valueOf(
  conforming: Conforming,
  given: unknown,
  type: GraphQLOutputType,
  place: Place,
  within: Within,
): unknown {
  const { schema, keepsContract, garbage } = conforming;
  if (isNonNullType(type)) {
    if (given === null) garbage(pathOf(place));
    return valueOf(conforming, given, type.ofType, place, within);
  }
  if (given === null) return null;
  if (isScalarType(type)) {
    if (fitsScalar(type.name, given, keepsContract)) return given;
  } else if (isListType(type) && Array.isArray(given)) {
    if (given.length > within.longest) throw new UnusableAnswerError('LENGTH');
    return given.map((item: unknown, key) => valueOf(conforming, item, type.ofType, { above: place, key }, within));
  } else if (isCompositeType(type) && isJsonObject(given) && within.set) {
    const runtime = runtimeType(schema, type, given);
    if (runtime) return objectOf(conforming, given, runtime, within.set, place, within.page);
  } else if (isEnumType(type) && typeof given === 'string' && type.getValue(given)) return given;
  garbage(pathOf(place));
  return null;
}

/** The planner asks for `__typename` wherever a type is abstract. */
function runtimeType(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  given: JsonObject,
): GraphQLCompositeType | undefined {
  if (!isAbstractType(type)) return type;
  const runtime = schema.getType(String(given[TypeNameMetaFieldDef.name]));
  return isObjectType(runtime) && schema.isSubType(type, runtime) ? runtime : undefined;
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
