import { type DocumentNode, visit } from 'graphql';
import { ListedError } from '../../protocol/errors.ts';

/** How many nodes of a document may stand within each other: a level of fields takes two, one of a literal up to three. */
const DEEPEST = 300;

/** Throws `OPERATION_TOO_COSTLY` where a document is nested so deeply that what recurses through it could run out of stack. */
export function refuseDeepDocument(document: DocumentNode): void {
  let depth = 0;
  visit(document, {
    enter() {
      depth += 1;
      if (depth > DEEPEST) throw new ListedError('OPERATION_TOO_COSTLY');
    },
    leave() {
      depth -= 1;
    },
  });
}
