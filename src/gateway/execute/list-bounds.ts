import { getArgumentValues } from 'graphql';
import type { SelectedField } from './selected-fields.ts';

/** How long the lists of one field's answer may be. */
export interface ListBounds {
  /** Items of the page that the field itself asks for, where it does. */
  readonly page: number | undefined;
  readonly longest: number;
}

/** How long a list may be that no argument of the operation bounds. */
const LONGEST_LIST = 1_000;

/** The bounds that a field's arguments set, or the page that it is in; the longest list given bounds a list asked for by it (`ids`). */
export function listBounds(
  { definition, node }: SelectedField,
  variables: Readonly<Record<string, unknown>>,
  within: number | undefined,
): ListBounds {
  if (!definition || definition.args.length === 0) return { page: undefined, longest: within ?? LONGEST_LIST };
  const { first, ...others } = getArgumentValues(definition, node, variables);
  if (typeof first === 'number') return { page: first, longest: first };
  const lists = Object.values(others).filter((value) => Array.isArray(value));
  const given = lists.length > 0 ? Math.max(...lists.map(({ length }) => length)) : undefined;
  return { page: undefined, longest: within ?? given ?? LONGEST_LIST };
}
