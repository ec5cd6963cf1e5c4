import { Field } from 'type-graphql';
import type { DeclaredType } from './declared-type.ts';
import { fieldError } from './field-error.ts';
import { plainText } from './import/plain-text.ts';
import { keyColumn } from './key-column.ts';
import { romanKey, scriptOf } from './name-keys.ts';
import { normaliseName } from './normalise-name.ts';
import { type Sql, sql } from './sql.ts';

/** What a filter's value amounts to; the record's columns are those of `record`. */
export interface Condition {
  readonly of: (value: unknown) => Sql;
  /**
   * Whether the records that meet it are looked for along the order of the list: by an index that holds them in it, or
   * where none says which meet it. What is not is found by an index of its own, then sorted.
   */
  readonly inOrder: boolean;
}

/** What a filter amounts to. */
export interface Filtered {
  readonly conditions: readonly Sql[];
  readonly inOrder: boolean;
}

const LONGEST_VALUE = 1_000;
const LONGEST_NAME = 200;

const conditions = new WeakMap<object, Map<string, Condition>>();

/**
 * Declares a field of a filter by its GraphQL type and its condition. Under row security PostgreSQL uses an index only
 * for leakproof operators, so each filter says in a line how the two meet; the conditions here use none but equality and
 * comparisons.
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
export function conditionsOf(filter: object, values: unknown): Filtered {
  const given = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  const met = given.flatMap(([name, value]) => {
    const condition = conditions.get(filter)?.get(name);
    if (!condition) throw new TypeError(`The filter field ${name} has no condition.`);
    if ([value].flat().some((text) => String(text).length > LONGEST_VALUE)) throw fieldError('BAD_USER_INPUT');
    return value === null || value === undefined ? [] : [{ ...condition, sql: condition.of(value) }];
  });
  return { conditions: met.map((condition) => condition.sql), inOrder: met.every(({ inOrder }) => inOrder) };
}

const alongTheOrder = (of: Condition['of']): Condition => ({ of, inOrder: true });

const byItself = (of: Condition['of']): Condition => ({ of, inOrder: false });

/** A condition that no row meets. */
const nothing = sql`false`;

const column = (name: string): Sql => sql.ref(`record.${name}`);

/** The column holds the value itself. */
export const equals = (name: string): Condition => alongTheOrder((value) => sql`${column(name)} = ${value}`);

/**
 * The column holds the facility of that code, name or other name, in either language and whatever spelling (what could be
 * either of two facilities is neither). The code is found once per statement; in a subquery, since PostgreSQL does not take
 * `coalesce` itself for leakproof.
 */
export const facilityIs = (name: string): Condition =>
  alongTheOrder((value) => {
    const key = normaliseName(String(value));
    return sql`${column(name)} = (select coalesce((select code from facility_names where name_key = ${key}), ${value}))`;
  });

/** The record's own number, which is a key, is the value, written with Latin or Arabic-Indic digits. */
export const referenceIs = (): Condition =>
  byItself((value) => sql`${keyColumn('record.reference')} = ${plainText(String(value))}`);

/** One of the columns holds the number, written with Latin or Arabic-Indic digits. */
export const numberIs = (...names: readonly string[]): Condition =>
  byItself((value) => {
    const number = plainText(String(value));
    return sql`(${sql.join(
      names.map((name) => sql`${column(name)} = ${number}`),
      sql` or `,
    )})`;
  });

/** Whether some link that may be seen says whom the record is about; links are found by their record. */
export const isLinked = (): Condition =>
  alongTheOrder((linked) => {
    const link = sql`exists (select from links where ${keyColumn('links.record_id')} = record.id)`;
    return linked === true ? link : sql`not ${link}`;
  });

/** The column, which is a key, holds one of the values; 200 of them at most. */
export const oneAmong = (name: string): Condition =>
  byItself((values) => {
    if (!Array.isArray(values) || values.length === 0) return nothing;
    if (values.length > 200) throw fieldError('PAGE_TOO_LARGE');
    return sql`${keyColumn(`record.${name}`)} = any(${values}::text[])`;
  });

/** What a filter by name says of itself. */
export const NAME_BEGINS =
  'The beginning of the name as written, in whatever spelling; in the other script, or where both are in Latin letters, by its consonants, which other names may share.';

/**
 * The name begins with the value: its normal form with the value's normal form, or, where one of them is in Latin
 * letters, its consonants with the value's. Between two names in Arabic script the normal form says more. A value without
 * letters meets no row.
 */
export const nameBeginsWith = (): Condition =>
  byItself((value) => {
    const name = String(value);
    if (name.length > LONGEST_NAME) throw fieldError('BAD_USER_INPUT');
    const key = normaliseName(name);
    const scripts = scriptOf(name) === 'latin' ? (['arabic', 'latin'] as const) : (['latin'] as const);
    const beginnings = [
      ...(key === '' ? [] : [beginsWith('name_key', key)]),
      ...scripts
        .map((script) => romanKey(script, name))
        .filter((roman) => roman !== null)
        .map((roman) => beginsWith('roman_key', roman)),
    ];
    return beginnings.length === 0 ? nothing : sql`(${sql.join(beginnings, sql` or `)})`;
  });

/** As a range, since PostgreSQL makes one of `^@` only where it plans with the value. */
const beginsWith = (name: string, beginning: string): Sql =>
  sql`(${column(name)} ~>=~ ${beginning} and ${column(name)} ~<~ ${`${beginning}${LAST_CHARACTER}`})`;

const LAST_CHARACTER = '\u{10ffff}';

/** The column holds the number or a larger one. */
export const atLeast = (name: string): Condition => byItself((value) => sql`${column(name)} >= ${value}::integer`);

/** The column holds the number or a smaller one. */
export const atMost = (name: string): Condition => byItself((value) => sql`${column(name)} <= ${value}::integer`);

/**
 * A partial date may lie on or after a date: its span `<name>_from` to `<name>_to` ends no earlier. A span is a year at
 * most, which bounds `<name>_from`, too, and makes a range of the index on it.
 */
export const mayLieFrom = (name: string): Condition =>
  byItself((value) => {
    const first = firstDay(String(value));
    return sql`(${column(`${name}_to`)} >= ${first}::date and ${column(`${name}_from`)} >= ${first}::date - 366)`;
  });

/** A partial date may lie on or before a date: its span begins no later than the date's last day. */
export const mayLieUntil = (name: string): Condition =>
  byItself((value) => sql`${column(`${name}_from`)} <= ${lastDay(String(value))}::date`);

/**
 * As `mayLieFrom`, for the date by which the list is ordered: no such date is written as one before its year, so that a
 * page begins within the order instead of walking through all that comes before.
 */
export const sortedFrom = (name: string): Condition =>
  alongTheOrder((value) => sql`(${mayLieFrom(name).of(value)} and record.sort_key >= ${String(value).slice(0, 4)})`);

/** As `mayLieUntil`, for the date by which the list is ordered: no such date is written as one after its last day. */
export const sortedUntil = (name: string): Condition =>
  alongTheOrder((value) => sql`(${mayLieUntil(name).of(value)} and record.sort_key <= ${lastDay(String(value))})`);

const firstDay = (date: string): string => `${date}-01-01`.slice(0, 10);

function lastDay(date: string): string {
  if (date.length === 10) return date;
  const [year, month] = date.length === 4 ? [date, '12'] : [date.slice(0, 4), date.slice(5)];
  return new Date(Date.UTC(Number(year), Number(month), 0)).toISOString().slice(0, 10);
}
