import type { GraphQLResolveInfo } from 'graphql';
import { Arg, FieldResolver, Int, Query } from 'type-graphql';
import { type AskedList, ConnectionRead } from './connection-read.ts';
import { DEFAULT_PAGE } from './page.ts';
import { RecordRow } from './record-row.ts';
import type { RecordSource, Relation } from './record-source.ts';
import { type Resolve, ResolvedBy } from './resolved-by.ts';

/** Declares a root field: the list of all records of a type that the viewer may see. */
export const Root =
  (source: () => RecordSource, description: string): PropertyDecorator =>
  (prototype, property) => {
    Query(() => source().connection, { nullable: true, description })(prototype, property, {});
    declareList(source, undefined, prototype, property);
  };

/** Declares an edge, in a `@Resolver` class of the parent's type: the list of the records that hang on the parent. */
export const Related =
  (source: () => RecordSource, relation: Relation, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => source().connection, { nullable: true, description })(prototype, property, {});
    declareList(source, relation, prototype, property);
  };

/** Declares a number, in a `@Resolver` class of the parent's type: how many of the records that hang on it the viewer may see. */
export const Counted =
  (source: () => RecordSource, relation: Relation, description: string): PropertyDecorator =>
  (prototype, property) => {
    FieldResolver(() => Int, { nullable: true, description })(prototype, property, {});
    ResolvedBy((parent, _values, request, info) => {
      const list = { source: source(), coordinate: coordinateOf(info), values: {}, relation, ...hangingOn(parent) };
      return new ConnectionRead(request, list, request.requirementOf(info)).totalCount;
    })(prototype, property);
  };

function declareList(
  source: () => RecordSource,
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
  Arg('filter', () => source().filter, options)(prototype, property, 2);
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
