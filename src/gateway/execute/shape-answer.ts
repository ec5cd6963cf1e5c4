import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  TypeNameMetaFieldDef,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';
import { appliesTo } from './selected-fields.ts';

/** By what an answer is shaped. */
export interface AnswerShape {
  readonly schema: GraphQLSchema;
  /** The fields that may be had, each with the name under which it was fetched: all others are null. */
  readonly fetched: ReadonlyMap<AskedField, string>;
}

/**
 * The answer to an operation out of all that was fetched for it: each field that was asked for on an object's own type, in
 * the client's names and order, and null where it may not be had or is missing. Implements "Collecting Fields", "Value
 * Completion" and "Handling Execution Errors": a null where the object's own type takes none is one further up, at last
 * in the place of the whole answer.
 */
export const shapeAnswer = (
  shape: AnswerShape,
  selections: readonly AskedSelection[],
  root: GraphQLObjectType,
  fetched: JsonObject,
): JsonObject | null => new Shaping(shape).object(root, selections, fetched);

/** A field of an object, put together of all places at which it is asked for ("Field Selection Merging"). */
interface ShapedField {
  readonly key: string;
  /** Undefined where it may not be had. */
  readonly fetchedAs: string | undefined;
  readonly name: string;
  /** As the object's own type has it. */
  readonly type: GraphQLOutputType;
  readonly selections: readonly AskedSelection[];
}

class Shaping {
  readonly #shape: AnswerShape;
  readonly #known = new Map<readonly AskedSelection[], Map<GraphQLCompositeType, readonly ShapedField[]>>();

  constructor(shape: AnswerShape) {
    this.#shape = shape;
  }

  object(type: GraphQLCompositeType, selections: readonly AskedSelection[], given: JsonObject): JsonObject | null {
    const written: Record<string, unknown> = {};
    for (const field of this.#fieldsOf(type, selections)) {
      const value = this.#field(field, type, given);
      if (value === null && isNonNullType(field.type)) return null;
      written[field.key] = value;
    }
    return written;
  }

  #field({ fetchedAs, name, type, selections }: ShapedField, parent: GraphQLCompositeType, given: JsonObject): unknown {
    if (fetchedAs === undefined) return null;
    const value = Object.hasOwn(given, fetchedAs) ? given[fetchedAs] : null;
    if (name !== TypeNameMetaFieldDef.name) return this.#complete(type, selections, value);
    const own = isObjectType(parent) ? parent : this.#typeNamed(value);
    return isObjectType(own) ? own.name : null;
  }

  #complete(type: GraphQLOutputType, selections: readonly AskedSelection[], value: unknown): unknown {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return this.#complete(type.ofType, selections, value);
    if (isListType(type)) return Array.isArray(value) ? this.#list(type.ofType, selections, value) : null;
    // What is not to be seen of an enum is no value of it.
    if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) ? value : null;
    // What is answered from the schema has its shape.
    if (!isCompositeType(type) || type.name.startsWith('__')) return value;
    if (!isJsonObject(value)) return null;
    const typename = value[TypeNameMetaFieldDef.name];
    const own = typename === undefined || typename === type.name ? type : this.#typeNamed(typename);
    return own ? this.object(own, selections, value) : null;
  }

  #list(type: GraphQLOutputType, selections: readonly AskedSelection[], items: readonly unknown[]): unknown {
    const isNeeded = isNonNullType(type);
    const written: unknown[] = [];
    for (const item of items) {
      const value = this.#complete(type, selections, item);
      if (value === null && isNeeded) return null;
      written.push(value);
    }
    return written;
  }

  #typeNamed(name: unknown): GraphQLCompositeType | undefined {
    const type = typeof name === 'string' ? this.#shape.schema.getType(name) : undefined;
    return isCompositeType(type) ? type : undefined;
  }

  #fieldsOf(type: GraphQLCompositeType, selections: readonly AskedSelection[]): readonly ShapedField[] {
    const byType = this.#known.get(selections) ?? new Map<GraphQLCompositeType, readonly ShapedField[]>();
    const fields = byType.get(type) ?? this.#collect(type, selections);
    this.#known.set(selections, byType.set(type, fields));
    return fields;
  }

  #collect(type: GraphQLCompositeType, selections: readonly AskedSelection[]): readonly ShapedField[] {
    const byKey = new Map<string, AskedField[]>();
    const collect = (selection: AskedSelection): void => {
      if (selection.kind === 'fragment') {
        if (appliesTo(this.#shape.schema, selection.type, type)) selection.selections.forEach(collect);
        return;
      }
      const known = byKey.get(selection.responseKey);
      if (known) known.push(selection);
      else byKey.set(selection.responseKey, [selection]);
    };
    selections.forEach(collect);
    return Array.from(byKey, ([key, asked]) => this.#together(key, asked, type)).filter((field) => field !== undefined);
  }

  #together(key: string, asked: readonly AskedField[], parent: GraphQLCompositeType): ShapedField | undefined {
    const { fetched } = this.#shape;
    const had = asked.filter((field) => fetched.has(field));
    const one = had[0] ?? asked[0];
    if (!one) return undefined;
    const { name, type } = one.definition;
    const own = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const selections = had.length === 1 ? one.selections : had.flatMap((field) => field.selections ?? []);
    return { key, fetchedAs: fetched.get(one), name, type: own?.type ?? type, selections: selections ?? [] };
  }
}
