import { columnsOf } from './columns.ts';
import type { Filtered } from './conditions.ts';
import { keyColumn } from './key-column.ts';
import { type Sql, compile, sql } from './sql.ts';
import type { Statement } from './storage.ts';
import { type ConnectionType, connectionType } from './connection-type.ts';
import type { Tier } from './tiers.ts';

/** Where the rows of a list come from. The order of every list is `sort_key`, then `id`. */
export interface ListSource {
  /** What the names of its connection and its edge begin with. */
  readonly name: string;
  readonly type: Function;
  /** A table, or a select of the columns that its type is read from. */
  readonly rows: Sql;
  /** Whether there are indexes that hold the rows of each label set in the order of the list. */
  readonly isIndexed: boolean;
  readonly filter?: Function;
  readonly connection: ConnectionType;
}

/** Where a type's records come from; declared once per type. Its name is that of the GraphQL type. */
export interface RecordSource extends ListSource {
  readonly table: string;
  readonly filter: Function;
}

/** How records hang on a parent: through this custodian's links to a person, or by a column that holds the parent's id. */
export type Relation = { readonly through: 'links' } | { readonly column: string };

/** A place in the order of a list: after one of its rows, or before or after all the rows of a sort key. */
export type Place =
  { readonly sortKey: string; readonly id: string } | { readonly from: string } | { readonly beyond: string };

/** Which records of a list are wanted, from where on, and how many at most. */
export interface Wanted extends Filtered {
  readonly after?: Place;
  readonly limit: number;
}

interface Declaration {
  readonly subgraph: string;
  readonly type: Function;
  readonly table: string;
  readonly filter: Function;
  /** The tier of the value that the records are ordered by; registered, where none is given. */
  readonly order?: Tier;
}

/** Declares the source of a type's records and, with it, the type's connection. */
export function recordSource({ subgraph, type, table, filter, order }: Declaration): RecordSource {
  const connection = connectionType(subgraph, type, { order });
  return { name: type.name, type, table, rows: sql.table(table), isIndexed: true, filter, connection };
}

const PARENTS = (parents: readonly string[]): Sql => sql`unnest(${parents}::text[]) as parent(id)`;

/** One page of a root list. */
export const rootPage = (source: ListSource, wanted: Wanted): Statement =>
  compile(
    source.isIndexed && wanted.inOrder
      ? mergedPage(source, [], wanted)
      : sortedPage(source, records(source), [], wanted),
  );

/** One page for each of many parents, by the column `parent_id`. */
export const relatedPages = (
  source: ListSource,
  relation: Relation,
  parents: readonly string[],
  wanted: Wanted,
): Statement => {
  const belongs = belonging(source, relation);
  const page =
    source.isIndexed && wanted.inOrder && 'column' in relation
      ? mergedPage(source, belongs, wanted)
      : sortedPage(source, joined(source, relation), belongs, wanted);
  return compile(sql`
    select parent.id as parent_id, page.* from ${PARENTS(parents)}
    cross join lateral (${page}) page order by parent.id, page.sort_key, page.id`);
};

/** A page as the first of the pages of all label sets, each read along an index that begins with it. */
const mergedPage = (source: ListSource, belongs: readonly Sql[], wanted: Wanted): Sql => {
  const own = [sql`record.label_set = visible.label_set`, ...belongs];
  return sql`
    select record.* from unnest(visible_label_sets()) as visible (label_set)
    cross join lateral (
      select ${selected(source)} from ${records(source)} ${where(own, wanted)} ${ordered(wanted)}
    ) record ${ordered(wanted)}`;
};

/** A page as the first of all rows that meet the conditions: these are found before the order is looked at (`offset 0`). */
const sortedPage = (source: ListSource, from: Sql, belongs: readonly Sql[], wanted: Wanted): Sql => sql`
  select record.* from (select ${selected(source)} from ${from} ${where(belongs, wanted)} offset 0) record ${ordered(wanted)}`;

/** The number of records in a root list, as `total`. */
export const rootCount = (source: ListSource, conditions: readonly Sql[]): Statement =>
  compile(sql`select count(*)::int as total from ${records(source)} ${where([], { conditions })}`);

/** The number of records for each of many parents, as `total` by `parent_id`; parents without any are missing. */
export const relatedCounts = (
  source: ListSource,
  relation: Relation,
  parents: readonly string[],
  conditions: readonly Sql[],
): Statement =>
  compile(sql`
    select parent.id as parent_id, count(*)::int as total from ${PARENTS(parents)}
    join ${joined(source, relation)} on true ${where(belonging(source, relation), { conditions })} group by parent.id`);

/** The records whose column, a key, holds one of the values, which stands as `matched`. */
export const recordsBy = (source: RecordSource, column: string, values: readonly string[]): Statement =>
  compile(sql`
    select ${sql.ref(`record.${column}`)} as matched, ${selected(source)} from ${records(source)}
    where ${keyColumn(`record.${column}`)} = any(${values}::text[])`);

/** The persons to whom records of a type are linked, as `person` by `record_id`. */
export const linkedPersons = (type: string, recordIds: readonly string[]): Statement =>
  compile(
    sql`select record_id, person from links where ${keyColumn('record_id')} = any(${recordIds}::text[]) and record_type = ${type}`,
  );

/** Every column is named: what a type does not serve is not read. */
const selected = ({ type }: ListSource): Sql =>
  sql.join(['id', 'label_set', 'sort_key', ...columnsOf(type)].map((name) => sql.ref(`record.${name}`)));

const records = ({ rows }: ListSource): Sql => sql`${rows} as record`;

const joined = (source: ListSource, relation: Relation): Sql =>
  'through' in relation
    ? sql`links join ${records(source)} on ${keyColumn('record.id')} = links.record_id`
    : records(source);

const belonging = (source: ListSource, relation: Relation): Sql[] =>
  'through' in relation
    ? [sql`links.person = parent.id`, sql`links.record_type = ${source.name}`]
    : [sql`${sql.ref(`record.${relation.column}`)} = parent.id`];

function where(belongs: readonly Sql[], { conditions, after }: Pick<Wanted, 'conditions' | 'after'>): Sql {
  const all = [...belongs, ...conditions, ...(after ? [following(after)] : [])];
  return all.length === 0 ? sql`` : sql`where ${sql.join(all, sql` and `)}`;
}

function following(place: Place): Sql {
  if ('from' in place) return sql`record.sort_key >= ${place.from}`;
  if ('beyond' in place) return sql`record.sort_key > ${place.beyond}`;
  return sql`(record.sort_key, record.id) > (${place.sortKey}, ${place.id})`;
}

const ordered = ({ limit }: Wanted): Sql => sql`order by record.sort_key, record.id limit ${limit}`;
