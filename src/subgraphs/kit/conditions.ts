import { Field } from 'type-graphql';
import type { DeclaredType } from './declared-type.ts';
import { fieldError } from './field-error.ts';
import { plainText } from './import/plain-text.ts';
import { romanKey, scriptOf } from './name-keys.ts';
import { normaliseName } from './normalise-name.ts';
import { type Sql, sql } from './sql.ts';

/** The SQL condition that a filter's value amounts to; the record's columns are those of `record`. */
export type Condition = (value: unknown) => Sql;

const LONGEST_VALUE = 1_000;
const LONGEST_NAME = 200;

const conditions = new WeakMap<object, Map<string, Condition>>();

/**
 * Declares a field of a filter by its GraphQL type and its condition. Under row security PostgreSQL uses an index only
 * for leakproof operators, so each filter says in a line how the two meet; the conditions here use none but `=`, `<=`,
 * `>=` and `^@`.
 */
export function Where(type: DeclaredType, condition: Condition, description?: string): PropertyDecorator {
  return (prototype, property) => {
    const declared = conditions.get(prototype.constructor) ?? new Map<string, Condition>();
    conditions.set(prototype.constructor, declared.set(String(property), condition));
    Field(type, { nullable: true, ...(description !== undefined && { description }) })(prototype, property);
  };
}

/** The names of a filter's fields. */
export const declaredFilters = (filter: object): string[] => [...(conditions.get(filter)?.keys() ?? [])];

/** The conditions of the values that a filter was given; null counts as not given. `BAD_USER_INPUT` where one is overlong. */
export function conditionsOf(filter: object, values: unknown): Sql[] {
  const given = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  return given.flatMap(([name, value]) => {
    const condition = conditions.get(filter)?.get(name);
    if (!condition) throw new TypeError(`The filter field ${name} has no condition.`);
    if ([value].flat().some((text) => String(text).length > LONGEST_VALUE)) throw fieldError('BAD_USER_INPUT');
    return value === null || value === undefined ? [] : [condition(value)];
  });
}

/** A condition that no row meets. */
const nothing = sql`false`;

const column = (name: string): Sql => sql.ref(`record.${name}`);

/** The column holds the value itself. */
export const equals =
  (name: string): Condition =>
  (value) =>
    sql`${column(name)} = ${value}`;

/**
 * The column holds the facility of that code, name or other name, in either language and whatever spelling (what could be
 * either of two facilities is neither). The code is found once per statement; in a subquery, since PostgreSQL does not take
 * `coalesce` itself for leakproof.
 */
export const facilityIs =
  (name: string): Condition =>
  (value) => {
    const key = normaliseName(String(value));
    return sql`${column(name)} = (select coalesce((select code from facility_names where name_key = ${key}), ${value}))`;
  };

/** One of the columns holds the number, written with Latin or Arabic-Indic digits. */
export const numberIs =
  (...names: readonly string[]): Condition =>
  (value) =>
    anyEquals(...names)(plainText(String(value)));

/** Whether some link that may be seen says whom the record is about; links are found by their primary key. */
export const isLinked = (): Condition => (linked) => {
  const link = sql`exists (select from links where links.record_id = record.id)`;
  return linked === true ? link : sql`not ${link}`;
};

/** The column holds one of the values; 200 of them at most. */
export const oneAmong =
  (name: string): Condition =>
  (values) => {
    if (!Array.isArray(values) || values.length === 0) return nothing;
    if (values.length > 200) throw fieldError('PAGE_TOO_LARGE');
    return sql`${column(name)} = any(${values}::text[])`;
  };

/** One of several columns holds the value. */
const anyEquals =
  (...names: readonly string[]): Condition =>
  (value) =>
    sql`(${sql.join(
      names.map((name) => sql`${column(name)} = ${value}`),
      sql` or `,
    )})`;

/** What a filter by name says of itself. */
export const NAME_BEGINS =
  'The beginning of the name as written, in whatever spelling; in the other script, or where both are in Latin letters, by its consonants, which other names may share.';

/**
 * The name begins with the value: its normal form with the value's normal form, or, where one of them is in Latin
 * letters, its consonants with the value's. Between two names in Arabic script the normal form says more. A value without
 * letters meets no row.
 */
export const nameBeginsWith = (): Condition => (value) => {
  const name = String(value);
  if (name.length > LONGEST_NAME) throw fieldError('BAD_USER_INPUT');
  const key = normaliseName(name);
  const scripts = scriptOf(name) === 'latin' ? (['arabic', 'latin'] as const) : (['latin'] as const);
  const beginnings = [
    ...(key === '' ? [] : [sql`${column('name_key')} ^@ ${key}`]),
    ...scripts
      .map((script) => romanKey(script, name))
      .filter((roman) => roman !== null)
      .map((roman) => sql`${column('roman_key')} ^@ ${roman}`),
  ];
  return beginnings.length === 0 ? nothing : sql`(${sql.join(beginnings, sql` or `)})`;
};

/** The column holds the number or a larger one. */
export const atLeast =
  (name: string): Condition =>
  (value) =>
    sql`${column(name)} >= ${value}::integer`;

/** The column holds the number or a smaller one. */
export const atMost =
  (name: string): Condition =>
  (value) =>
    sql`${column(name)} <= ${value}::integer`;

/**
 * A partial date may lie on or after a date: its span `<name>_from` to `<name>_to` ends no earlier. A span is a year at
 * most, which bounds `<name>_from`, too, and makes a range of the index on it.
 */
export const mayLieFrom =
  (name: string): Condition =>
  (value) => {
    const first = firstDay(String(value));
    return sql`(${column(`${name}_to`)} >= ${first}::date and ${column(`${name}_from`)} >= ${first}::date - 366)`;
  };

/** A partial date may lie on or before a date: its span begins no later than the date's last day. */
export const mayLieUntil =
  (name: string): Condition =>
  (value) =>
    sql`${column(`${name}_from`)} <= ${lastDay(String(value))}::date`;

/**
 * As `mayLieFrom`, for the date by which the list is ordered: no such date is written as one before its year, so that a
 * page begins within the order instead of walking through all that comes before.
 */
export const sortedFrom =
  (name: string): Condition =>
  (value) =>
    sql`(${mayLieFrom(name)(value)} and record.sort_key >= ${String(value).slice(0, 4)})`;

/** As `mayLieUntil`, for the date by which the list is ordered: no such date is written as one after its last day. */
export const sortedUntil =
  (name: string): Condition =>
  (value) =>
    sql`(${mayLieUntil(name)(value)} and record.sort_key <= ${lastDay(String(value))})`;

/**
 * The records of some label sets. Row security asks the same, but PostgreSQL plans without looking at a session's setting:
 * told so here it knows whether a viewer may see all, some or none, and takes the index that suits. Of one label set,
 * which is what most outside see, an index holds the records in the order of the list.
 */
export function inLabelSets(numbers: ReadonlySet<number>): Sql {
  const [first, ...more] = [...numbers].toSorted((a, b) => a - b);
  return more.length === 0
    ? sql`record.label_set = ${first}::integer`
    : sql`record.label_set = any(${[first, ...more]}::integer[])`;
}

const firstDay = (date: string): string => `${date}-01-01`.slice(0, 10);

function lastDay(date: string): string {
  if (date.length === 10) return date;
  const [year, month] = date.length === 4 ? [date, '12'] : [date.slice(0, 4), date.slice(5)];
  return new Date(Date.UTC(Number(year), Number(month), 0)).toISOString().slice(0, 10);
}
