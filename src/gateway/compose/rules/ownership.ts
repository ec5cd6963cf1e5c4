import { Kind } from 'graphql';
import type { CompositionRule } from '../composition-rules.ts';
import { FEDERATION, argumentOf, isDirective } from '../directive-arguments.ts';
import type { AppliedDirective, SchemaElement } from '../schema-elements.ts';
import type { SubgraphSchema } from '../subgraph-schema.ts';

/** The only type that custodians extend together. */
export const SHARED_ENTITY = 'Person';
/** The field by which a person is known. */
export const ENTITY_KEY = 'id';

/** Rules by which no custodian takes over, reads or adds to what is another's. */
export const ownershipRules: readonly CompositionRule[] = [
  {
    id: 'federation-2',
    says: 'A schema links Federation 2, so that its directives are known by what they link and not by how they are called.',
    *violations({ links }) {
      if (!links.version(FEDERATION)?.startsWith('v2.')) yield `link ${FEDERATION}/v2.9`;
    },
  },
  {
    id: 'queries-only',
    says: 'A schema offers queries, neither mutations nor subscriptions.',
    *violations({ elements, document }) {
      for (const { kind, coordinate } of elements) {
        if (kind === 'type' && ['Mutation', 'Subscription'].includes(coordinate)) yield `${coordinate} is not served`;
      }
      const roots = document.definitions.flatMap((node) =>
        node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.operationTypes ?? []) : [],
      );
      for (const { operation, type } of roots) {
        if (operation !== 'query' || type.name.value !== 'Query')
          yield `the ${operation} root ${type.name.value} is not served`;
      }
    },
  },
  {
    id: 'external-keys-only',
    says: '@external stands on nothing but the key of Person.',
    *violations({ elements }) {
      for (const { coordinate, directives } of elements) {
        const external = directives.some((directive) => isDirective(directive, 'external', FEDERATION));
        if (external && coordinate !== `${SHARED_ENTITY}.${ENTITY_KEY}`) yield `${coordinate} is @external`;
      }
    },
  },
  {
    id: 'person-is-the-only-entity',
    says: 'Person, by its id, is the only type with a @key.',
    *violations({ elements }) {
      for (const { kind, coordinate, directives } of elements) {
        for (const key of directives.filter((directive) => isDirective(directive, 'key', FEDERATION))) {
          const allowed = kind === 'type' && coordinate === SHARED_ENTITY && fieldsOf(key) === ENTITY_KEY;
          const other = coordinate === SHARED_ENTITY ? ` other than "${ENTITY_KEY}"` : '';
          if (!allowed) yield `${coordinate} has a @key${other}`;
        }
      }
    },
  },
  {
    id: 'own-types-only',
    says: "A type of two custodians is Person, Query, or a value type whose every field is @shareable; no field of Person or Query is two custodians'.",
    *violations(schema, others) {
      const elsewhere = new Set(
        others.flatMap((other) => [...outputFields(other)].map(({ coordinate }) => coordinate)),
      );
      const typesElsewhere = new Set(others.flatMap((other) => [...outputFields(other)].map(({ type }) => type)));
      const shareable = shareableTypes(schema);
      for (const field of outputFields(schema)) {
        const { type, coordinate } = field;
        if (type === 'Query' || type === SHARED_ENTITY) {
          const isKey = coordinate === `${SHARED_ENTITY}.${ENTITY_KEY}`;
          if (!isKey && elsewhere.has(coordinate)) yield `${coordinate} is another custodian's too`;
        } else if (typesElsewhere.has(type) && !shareable.has(type) && !isShareable(field)) {
          yield `${coordinate} is a field on another's type; a value type that both define is @shareable`;
        }
      }
    },
  },
];

function* outputFields({ elements }: SubgraphSchema): Generator<SchemaElement & { readonly kind: 'field' }> {
  for (const element of elements) if (element.kind === 'field') yield element;
}

const isShareable = ({ directives }: SchemaElement): boolean =>
  directives.some((directive) => isDirective(directive, 'shareable', FEDERATION));

const shareableTypes = ({ elements }: SubgraphSchema): ReadonlySet<string> =>
  new Set(
    elements.filter((element) => element.kind === 'type' && isShareable(element)).map(({ coordinate }) => coordinate),
  );

/** The selection of a `@key`, white space apart. */
const fieldsOf = (key: AppliedDirective): string => String(argumentOf(key, 'fields')).trim();
