import {
  type ArgumentNode,
  type GraphQLArgument,
  type GraphQLInputType,
  Kind,
  getNamedType,
  isListType,
  isNonNullType,
} from 'graphql';
import { OWN } from './ast.ts';

/** A place's variables: how many rows are asked for, and after which. */
export const firstAt = (place: string): string => `${OWN}first_${nameOf(place)}`;
export const afterAt = (place: string): string => `${OWN}after_${nameOf(place)}`;

/**
 * The variable of an argument as one host may see it: one for all places that are given the same, or a long filter would
 * be sent as often as it is used. What is left out is its own default at each.
 */
export const argumentAt = (
  place: string,
  { name, value }: ArgumentNode,
  { type, defaultValue }: GraphQLArgument,
): string =>
  value.kind === Kind.VARIABLE && defaultValue === undefined
    ? `${OWN}same_${nameOf(value.name.value)}${wrapping(type)}${getNamedType(type).name}`
    : `${OWN}given_${nameOf(`${place}.${name.value}`)}`;

function wrapping(type: GraphQLInputType): string {
  if (isNonNullType(type)) return `n${wrapping(type.ofType)}`;
  return isListType(type) ? `l${wrapping(type.ofType)}` : '_';
}

/** Each key begins with its length, so that no two places have one name. */
const nameOf = (place: string): string =>
  place
    .split('.')
    .map((key) => `${key.length}${key}`)
    .join('');
