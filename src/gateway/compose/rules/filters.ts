import { Kind } from 'graphql';
import type { CompositionRule } from '../composition-rules.ts';
import {
  AMANA,
  FEDERATION,
  argumentOf,
  guardingField,
  isDirective,
  isGuardedBy,
  isRequiresScopes,
  namedTypeOf,
} from '../directive-arguments.ts';
import { type SchemaElement, schemaDirectives } from '../schema-elements.ts';
import type { SubgraphSchema } from '../subgraph-schema.ts';

/** On a field that returns objects, arguments of these names and types page through a list or look up by an id: they read no field. */
const READ_NOTHING: ReadonlySet<string> = new Set(['first: Int', 'after: String', 'id: ID', 'ids: ID']);

/** Rules by which a filter needs the permission of what it reads: otherwise it is an oracle. */
export const filterRules: readonly CompositionRule[] = [
  {
    id: 'filters-guarded',
    says: 'Every argument of every field, and every input field, says with @guardedBy which field it reads; only first, after and lookups by id of a field that returns objects need not.',
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
      const composed = schemaDirectives(document, links)
        .filter((directive) => isDirective(directive, 'composeDirective', FEDERATION))
        .map((directive) => argumentOf(directive, 'name'));
      if (!composed.includes('@guardedBy')) yield 'add @composeDirective(name: "@guardedBy") to the schema';
    },
  },
];

/**
 * The arguments, and through input types the input fields, that may hold a filter's value: a field that returns no object
 * answers about it too. A guard on the way in holds for what is inside: a range's `from` and `to` read the field that
 * the range filters by.
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
    if (element.kind !== 'argument') continue;
    const { name, type } = element.node;
    const readsNothing = READ_NOTHING.has(`${name.value}: ${namedTypeOf(type)}`);
    if (!readsNothing || !returnsObjects.has(element.field)) yield* within(element);
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
