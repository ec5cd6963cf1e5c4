import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { Extensions } from 'type-graphql';
import type { ViewerRequest } from './viewer-request.ts';

/** How a field gets its value; what it answers is checked against the schema by GraphQL. */
export type Resolve = GraphQLFieldResolver<unknown, ViewerRequest, Record<string, unknown>>;

const KEY = 'amanaResolve';

/** Gives a field of a type-graphql class the function that resolves it, in place of a method. */
export const ResolvedBy = (resolve: Resolve): PropertyDecorator => Extensions({ [KEY]: resolve });

/** Puts the functions given by `ResolvedBy` in the place of type-graphql's own. The schema is changed in place. */
export function resolveAsGiven(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()).filter((type) => isObjectType(type))) {
    // Records are rows, never instances of their class.
    type.isTypeOf = null;
    for (const field of Object.values(type.getFields())) {
      const resolve: unknown = field.extensions[KEY];
      if (isResolve(resolve)) field.resolve = resolve;
    }
  }
}

const isResolve = (value: unknown): value is Resolve => typeof value === 'function';
