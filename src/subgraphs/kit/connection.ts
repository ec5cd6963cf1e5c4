import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Field, FieldResolver, Int, Query } from 'type-graphql';
import { both } from '../../protocol/requirements.ts';
import { type AskedList, ConnectionRead, CountsRead } from './connection-read.ts';
import { Reads } from './declared-reads.ts';
import type { DeclaredType } from './declared-type.ts';
import { AFTER_RECORD, ListPosition } from './list-position.ts';
import { DEFAULT_PAGE } from './page.ts';
import type { EventSource } from './person-events.ts';
import { RecordRow } from './record-row.ts';
import type { ListSource, RecordSource, Relation } from './record-source.ts';
import { type Resolve, ResolvedBy } from './resolved-by.ts';
import { Summed } from './tiers.ts';

/** Declares a root field: the list of all records of a type that the viewer may see. */
export const Root =
  (source: () => RecordSource, description: string): PropertyDecorator =>
  (prototype, property) => {
    Query(() => source().connection, { nullable: true, description })(prototype, property, {});
    declareList(source, undefined, prototype, property);
    declareFilter(source, prototype, property);
  };

/** Declares an edge, in a `@Resolver` class of the parent's type: the list of the records that hang on the parent. */
export const Related =
  (source: () => RecordSource, relation: Relation, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => source().connection, { nullable: true, description })(prototype, property, {});
    declareList(source, relation, prototype, property);
    declareFilter(source, prototype, property);
  };

/** Declares, in a `@Resolver` class of the type `Person`, the list of the events that a custodian's records tell of a person. */
export const Events =
  (source: () => EventSource, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => source().connection, { nullable: true, description })(prototype, property, {});
    Reads(() => source().reads)(prototype, property);
    declareList(source, { column: 'person' }, prototype, property);
  };

/** Declares a number, in a `@Resolver` class of the parent's type: how many of the records that hang on it the viewer may see. */
export const Counted =
  (source: () => RecordSource, relation: Relation, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => Int, { nullable: true, description })(prototype, property, {});
    ResolvedBy(counting(source, relation))(prototype, property);
  };

/** Declares, in a `@Resolver` class of the type `Person`, how many records there are of each kind, in a class of `CountOf` fields. */
export const Counts =
  (type: DeclaredType, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(type, { nullable: true, description })(prototype, property, {});
    ResolvedBy((parent, _values, request, info) => new CountsRead(idOf(parent), request.requirementOf(info)))(
      prototype,
      property,
    );
  };

/**
 * Declares one of the counts of a person: how many records the viewer may see in the edge of `Person` with the same name;
 * at all hosts of the subgraph together.
 */
export const CountOf =
  (source: () => RecordSource, relation: Relation): PropertyDecorator =>
  (prototype, property) => {
    Field(() => Int, { nullable: true })(prototype, property);
    Summed(prototype, String(property));
    Reads(() => [`Person.${String(property)}`])(prototype, property);
    ResolvedBy(counting(source, relation))(prototype, property);
  };

const counting =
  (source: () => RecordSource, relation: Relation): Resolve =>
  (parent, _values, request, info) => {
    const list = { source: source(), coordinate: coordinateOf(info), values: {}, relation, ...hangingOn(parent) };
    const inherited = parent instanceof CountsRead ? parent.requirement : [];
    return new ConnectionRead(request, list, both(inherited, request.requirementOf(info))).totalCount;
  };

function declareFilter(source: () => RecordSource, prototype: object, property: string | symbol): void {
  Arg('filter', () => source().filter, { nullable: true })(prototype, property, 3);
}

function declareList(
  source: () => ListSource,
  relation: Relation | undefined,
  prototype: object,
  property: string | symbol,
): void {
  const options = { nullable: true };
  Arg('first', () => Int, { ...options, defaultValue: DEFAULT_PAGE, description: 'How many records: 1 to 200.' })(
    prototype,
    property,
    0,
  );
  Arg('after', () => String, { ...options, description: 'The endCursor of the page before.' })(prototype, property, 1);
  Arg(AFTER_RECORD, () => ListPosition, { ...options, description: 'The row after which the page begins.' })(
    prototype,
    property,
    2,
  );
  const resolve: Resolve = (parent, values, request, info) => {
    const list = { source: source(), coordinate: coordinateOf(info), values };
    const requirement = request.requirementOf(info, values);
    return new ConnectionRead(
      request,
      relation ? { ...list, relation, ...hangingOn(parent) } : { ...list, parent: '' },
      requirement,
    );
  };
  ResolvedBy(resolve)(prototype, property);
}

const coordinateOf = ({ parentType, fieldName }: GraphQLResolveInfo): string => `${parentType.name}.${fieldName}`;

const hangingOn = (parent: unknown): Pick<AskedList, 'parent' | 'parentLabelSet'> => ({
  parent: idOf(parent),
  ...(parent instanceof RecordRow && { parentLabelSet: parent.labelSet }),
});

function idOf(parent: unknown): string {
  if (typeof parent === 'object' && parent !== null && 'id' in parent && typeof parent.id === 'string')
    return parent.id;
  throw new TypeError('A list was asked for on something without an id.');
}
