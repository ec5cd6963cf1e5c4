import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { type AnswerPath, type AnswerReading, type Bounds, UNBOUNDED } from './answer-reading.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { fitsScalar } from './fits-scalar.ts';
import { type SelectedField, selectedFields } from './selected-fields.ts';

/** What is asked for of an object. */
export interface ObjectSelection {
  readonly set: SelectionSetNode;
  readonly type: GraphQLCompositeType;
}

/** Reads a value as its type wants it; where it does not fit, `null`, and the reading hears of it. */
type ReadValue = (reading: AnswerReading, given: unknown, bounds: Bounds) => unknown;

interface FieldReader {
  readonly key: string;
  /** What the field answers, whatever was given: the name of the type at hand. */
  readonly typename: string | undefined;
  readonly isNonNull: boolean;
  readonly field: SelectedField;
  readonly hasArguments: boolean;
  readonly read: ReadValue;
}

/** What was asked for at the root: null stands there for what needs a value and has none. */
export function readRoot(
  reading: AnswerReading,
  set: SelectionSetNode,
  type: GraphQLObjectType,
  given: JsonObject,
): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  writeFields(reading, readersOf(reading.schema, set, type), given, undefined, written);
  return written;
}

/** An object at a path, which fits its type or is null. */
export function readObject(
  reading: AnswerReading,
  selection: ObjectSelection | undefined,
  given: unknown,
  path: AnswerPath,
): unknown {
  reading.path.push(...path);
  const read = selection ? objectReader(selection)(reading, given, UNBOUNDED) : reading.misfit();
  reading.path.length = 0;
  return read;
}

/** By selection and type, both of one plan and one schema: nothing of a request is in it. */
const known = new WeakMap<SelectionSetNode, WeakMap<GraphQLCompositeType, readonly FieldReader[]>>();

function readersOf(schema: GraphQLSchema, set: SelectionSetNode, type: GraphQLCompositeType): readonly FieldReader[] {
  const byType = known.get(set) ?? new WeakMap<GraphQLCompositeType, readonly FieldReader[]>();
  const readers =
    byType.get(type) ??
    Array.from(selectedFields(schema, set, type), ([key, field]): FieldReader => {
      const isTypename = field.node.name.value === TypeNameMetaFieldDef.name && isObjectType(type);
      return {
        key,
        typename: isTypename ? type.name : undefined,
        isNonNull: isNonNullType(field.type),
        field,
        hasArguments: (field.definition?.args.length ?? 0) > 0,
        read: valueReader(field.type, field.node.selectionSet),
      };
    });
  known.set(set, byType.set(type, readers));
  return readers;
}

/** Answers whether every value is there that the object needs. */
function writeFields(
  reading: AnswerReading,
  readers: readonly FieldReader[],
  given: JsonObject,
  page: number | undefined,
  written: Record<string, unknown>,
): boolean {
  let isWhole = true;
  for (const reader of readers) {
    const { key, typename, isNonNull, field, hasArguments, read } = reader;
    reading.path.push(key);
    // What every object of JavaScript has is no answer.
    const own = Object.hasOwn(given, key) ? given[key] : undefined;
    const value = typename ?? read(reading, own, reading.boundsOf(field, hasArguments, page));
    reading.path.pop();
    if (value === null && isNonNull) isWhole = false;
    // A key of the name __proto__ is a key like any other.
    if (key === '__proto__')
      Object.defineProperty(written, key, { value, enumerable: true, writable: true, configurable: true });
    else written[key] = value;
  }
  return isWhole;
}

function valueReader(type: GraphQLOutputType, set: SelectionSetNode | undefined): ReadValue {
  if (isNonNullType(type)) {
    const read = valueReader(type.ofType, set);
    return (reading, given, bounds) => (given === null ? reading.misfit() : read(reading, given, bounds));
  }
  if (isListType(type)) return listReader(valueReader(type.ofType, set));
  if (isScalarType(type)) {
    const { name } = type;
    return (reading, given) =>
      given === null || fitsScalar(name, given, reading.keepsContract) ? given : reading.misfit();
  }
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (reading, given) =>
      given === null || (typeof given === 'string' && names.has(given)) ? given : reading.misfit();
  }
  if (set && isCompositeType(type)) return objectReader({ set, type });
  return (reading, given) => (given === null ? null : reading.misfit());
}

function listReader(read: ReadValue): ReadValue {
  return (reading, given, bounds) => {
    if (given === null) return null;
    if (!Array.isArray(given)) return reading.misfit();
    if (given.length > bounds.longest) throw new UnusableAnswerError('LENGTH');
    return given.map((item: unknown, index) => {
      reading.path.push(index);
      const value = read(reading, item, bounds);
      reading.path.pop();
      return value;
    });
  };
}

/** The planner asks for `__typename` wherever a type is abstract. */
function objectReader({ set, type }: ObjectSelection): ReadValue {
  return (reading, given, { page }) => {
    if (given === null) return null;
    if (!isJsonObject(given)) return reading.misfit();
    const named = given[TypeNameMetaFieldDef.name];
    const told = typeof named === 'string' ? reading.schema.getType(named) : undefined;
    const runtime = isAbstractType(type) ? told : type;
    if (isAbstractType(type) && !(isObjectType(runtime) && reading.schema.isSubType(type, runtime)))
      return reading.misfit();
    if (!isCompositeType(runtime)) return reading.misfit();
    const written: Record<string, unknown> = {};
    return writeFields(reading, readersOf(reading.schema, set, runtime), given, page, written) ? written : null;
  };
}
