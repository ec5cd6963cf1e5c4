import type { CompositionRule } from '../composition-rules.ts';
import { isRequiresScopes } from '../directive-arguments.ts';
import type { SchemaElement } from '../schema-elements.ts';

/** Rules by which nothing of a custodian is reached but past one of its guards, and nothing of a record but by its own. */
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
  {
    id: 'record-fields-guarded',
    says: 'Every field of a record, a type whose id is guarded, needs a scope: it has a tier of sensitivity.',
    *violations({ elements }) {
      const fields = elements.filter((element) => element.kind === 'field');
      const isGuarded = ({ directives }: SchemaElement): boolean => directives.some(isRequiresScopes);
      const types = new Set(
        elements.filter((one) => one.kind === 'type' && isGuarded(one)).map(({ coordinate }) => coordinate),
      );
      const records = new Set(
        fields.filter((one) => one.node.name.value === 'id' && isGuarded(one)).map(({ type }) => type),
      );
      for (const field of fields) {
        if (records.has(field.type) && !types.has(field.type) && !isGuarded(field))
          yield `${field.coordinate} needs no scope`;
      }
    },
  },
];

/** What a subgraph library may print with the schema (Federation subgraph specification). */
const FEDERATIONS_OWN: ReadonlySet<string> = new Set(['Query._service', 'Query._entities']);
