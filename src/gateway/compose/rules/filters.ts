import { Kind } from 'graphql';
import type { CompositionRule } from '../composition-rules.ts';
import {
  AMANA,
  FEDERATION,
  argumentOf,
  guardingField,
  isGuardedBy,
  isRequiresScopes,
  namedTypeOf,
} from '../directive-arguments.ts';
import type { SchemaElement } from '../schema-elements.ts';
import type { SubgraphSchema } from '../subgraph-schema.ts';

/** Arguments that page through a list, and lookups by an id, read no field. */
const PAGING: ReadonlySet<string> = new Set(['first', 'after']);
const LOOKUPS: ReadonlySet<string> = new Set(['id', 'ids']);

/** Rules by which a filter needs the permission of what it reads: otherwise it is an oracle. */
export const filterRules: readonly CompositionRule[] = [
  {
    id: 'filters-guarded',
    says: 'Every argument and input field that filters, sorts or counts says with @guardedBy which field it reads; only first, after and lookups by id need not.',
    *violations(schema) {
      for (const element of filterElements(schema)) {
        if (!element.directives.some(isGuardedBy)) yield `${element.coordinate} is not @guardedBy a field`;
      }
    },
  },
  {
    id: 'guarded-by-a-field',
    says: 'A @guardedBy names a field of the same schema, as "Type.field", and that field is guarded itself.',
    *violations({ elements }) {
      const guarded = elements.filter(({ kind, directives }) => kind === 'field' && directives.some(isRequiresScopes));
      const fields = new Set(guarded.map(({ coordinate }) => coordinate));
      for (const { coordinate, directives } of elements) {
        for (const directive of directives.filter(isGuardedBy)) {
          if (!fields.has(guardingField(directive)))
            yield `${coordinate} is guarded by something that is no guarded field of the schema`;
        }
      }
    },
  },
  {
    id: 'guarded-by-composed',
    says: '@guardedBy keeps its name, is repeatable, and is composed with @composeDirective: otherwise it would vanish in composition without a word.',
    *violations({ elements, document, links }) {
      const used = elements.flatMap(({ directives }) => directives).filter(isGuardedBy);
      if (used.length === 0) return;
      if (used.some(({ localName }) => localName !== 'guardedBy')) yield 'import @guardedBy under its own name';
      const definition = document.definitions.find(
        (node) => node.kind === Kind.DIRECTIVE_DEFINITION && links.directive(node.name.value)?.specification === AMANA,
      );
      if (definition?.kind === Kind.DIRECTIVE_DEFINITION && !definition.repeatable)
        yield 'define @guardedBy as repeatable';
      const composed = document.definitions
        .flatMap((node) =>
          node.kind === Kind.SCHEMA_EXTENSION || node.kind === Kind.SCHEMA_DEFINITION ? (node.directives ?? []) : [],
        )
        .map((node) => ({ localName: node.name.value, element: links.directive(node.name.value), node }))
        .filter(({ element }) => element?.specification === FEDERATION && element.name === 'composeDirective')
        .map((directive) => argumentOf(directive, 'name'));
      if (!composed.includes('@guardedBy')) yield 'add @composeDirective(name: "@guardedBy") to the schema';
    },
  },
];

/**
 * The arguments of fields that return objects, and through input types the input fields, that may hold a filter's value.
 * A guard on the way in holds for what is inside: a range's `from` and `to` read the field that the range filters by.
 */
function* filterElements(schema: SubgraphSchema): Generator<SchemaElement> {
  const inputFields = Map.groupBy(
    schema.elements.filter((element) => element.kind === 'inputField'),
    ({ type }) => type,
  );
  const objects = new Set(
    schema.elements
      .filter((element) => element.kind === 'type' && COMPOSITES.has(element.node.kind))
      .map(({ coordinate }) => coordinate),
  );
  const returnsObjects = new Set(
    schema.elements
      .filter((element) => element.kind === 'field' && objects.has(namedTypeOf(element.node.type)))
      .map(({ coordinate }) => coordinate),
  );
  const entered = new Set<string>();
  function* within(element: SchemaElement & { kind: 'argument' | 'inputField' }): Generator<SchemaElement> {
    const type = namedTypeOf(element.node.type);
    const fields = inputFields.get(type);
    if (!fields || element.directives.some(isGuardedBy)) {
      yield element;
    } else if (!entered.has(type)) {
      entered.add(type);
      for (const field of fields) yield* within(field);
    }
  }
  for (const element of schema.elements) {
    if (element.kind !== 'argument' || !returnsObjects.has(element.field)) continue;
    const name = element.node.name.value;
    const isLookup = LOOKUPS.has(name) && namedTypeOf(element.node.type) === 'ID';
    if (!PAGING.has(name) && !isLookup) yield* within(element);
  }
}

const COMPOSITES: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.UNION_TYPE_EXTENSION,
]);
