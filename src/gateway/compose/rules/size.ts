import type { CompositionRule } from '../composition-rules.ts';

const MOST_PAIRS = 1_000;

/** The rule by which no schema takes time and memory out of all proportion to its length. */
export const sizeRules: readonly CompositionRule[] = [
  {
    id: 'few-possible-types',
    says: `Types implement interfaces, and are members of unions, at most ${MOST_PAIRS} times in all: whoever composes and plans goes through each.`,
    *violations({ elements }) {
      const pairs = elements.reduce((sum, element) => {
        if (element.kind !== 'type') return sum;
        const interfaces = 'interfaces' in element.node ? (element.node.interfaces?.length ?? 0) : 0;
        const members = 'types' in element.node ? (element.node.types?.length ?? 0) : 0;
        return sum + interfaces + members;
      }, 0);
      if (pairs > MOST_PAIRS) yield `its types implement interfaces or are members of unions ${pairs} times`;
    },
  },
];
