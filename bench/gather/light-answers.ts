import {
  type ArgumentNode,
  type FieldNode,
  Kind,
  type SelectionSetNode,
  getOperationAST,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { type ListPosition, compareRows } from '../../src/gateway/gather/rows.ts';
import type { ListRow } from './archive.ts';

/** A question to a light host. */
export interface LightQuestion {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface LightPage {
  readonly rows: readonly ListRow[];
  readonly hasMore: boolean;
}

type Write<Value> = (value: Value) => unknown;
type Answer = (rows: readonly ListRow[], variables: LightQuestion['variables']) => unknown;

const known = new Map<string, Answer>();

/** Answers a question for pages of photographs, read once for all its values. */
export function answerLightly(rows: readonly ListRow[], { query, variables }: LightQuestion): unknown {
  const answer = known.get(query) ?? readQuery(query);
  known.set(query, answer);
  return answer(rows, variables);
}

function readQuery(query: string): Answer {
  const operation = getOperationAST(parse(query));
  const roots = fieldsOf(operation?.selectionSet).map((field) => {
    if (field.name.value !== 'photographs') throw new Error(`no field ${field.name.value}`);
    return { key: keyOf(field), page: readPage(field), write: writeAll(field.selectionSet, PAGE) };
  });
  return (rows, variables) => ({
    data: Object.fromEntries(roots.map(({ key, page, write }) => [key, write(page(rows, variables))])),
  });
}

function readPage({ arguments: given = [] }: FieldNode) {
  const reading = (name: string) => {
    const argument = given.find((one) => one.name.value === name);
    return (variables: LightQuestion['variables']) => argument && valueOf(argument, variables);
  };
  const [first, afterRecord] = [reading('first'), reading('afterRecord')];
  return (rows: readonly ListRow[], variables: LightQuestion['variables']): LightPage => {
    const after = afterRecord(variables) as ListPosition | null | undefined;
    const begin = after ? placeAfter(rows, after) : 0;
    const end = begin + Number(first(variables) ?? 20);
    return { rows: rows.slice(begin, end), hasMore: end < rows.length };
  };
}

const valueOf = ({ value }: ArgumentNode, variables: LightQuestion['variables']): unknown =>
  value.kind === Kind.VARIABLE ? variables[value.name.value] : valueFromASTUntyped(value);

/** How many rows do not come after a position. */
function placeAfter(rows: readonly ListRow[], position: ListPosition): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && compareRows(row, position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Writers<Value> = Readonly<Record<string, (field: FieldNode) => Write<Value>>>;

const NODE: Writers<ListRow> = {
  id:
    () =>
    ({ node }) =>
      node.id,
  custodian:
    () =>
    ({ node }) =>
      node.custodian,
  place:
    () =>
    ({ node }) =>
      node.place,
};

const EDGE: Writers<ListRow> = {
  sortKey:
    () =>
    ({ sortKey }) =>
      sortKey,
  recordId:
    () =>
    ({ id }) =>
      id,
  node: (field) => writeAll(field.selectionSet, NODE),
};

const PAGE: Writers<LightPage> = {
  edges: (field) => {
    const write = writeAll(field.selectionSet, EDGE);
    return ({ rows }) => rows.map(write);
  },
  pageInfo: (field) =>
    writeAll(field.selectionSet, {
      hasNextPage:
        () =>
        ({ hasMore }: LightPage) =>
          hasMore,
    }),
};

function writeAll<Value>(set: SelectionSetNode | undefined, writers: Writers<Value>): Write<Value> {
  const fields = fieldsOf(set).map((field) => {
    const write = writers[field.name.value]?.(field);
    if (!write) throw new Error(`no field ${field.name.value}`);
    return [keyOf(field), write] as const;
  });
  return (value) => {
    const written: Record<string, unknown> = {};
    for (const [key, write] of fields) written[key] = write(value);
    return written;
  };
}

const fieldsOf = (set: SelectionSetNode | undefined): FieldNode[] =>
  (set?.selections ?? []).filter((node) => node.kind === Kind.FIELD);

const keyOf = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;
