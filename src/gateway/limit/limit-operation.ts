import { GraphQLInt, SchemaMetaFieldDef, getNullableType, isListType } from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import type { GatewayConfiguration } from '../configuration.ts';
import type { AskedField, AskedSelection } from '../resolve/expand-selections.ts';

/** What one page of a connection may hold, and what it holds where nothing is said (access-wide contract of custodians). */
const LARGEST_PAGE = 200;
const USUAL_PAGE = 20;

/** The limits of an operation; custodians have agreed on how large a page may be, elsewhere it is as costly as it is large. */
export type OperationLimits = Pick<GatewayConfiguration['limits'], 'depth' | 'aliases' | 'cost'> & {
  readonly anyPage?: boolean;
};

/** How many fields an operation may ask for, fragments spread out: planning takes time with each, in which nobody else is served. */
export const MOST_FIELDS = 5_000;

/** What a list is taken to hold whose length nothing in the operation tells. */
const ASSUMED_LENGTH = 10;

/**
 * Bounds what one operation may ask for: depth, aliases, and cost, which is the number of values that the answer may hold
 * (pages multiplied through nesting). Introspection costs like anything else, is as deep as validation allows, and asks
 * for the whole schema once: it takes no alias below its roots, and no list of types or fields within another. Throws `PAGE_TOO_LARGE` or
 * `OPERATION_TOO_COSTLY`.
 */
export function limitOperation(selections: readonly AskedSelection[], limits: OperationLimits): void {
  const aliases = new Set<object>();
  const measure = (within: readonly AskedSelection[], depth: number, inPage: boolean, inMembers = false): number =>
    within.reduce((sum, selection) => {
      if (selection.kind === 'fragment') return sum + measure(selection.selections, depth, inPage, inMembers);
      const introspects = isIntrospection(selection);
      if (selection.node.alias) {
        if (introspects) throw new ListedError('OPERATION_TOO_COSTLY');
        aliases.add(selection.node);
      }
      if (depth > limits.depth || aliases.size > limits.aliases) throw new ListedError('OPERATION_TOO_COSTLY');
      const listsMembers = introspects && MEMBERS.has(selection.definition.name);
      if (listsMembers && inMembers) throw new ListedError('OPERATION_TOO_COSTLY');
      const page = pageOf(selection, limits.anyPage === true);
      const inside = selection.selections
        ? measure(selection.selections, introspects ? depth : depth + 1, page !== undefined, inMembers || listsMembers)
        : 0;
      return sum + 1 + (page ?? lengthOf(selection, inPage)) * inside;
    }, 0);
  if (measure(selections, 1, false) > limits.cost) throw new ListedError('OPERATION_TOO_COSTLY');
}

/** What is asked of the schema itself ("Schema Introspection"); the types asked for by name may be told apart by aliases. */
const isIntrospection = ({ parent, definition }: AskedField): boolean =>
  parent.name.startsWith('__') || definition === SchemaMetaFieldDef;

/** The lists by which one type leads to many others. */
const MEMBERS: ReadonlySet<string> = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);

/** The page that a connection field asks for; undefined for a field that takes no `first`. */
function pageOf({ definition, arguments: given, path }: AskedField, isAny: boolean): number | undefined {
  if (!definition.args.some(({ name, type }) => name === 'first' && getNullableType(type) === GraphQLInt))
    return undefined;
  const { first = USUAL_PAGE } = given;
  if (first === null) return USUAL_PAGE;
  // What none or less means is the subgraph's own affair: it may be all.
  if (isAny) return Number(first) > 0 ? Number(first) : ASSUMED_LENGTH;
  if (typeof first !== 'number' || first < 1 || first > LARGEST_PAGE) throw new ListedError('PAGE_TOO_LARGE', { path });
  return first;
}

/** A list's length: counted already by the page it is in, or that of the list it is asked for with (`ids`). */
function lengthOf({ definition, arguments: given }: AskedField, inPage: boolean): number {
  if (inPage || !isListType(getNullableType(definition.type))) return 1;
  const lists = Object.values(given).flatMap((value) => (Array.isArray(value) ? [value.length] : []));
  return lists.length > 0 ? Math.max(...lists) : ASSUMED_LENGTH;
}
