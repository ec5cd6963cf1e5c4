import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNamedType,
  getOperationAST,
  isCompositeType,
} from 'graphql';
import type { JsonObject } from '../json-object.ts';
import { listMarks } from '../list-marks.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { type AnswerPath, AnswerReading } from './answer-reading.ts';
import { readObject, readRoot } from './read-value.ts';
import type { GivenBounds } from './list-bounds.ts';
import { type SelectedField, responseKey, selectedFieldAt, selectedFields } from './selected-fields.ts';

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
  readonly #bounds = new Map<SelectedField, GivenBounds>();

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

  /** The path with `@` for each list position, and for an entity with its type too: the same for all records. */
  patternOf(path: AnswerPath): string {
    const isInEntity = path[0] === ENTITIES;
    return path
      .map((key, index) => {
        if (typeof key === 'string') return key;
        return isInEntity && index === 1 ? `@${this.#entityTypes[key] ?? ''}` : '@';
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
    /** How many places in lists lead to what is at hand. */
    let lists = 0;
    for (const [index, key] of path.entries()) {
      if (typeof key === 'number') {
        if (lists === 0) return undefined;
        lists -= 1;
        if (path[index - 1] === ENTITIES && index === 1) at = this.#entitySelection(key);
        continue;
      }
      if (lists > 0) return undefined;
      if (index === 0 && key === ENTITIES) {
        lists = 1;
        continue;
      }
      const type = at?.type ?? this.#rootType;
      const found = type && selectedFieldAt(this.#schema, at?.set ?? this.#root, type, key);
      if (!found || (index > 0 && !at)) return undefined;
      coordinate = `${found.parent.name}.${found.node.name.value}`;
      lists = listMarks(found.type).length;
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
    const { keepsContract } = this;
    const reading = new AnswerReading(this.#schema, this.#variables, keepsContract, this.#bounds, garbage);
    const root = this.#rootType;
    if (!this.isOfEntities) return root ? readRoot(reading, this.#root, root, data) : {};
    const received = data[ENTITIES];
    if (!Array.isArray(received) || received.length !== this.#entityTypes.length)
      throw new UnusableAnswerError('SHAPE');
    const conformed = received.map((entity: unknown, index) => {
      const selection = this.#entitySelection(index);
      return entity === null ? null : readObject(reading, selection, entity, [ENTITIES, index]);
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
