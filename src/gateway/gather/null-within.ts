import {
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { selectedFields } from '../execute/selected-fields.ts';
import { isJsonObject } from '../json-object.ts';
import type { GatheredField } from './gather-tree.ts';
import { EDGES } from './host-document.ts';

/** Where something of what a host has brought is null because it failed there. */
export interface NullWithin {
  /** The row that it is in; the gathered value itself, where that has no rows. */
  readonly holder: object;
  /** Of a row, the key of its record. */
  readonly rowKey: string | undefined;
  /** From the record, or the gathered value, down to what failed. */
  readonly inside: AnswerPath;
}

/**
 * Puts null where something failed within what a host has brought of a field, or in the next place above that takes null
 * ("Handling Execution Errors"). Undefined where that would be what rows are ordered by, or all of what it has brought.
 */
export function nullWithin(
  schema: GraphQLSchema,
  { page, selected }: GatheredField,
  value: unknown,
  path: AnswerPath,
): NullWithin | undefined {
  if (!page) {
    const left = withNull(schema, selected.type, selected.node.selectionSet, value, path);
    return typeof left === 'object' && left !== null ? { holder: left, rowKey: undefined, inside: path } : undefined;
  }
  const [edges, row, rowKey, ...inside] = path;
  const record = edges === EDGES ? page.records.find((one) => one.rowKey === rowKey) : undefined;
  const holder = record && isJsonObject(value) && itemOf(value[EDGES], row);
  if (!record || !isJsonObject(holder)) return undefined;
  const left = withNull(schema, record.type, record.set, holder[record.rowKey], inside);
  if (left === null && !record.isNullable) return undefined;
  put(holder, record.rowKey, left);
  return { holder, rowKey: record.rowKey, inside };
}

/** A value in which null stands where a path leads, or where it would have to stand instead; null where that is all of it. */
function withNull(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  set: SelectionSetNode | undefined,
  value: unknown,
  [key, ...below]: AnswerPath,
): unknown {
  const nullable = getNullableType(type);
  if (key === undefined) return null;
  if (isListType(nullable) && Array.isArray(value)) {
    if (itemOf(value, key) === undefined) return null;
    return withPart(value, key, nullable.ofType, withNull(schema, nullable.ofType, set, value[Number(key)], below));
  }
  if (!isCompositeType(nullable) || !isJsonObject(value) || !set) return null;
  const runtime = isAbstractType(nullable) ? schema.getType(String(value[TypeNameMetaFieldDef.name])) : nullable;
  const field = isObjectType(runtime) ? selectedFields(schema, set, runtime).get(String(key)) : undefined;
  if (!field) return null;
  return withPart(value, key, field.type, withNull(schema, field.type, field.node.selectionSet, value[key], below));
}

function withPart(whole: object, key: string | number, type: GraphQLOutputType, part: unknown): unknown {
  if (part === null && isNonNullType(type)) return null;
  put(whole, key, part);
  return whole;
}

/** What a host has brought is this request's alone. */
const put = (whole: object, key: string | number, part: unknown): void => {
  Object.defineProperty(whole, key, { value: part, enumerable: true, writable: true, configurable: true });
};

const itemOf = (list: unknown, index: string | number | undefined): unknown =>
  Array.isArray(list) && typeof index === 'number' ? list[index] : undefined;
