import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  getNamedType,
  isAbstractType,
  isCompositeType,
} from 'graphql';
import { selectedFields } from '../execute/selected-fields.ts';
import { isJsonObject } from '../json-object.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import type { GatherRules } from './gather-rules.ts';

/** What is looked at of one selection on one type. */
interface Inspection {
  readonly isRecord: boolean;
  /** Keys of its id, and of the custodian that it names. */
  readonly ids: readonly string[];
  readonly custodians: readonly string[];
  readonly below: readonly {
    readonly key: string;
    readonly type: GraphQLCompositeType;
    readonly set: SelectionSetNode;
  }[];
}

/** By selection and type, both of a document that lives as long as its plan: nothing of an answer is in it. */
const known = new WeakMap<SelectionSetNode, WeakMap<GraphQLCompositeType, Inspection>>();

/**
 * Goes through what one host has answered, and counts the records in it. Throws an `UnusableAnswerError` where a record is
 * another custodian's by its id, or by the custodian that it names: it is that custodian's to tell of.
 */
export function inspectRecords(
  schema: GraphQLSchema,
  rules: GatherRules,
  custodian: string,
  value: unknown,
  type: GraphQLCompositeType,
  set: SelectionSetNode,
): number {
  let records = 0;
  const inspect = (given: unknown, at: GraphQLCompositeType, within: SelectionSetNode): void => {
    if (Array.isArray(given)) {
      for (const item of given) inspect(item, at, within);
      return;
    }
    if (!isJsonObject(given)) return;
    const runtime = isAbstractType(at) ? schema.getType(String(given[TypeNameMetaFieldDef.name])) : at;
    if (!isCompositeType(runtime)) return;
    const { isRecord, ids, custodians, below } = inspectionOf(schema, rules, within, runtime);
    if (isRecord) records += 1;
    for (const key of ids) requireOwn(custodian, given[key]);
    for (const key of custodians)
      if (given[key] !== null && given[key] !== custodian) throw new UnusableAnswerError('FOREIGN');
    for (const part of below) inspect(given[part.key], part.type, part.set);
  };
  inspect(value, type, set);
  return records;
}

/** Refuses the id of another custodian's record. */
export function requireOwn(custodian: string, id: unknown): void {
  if (id !== null && !(typeof id === 'string' && id.startsWith(`${custodian}:`)))
    throw new UnusableAnswerError('FOREIGN');
}

function inspectionOf(
  schema: GraphQLSchema,
  rules: GatherRules,
  set: SelectionSetNode,
  type: GraphQLCompositeType,
): Inspection {
  const byType = known.get(set) ?? new WeakMap<GraphQLCompositeType, Inspection>();
  const inspection = byType.get(type) ?? inspect(schema, rules, set, type);
  known.set(set, byType.set(type, inspection));
  return inspection;
}

function inspect(
  schema: GraphQLSchema,
  rules: GatherRules,
  set: SelectionSetNode,
  type: GraphQLCompositeType,
): Inspection {
  const isRecord = rules.isRecord(type.name);
  const fields = [...selectedFields(schema, set, type)];
  const keysOf = (name: string): string[] =>
    isRecord ? fields.filter(([, { node }]) => node.name.value === name).map(([key]) => key) : [];
  const below = fields.flatMap(([key, { node, type: returned }]) => {
    const inner = getNamedType(returned);
    return node.selectionSet && isCompositeType(inner) ? [{ key, type: inner, set: node.selectionSet }] : [];
  });
  return { isRecord, ids: keysOf('id'), custodians: keysOf('custodian'), below };
}
