import { type DocumentNode, Kind, Lexer, OperationTypeNode, Source, TokenKind, getOperationAST, visit } from 'graphql';
import { OPERATION_BOUNDS } from '../../protocol/operation-bounds.ts';
import type { FetchPart } from './fetch-part.ts';

/** What a part takes of a question that it goes in with others. */
interface Size {
  readonly tokens: number;
  readonly fields: number;
  /** Of its variables, in bytes. */
  readonly variables: number;
}

/** `query ( ) { }` */
const FRAME: Size = { tokens: 5, fields: 0, variables: 0 };

/** A document of so few tokens takes less than half of a body: the other half is for variables. */
const BOUNDS: Size = {
  tokens: OPERATION_BOUNDS.tokens,
  fields: OPERATION_BOUNDS.fields,
  variables: OPERATION_BOUNDS.bytes / 2,
};

/** What goes as one question: mutations alone, of queries as many together as a custodian takes. */
export function groupParts<Waiting extends { readonly part: FetchPart }>(waiting: readonly Waiting[]): Waiting[][] {
  if (waiting.length === 1) return [[...waiting]];
  const groups: Waiting[][] = [];
  let open: { readonly group: Waiting[]; size: Size } | undefined;
  for (const one of waiting) {
    if (getOperationAST(one.part.document)?.operation !== OperationTypeNode.QUERY) {
      groups.push([one]);
      continue;
    }
    const own = sizeOf(one.part);
    if (!open || !isWithin(sum(open.size, own))) {
      open = { group: [], size: FRAME };
      groups.push(open.group);
    }
    open.group.push(one);
    open.size = sum(open.size, own);
  }
  return groups;
}

const sum = (one: Size, other: Size): Size => ({
  tokens: one.tokens + other.tokens,
  fields: one.fields + other.fields,
  variables: one.variables + other.variables,
});

const isWithin = ({ tokens, fields, variables }: Size): boolean =>
  tokens <= BOUNDS.tokens && fields <= BOUNDS.fields && variables <= BOUNDS.variables;

const sizeOf = ({ document, query, keys, variables }: FetchPart): Size => ({
  ...documentSize(keys?.document ?? document, keys?.query ?? query),
  variables: Buffer.byteLength(JSON.stringify(variables)),
});

type DocumentSize = Omit<Size, 'variables'>;

/** By document, which lives as long as its plan. */
const known = new WeakMap<DocumentNode, DocumentSize>();

function documentSize(document: DocumentNode, query: string): DocumentSize {
  const size = known.get(document) ?? measure(document, query);
  known.set(document, size);
  return size;
}

/** Each root needs a name of its own beside others: two more tokens. */
function measure(document: DocumentNode, query: string): DocumentSize {
  const lexer = new Lexer(new Source(query));
  let tokens = 2 * (getOperationAST(document)?.selectionSet.selections.length ?? 0);
  while (lexer.advance().kind !== TokenKind.EOF) tokens += 1;
  let fields = 0;
  visit(document, { [Kind.FIELD]: () => void (fields += 1) });
  return { tokens, fields };
}
