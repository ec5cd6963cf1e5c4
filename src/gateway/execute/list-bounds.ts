import { getArgumentValues } from 'graphql';
import type { SelectedField } from './selected-fields.ts';

/** What a field's arguments say about how long the lists of its answer may be. */
export interface GivenBounds {
  /** Items of the page that is asked for. */
  readonly first: number | undefined;
  /** Items of the longest list that it is asked by (`ids`). */
  readonly longest: number | undefined;
}

/** How long a list may be that no argument of the operation bounds. */
export const LONGEST_LIST = 1_000;

/** The bounds that a field's arguments set. */
export function givenBounds(
  { definition, node }: SelectedField,
  variables: Readonly<Record<string, unknown>>,
): GivenBounds {
  if (!definition) return { first: undefined, longest: undefined };
  const { first, ...others } = getArgumentValues(definition, node, variables);
  const lists = Object.values(others).filter((value) => Array.isArray(value));
  return {
    first: typeof first === 'number' ? first : undefined,
    longest: lists.length > 0 ? Math.max(...lists.map(({ length }) => length)) : undefined,
  };
}
