import { Field, Float, ID, Int } from 'type-graphql';
import { noteColumns, noteField } from './columns.ts';
import type { DeclaredType } from './declared-type.ts';
import { RecordRow } from './record-row.ts';
import { ResolvedBy } from './resolved-by.ts';
import { compile, sql } from './sql.ts';
import type { ViewerRequest } from './viewer-request.ts';
import { Facility, Label, PartialDate, PersonName, ReviewStatus } from './values.ts';

/** A kind of values: its GraphQL type, the columns it is read from, and how. */
export interface ValueKind {
  readonly type: DeclaredType;
  /** `name` is the field's name in snake case, or the column that the field was given. */
  columns(name: string): readonly string[];
  read(row: RecordRow, name: string, request: ViewerRequest): unknown;
}

interface ValueOptions {
  readonly description?: string;
  /** The column, where it is not the field's name in snake case. */
  readonly column?: string;
  /** Whether it always has a value, and carries no tier. */
  readonly required?: boolean;
}

/** Declares a field of a record by the kind of its value. It is nullable, as all guarded fields are, but where it is required. */
export function Value(
  kind: ValueKind,
  { description, column, required = false }: ValueOptions = {},
): PropertyDecorator {
  return (prototype, property) => {
    const name = column ?? String(property).replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
    noteColumns(prototype.constructor, kind.columns(name));
    noteField(prototype.constructor, String(property), { kind, column: name });
    Field(kind.type, { nullable: !required, ...(description !== undefined && { description }) })(prototype, property);
    ResolvedBy((source, _, request) => kind.read(asRecord(source), name, request))(prototype, property);
  };
}

/** The record that a field is resolved on; anything else means that a resolver returned something that is no record. */
export function asRecord(source: unknown): RecordRow {
  if (source instanceof RecordRow) return source;
  throw new TypeError('A field of a record type was resolved on something that is no record.');
}

const plain = (type: DeclaredType): ValueKind => ({
  type,
  columns: (name) => [name],
  read: (row, name) => row.columns[name],
});

/** Text as it stands in the column. */
export const text = plain(() => String);

/** True or false. */
export const flag = plain(() => Boolean);

/** A number with a fraction. */
export const decimal = plain(() => Float);

/** A whole number. */
export const whole = plain(() => Int);

/** A list of texts. */
export const textList = plain(() => [String]);

/** One of an enum's names. */
export const oneOf = (values: object): ValueKind => plain(() => values);

/** The labels shown on a record. */
export const labelList = plain(() => [Label]);

/** How far a record has been reviewed. */
export const reviewStatus = plain(() => ReviewStatus);

/** The record's own id, which every statement selects. */
export const recordId: ValueKind = { type: () => ID, columns: () => [], read: (row) => row.id };

/** The id of the custodian that serves the record. */
export const custodianId: ValueKind = {
  type: () => String,
  columns: () => [],
  read: (_row, _name, request) => request.subgraph.custodian,
};

/** A partial date, in `<name>_value` and `<name>_basis`; its precision is the length of what is written. */
export const partialDate: ValueKind = {
  type: () => PartialDate,
  columns: (name) => [`${name}_value`, `${name}_basis`],
  read: (row, name) => {
    const value = row.columns[`${name}_value`];
    if (typeof value !== 'string') return null;
    const precision = value.length === 4 ? 'YEAR' : value.length === 7 ? 'MONTH' : 'DAY';
    return { value, precision, basis: row.columns[`${name}_basis`] };
  },
};

/** A name in its parts, as JSON. */
export const personName = plain(() => PersonName);

/** A facility of the reference list, by its code; all facilities of a request are one statement. */
export const facility: ValueKind = {
  type: () => Facility,
  columns: (name) => [name],
  read: (row, name, request) => {
    const code = row.columns[name];
    if (typeof code !== 'string') return null;
    return request.facilities.load('facilities', code, async (codes) => {
      // The reference list holds no records: any visible label set will do to open a reading session.
      const rows = await request.read<Facility>(new Set([row.labelSet]), facilitiesByCode(codes));
      return new Map(rows.map((found) => [found.code, found]));
    });
  },
};

const facilitiesByCode = (codes: readonly string[]) =>
  compile(sql`
    select code, name_en as "nameEn", name_ar as "nameAr", agency, kind, governorate, aliases
    from facilities where code = any(${codes}::text[])`);
