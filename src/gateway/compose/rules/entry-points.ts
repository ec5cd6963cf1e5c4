import type { CompositionRule } from '../composition-rules.ts';
import { isRequiresScopes } from '../directive-arguments.ts';

/** The rule by which nothing of a custodian is reached but past one of its guards. */
export const entryPointRules: readonly CompositionRule[] = [
  {
    id: 'entry-points-guarded',
    says: 'Every field of Query and, but for its id, of Person needs a scope: each way into a custodian passes a guard of its own.',
    *violations({ elements }) {
      for (const element of elements) {
        if (element.kind !== 'field' || !['Query', 'Person'].includes(element.type)) continue;
        if (FEDERATIONS_OWN.has(element.coordinate) || element.coordinate === 'Person.id') continue;
        if (!element.directives.some(isRequiresScopes)) yield `${element.coordinate} needs no scope`;
      }
    },
  },
];

/** What a subgraph library may print with the schema (Federation subgraph specification). */
const FEDERATIONS_OWN: ReadonlySet<string> = new Set(['Query._service', 'Query._entities']);
