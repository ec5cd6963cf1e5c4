import type { JsonObject } from '../json-object.ts';
import type { Row } from './rows.ts';
import { type SelectedPage, type SelectedPart, edgeKey, nodeKey } from './selected-page.ts';

/** A page that has come together. */
export interface WholePage {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly hasPrevious: boolean;
  /** Null where it is not known. */
  readonly total: number | null;
  cursorOf(row: Row): string;
}

/** Writes a page in the shape in which it was asked for (GraphQL Cursor Connections Specification §3 to §5). */
export function writePage(asked: SelectedPage, page: WholePage): JsonObject {
  const { rows } = page;
  return Object.fromEntries([
    ...asked.typenames.map(({ key }) => [key, asked.connection] as const),
    ...asked.totals.map(({ key }) => [key, page.total] as const),
    ...asked.nodes.map(({ key }) => [key, rows.flatMap(({ edge }) => edge[nodeKey(key)] ?? [])] as const),
    ...asked.edges.map(({ key, parts }) => [key, rows.map((row) => edgeOf(asked, page, key, parts, row))] as const),
    ...asked.information.map(({ key, parts }) => [key, informationOf(asked, page, parts)] as const),
  ]);
}

function edgeOf(
  asked: SelectedPage,
  page: WholePage,
  key: string,
  parts: readonly SelectedPart[],
  row: Row,
): JsonObject {
  const values: Readonly<Record<string, (part: SelectedPart) => unknown>> = {
    node: (part) => row.edge[edgeKey(key, part.key)] ?? null,
    cursor: () => page.cursorOf(row),
    __typename: () => asked.edge,
  };
  return Object.fromEntries(parts.map((part) => [part.key, values[part.name]?.(part) ?? null]));
}

function informationOf(asked: SelectedPage, page: WholePage, parts: readonly SelectedPart[]): JsonObject {
  const [start, end] = [page.rows[0], page.rows.at(-1)];
  const values: Readonly<Record<string, () => unknown>> = {
    hasNextPage: () => page.hasMore,
    hasPreviousPage: () => page.hasPrevious,
    startCursor: () => start && page.cursorOf(start),
    endCursor: () => end && page.cursorOf(end),
    __typename: () => asked.pageInfo,
  };
  return Object.fromEntries(parts.map(({ key, name }) => [key, values[name]?.() ?? null]));
}
