import { type DocumentNode, GraphQLError, type ValidationRule, visit } from 'graphql';

/** How many nodes of a document may stand within each other: a level of fields takes two, one of a literal up to three. */
const DEEPEST = 300;

/** Refuses documents nested so deeply that the other rules, which recurse through them, could run out of stack. */
export const NotTooDeepRule: ValidationRule = (context) => ({
  Document(node) {
    if (!isTooDeep(node)) return;
    const error = new GraphQLError('The document is nested too deeply.', { nodes: [] });
    // A second error is one more than is looked for, and ends validation before it goes any deeper.
    context.reportError(error);
    context.reportError(error);
  },
});

function isTooDeep(document: DocumentNode): boolean {
  let [depth, deepest] = [0, 0];
  visit(document, {
    enter() {
      depth += 1;
      deepest = Math.max(deepest, depth);
    },
    leave() {
      depth -= 1;
    },
  });
  return deepest > DEEPEST;
}
