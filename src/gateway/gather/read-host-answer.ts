import { type GraphQLSchema, getNamedType, isCompositeType } from 'graphql';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import type { GatherRules } from './gather-rules.ts';
import type { GatheredField, GatheredObject } from './gather-tree.ts';
import { EDGES, MORE, PAGE, RECORD_ID, SORT_KEY } from './host-document.ts';
import { inspectRecords, requireOwn } from './inspect-records.ts';
import type { HostRows } from './list-pages.ts';
import { type ListPosition, type Row, compareRows } from './rows.ts';

/** What reading one host's answer needs to know. */
export interface Reading {
  readonly schema: GraphQLSchema;
  readonly rules: GatherRules;
  readonly custodian: string;
  /** After which row a field's rows were asked for. */
  after(field: GatheredField): ListPosition | undefined;
}

/** What one host has brought of an object: of its lists the rows, and how many records at every other place. */
export interface HostAnswer {
  readonly pages: { readonly field: GatheredField; readonly rows: HostRows }[];
  readonly records: Map<string, number>;
}

/**
 * Reads one host's answer to what was gathered of an object, which fits its type. Throws an `UnusableAnswerError` where the
 * host contradicts itself: rows out of order, twice, or from before the position that was asked for, or of another host.
 */
export function readHostObject(reading: Reading, object: GatheredObject, data: JsonObject): HostAnswer {
  const answer: HostAnswer = { pages: [], records: new Map() };
  const read = ({ fields }: GatheredObject, given: JsonObject): void => {
    for (const field of fields) {
      const value = given[field.key];
      if (value === null || value === undefined) continue;
      if (field.inside && isJsonObject(value)) read(field.inside, value);
      else if (!field.page) answer.records.set(field.place, countIn(reading, field, value));
      else if (field.page.takesRows && isJsonObject(value))
        answer.pages.push({ field, rows: readRows(reading, field, value) });
    }
  };
  read(object, data);
  return answer;
}

/** All hosts are asked by sort keys: one that no database or cursor can hold would spoil the others' part of a walk. */
const SORTABLE = /^[^\0\p{Cs}]{0,1000}$/u;

/** The rows of a page, in their order. */
export function readRows(reading: Reading, field: GatheredField, connection: JsonObject): HostRows {
  const { [EDGES]: edges, [PAGE]: page } = connection;
  const { schema, rules, custodian } = reading;
  const records = field.page?.records ?? [];
  let last = reading.after(field);
  const rows = (Array.isArray(edges) ? edges : []).flatMap((edge: unknown): Row[] => {
    if (!isJsonObject(edge)) return [];
    const { [SORT_KEY]: sortKey, [RECORD_ID]: id } = edge;
    if (typeof sortKey !== 'string' || typeof id !== 'string' || !SORTABLE.test(sortKey))
      throw new UnusableAnswerError('ORDER');
    requireOwn(custodian, id);
    const counts = records.map(({ rowKey, type, set }) =>
      inspectRecords(schema, rules, custodian, edge[rowKey], type, set),
    );
    const row = { sortKey, custodian, id, edge, records: counts.reduce((sum, count) => sum + count, 0) };
    if (last && compareRows(last, row) >= 0) throw new UnusableAnswerError('ORDER');
    last = row;
    return [row];
  });
  const hasMore = isJsonObject(page) && page[MORE] === true;
  if (hasMore && rows.length === 0) throw new UnusableAnswerError('ORDER');
  return { rows, hasMore };
}

function countIn({ schema, rules, custodian }: Reading, { selected }: GatheredField, value: unknown): number {
  const type = getNamedType(selected.type);
  const { selectionSet } = selected.node;
  return selectionSet && isCompositeType(type)
    ? inspectRecords(schema, rules, custodian, value, type, selectionSet)
    : 0;
}
