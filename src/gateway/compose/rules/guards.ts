import { Kind } from 'graphql';
import type { CompositionRule } from '../composition-rules.ts';
import {
  AMANA,
  AUTHENTICATED,
  FEDERATION,
  isDirective,
  isRequiresScopes,
  namedTypeOf,
  scopesOf,
} from '../directive-arguments.ts';
import { possibleTypes } from '../possible-types.ts';
import type { SchemaElement } from '../schema-elements.ts';

const GUARDS: ReadonlyMap<string, string> = new Map([
  ['requiresScopes', FEDERATION],
  ['authenticated', FEDERATION],
  ['policy', FEDERATION],
  ['guardedBy', AMANA],
]);

const LARGEST_GUARD = 16;

/** Rules by which a guard means what it says, and each custodian guards with its own scopes alone. */
export const guardRules: readonly CompositionRule[] = [
  {
    id: 'guards-linked',
    says: 'What is called like a guard is one: @requiresScopes and @authenticated come from Federation, @guardedBy from Amana.',
    *violations({ elements, links }) {
      for (const { coordinate, directives } of elements) {
        for (const { localName, element } of directives) {
          const specification = GUARDS.get(localName);
          if (specification !== undefined && element?.specification !== specification) {
            yield `@${localName} on ${coordinate} is not linked from ${links.version(specification) ? 'its specification by name' : specification}`;
          }
        }
      }
    },
  },
  {
    id: 'own-scopes',
    says: "Every scope is in the subgraph's own namespace, and no list of scopes is empty.",
    *violations({ elements, subgraph }) {
      for (const { coordinate, directives } of elements) {
        const scopes = directives.filter(isRequiresScopes).flatMap((directive) => scopesOf(directive).flat());
        const foreign = scopes.filter((scope) => !scope.startsWith(`${subgraph}:`));
        if (foreign.length > 0) yield `${coordinate} needs a scope that does not begin with ${subgraph}:`;
      }
    },
  },
  {
    id: 'small-guards',
    says: `A guard lists at most ${LARGEST_GUARD} alternatives of at most ${LARGEST_GUARD} scopes: those of a field, its type and what it returns multiply.`,
    *violations({ elements }) {
      for (const { coordinate, directives } of elements) {
        const guards = directives.filter(isRequiresScopes);
        const isLarge = guards
          .map(scopesOf)
          .some((lists) => [lists, ...lists].some((list) => list.length > LARGEST_GUARD));
        if (isLarge || guards.length > 1) yield `the guard of ${coordinate} is too large`;
      }
    },
  },
  {
    id: 'shared-unguarded',
    says: 'What two custodians define carries no guard: guards add up, and one more custodian would lock everybody out. The field that returns it is guarded.',
    *violations(schema, others) {
      const elsewhere = new Set(others.flatMap(({ elements }) => elements.map(({ coordinate }) => coordinate)));
      for (const { coordinate, directives } of schema.elements) {
        if (elsewhere.has(coordinate) && directives.some(isGuard))
          yield `${coordinate} is guarded and is another custodian's too`;
      }
    },
  },
  {
    id: 'guarded-nullable',
    says: 'A guarded field, or one whose type is guarded, is nullable, so that withholding it takes nothing else away.',
    *violations(schema) {
      const guardedTypes = new Set(
        schema.elements
          .filter((element) => element.kind === 'type' && isGuarded(element))
          .map(({ coordinate }) => coordinate),
      );
      for (const element of schema.elements) {
        if (element.kind !== 'field' || element.node.type.kind !== Kind.NON_NULL_TYPE) continue;
        const returnsGuarded = possibleTypes(schema, namedTypeOf(element.node.type)).some((type) =>
          guardedTypes.has(type),
        );
        if (isGuarded(element) || returnsGuarded || guardedTypes.has(element.type))
          yield `${element.coordinate} is guarded and not nullable`;
      }
    },
  },
];

const isGuard = (directive: SchemaElement['directives'][number]): boolean =>
  isRequiresScopes(directive) || isDirective(directive, 'authenticated', FEDERATION, AUTHENTICATED);

const isGuarded = ({ directives }: SchemaElement): boolean => directives.some(isGuard);
