import type { GraphQLResolveInfo } from 'graphql';
import { Field, FieldResolver } from 'type-graphql';
import { noteColumns } from './columns.ts';
import type { DeclaredType } from './declared-type.ts';
import { type RecordSource, linkedPersons, recordsBy } from './record-source.ts';
import type { RecordRow, SelectedRecord } from './record-row.ts';
import { ResolvedBy } from './resolved-by.ts';
import { asRecord } from './value-kinds.ts';
import type { ViewerRequest } from './viewer-request.ts';

interface To {
  /** The column of this record that holds the key. */
  readonly from: string;
  /** The column of the other record that is equal to it. */
  readonly to: string;
}

/** Declares an edge from a record to one other record; all those of a request that the same grants open are one statement. */
export const One =
  (source: () => RecordSource, { from, to }: To, description: string): PropertyDecorator =>
  (prototype, property) => {
    noteColumns(prototype.constructor, [from]);
    Field(() => source().type, { nullable: true, description })(prototype, property);
    ResolvedBy(async (parent, _values, request, info) => {
      const key = asRecord(parent).columns[from];
      return typeof key === 'string' ? recordBy(source(), to, key, asRecord(parent), request, info) : null;
    })(prototype, property);
  };

/**
 * Declares an edge, in a `@Resolver` class of the parent's type: the one record whose column holds the parent's id; all
 * those of a request are one statement.
 */
export const RelatedOne =
  (source: () => RecordSource, { column }: { readonly column: string }, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => source().type, { nullable: true, description })(prototype, property, {});
    ResolvedBy((parent, _values, request, info) =>
      recordBy(source(), column, asRecord(parent).id, asRecord(parent), request, info),
    )(prototype, property);
  };

function recordBy(
  source: RecordSource,
  column: string,
  key: string,
  { labelSet }: RecordRow,
  request: ViewerRequest,
  info: GraphQLResolveInfo,
): Promise<RecordRow | undefined> {
  const labelSets = request.access.clearing(labelSet).visibleLabelSets(request.requirementOf(info));
  const batch = JSON.stringify([source.name, column, [...labelSets]]);
  return request.records.load(batch, key, async (keys) => {
    const rows = await request.read<SelectedRecord>(labelSets, recordsBy(source, column, keys));
    return new Map(request.enter(rows).map((row) => [String(row.columns['matched']), row]));
  });
}

/** Declares the edge from a record to the person it is about, by this custodian's links. */
export const LinkedPerson =
  (person: DeclaredType, description: string): PropertyDecorator =>
  (prototype, property) => {
    Field(person, { nullable: true, description })(prototype, property);
    ResolvedBy(async (parent, _values, request, info) => {
      const labelSets = request.visibleTo(info);
      const type = info.parentType.name;
      const batch = JSON.stringify([type, [...labelSets]]);
      const id = await request.persons.load(batch, asRecord(parent).id, async (ids) => {
        const rows = await request.read<{ record_id: string; person: string }>(labelSets, linkedPersons(type, ids));
        return new Map(rows.map((row) => [row.record_id, row.person]));
      });
      return id === undefined ? null : { id };
    })(prototype, property);
  };

/** Declares the edge from a record to the person whose id stands in one of its own columns. */
export const PersonIn =
  (column: string, person: DeclaredType, description: string): PropertyDecorator =>
  (prototype, property) => {
    noteColumns(prototype.constructor, [column]);
    Field(person, { nullable: true, description })(prototype, property);
    ResolvedBy((parent) => {
      const id = asRecord(parent).columns[column];
      return typeof id === 'string' ? { id } : null;
    })(prototype, property);
  };
