import { type ASTNode, type DocumentNode, Kind } from 'graphql';
import { ListedError } from '../../protocol/errors.ts';

/** How many nodes of a document may stand within each other: a level of fields takes two, one of a literal up to three. */
const DEEPEST = 300;

/** Throws `OPERATION_TOO_COSTLY` where a document is nested so deeply that what recurses through it could run out of stack. */
export function refuseDeepDocument(document: DocumentNode): void {
  refuseDeep(document, 1);
}

function refuseDeep(node: ASTNode, depth: number): void {
  if (depth > DEEPEST) throw new ListedError('OPERATION_TOO_COSTLY');
  if (node.kind === Kind.NAME) return;
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value) refuseDeep(item, depth + 1);
    else if (isNode(value)) refuseDeep(value, depth + 1);
  }
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
