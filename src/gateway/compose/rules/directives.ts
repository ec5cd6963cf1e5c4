import type { CompositionRule } from '../composition-rules.ts';
import { AMANA, FEDERATION, LINK, argumentOf, isDirective, isInaccessible } from '../directive-arguments.ts';
import { Links } from '../linked-elements.ts';
import { type AppliedDirective, type SchemaElement, schemaDirectives } from '../schema-elements.ts';

/** All that a custodian needs. `@override` or `@requires` would reach across. */
const KNOWN: ReadonlyMap<string, readonly string[]> = new Map([
  [FEDERATION, ['key', 'shareable', 'external', 'composeDirective', 'requiresScopes', 'authenticated', 'inaccessible']],
  [AMANA, ['guardedBy', 'gather']],
  [LINK, ['link']],
]);

/** Federation reads these without a link. */
const UNLINKED: ReadonlySet<string> = new Set(['link', 'deprecated', 'specifiedBy']);

/** The names that `guards-linked` tells of where nothing links them. */
const GUARDS: ReadonlySet<string> = new Set(['requiresScopes', 'authenticated', 'guardedBy']);

/** The rule by which a schema says nothing whose effect on the others is unknown. */
export const directiveRules: readonly CompositionRule[] = [
  {
    id: 'known-directives',
    says: 'A schema links and uses only what custodians need: @key, @shareable, @external, @inaccessible, @requiresScopes and @authenticated of Federation, @gather and @guardedBy of Amana, of which the latter alone is composed, and the directives of GraphQL itself.',
    *violations({ document, links, elements }) {
      for (const directive of schemaDirectives(document, links)) {
        const { localName, node } = directive;
        const target = Links.target(node);
        if (target !== undefined && !KNOWN.has(target)) yield `the schema links ${target}`;
        if (!isKnown(directive) && target === undefined) yield `the schema uses @${localName}`;
        if (isDirective(directive, 'composeDirective', FEDERATION) && argumentOf(directive, 'name') !== '@guardedBy')
          yield 'the schema composes a directive other than @guardedBy';
      }
      for (const { coordinate, directives } of elements) {
        for (const directive of directives) {
          if (!isKnown(directive)) yield `${coordinate} uses @${directive.element?.name ?? directive.localName}`;
        }
      }
    },
  },
  {
    id: 'hidden-is-the-gateways',
    says: "@inaccessible stands on what the gateway alone reads, and on nothing of another's: sortKey and recordId of an edge, the argument afterRecord, and the types ListPosition and GatherRule.",
    *violations({ elements }) {
      for (const element of elements) {
        const isHidden = element.directives.some(isInaccessible);
        if (isHidden && !isTheGateways(element)) yield `${element.coordinate} is hidden from clients`;
      }
    },
  },
];

function isTheGateways(element: SchemaElement): boolean {
  if (element.kind === 'type') return ['ListPosition', 'GatherRule'].includes(element.coordinate);
  if (element.kind === 'argument') return element.node.name.value === 'afterRecord';
  return /Edge\.(sortKey|recordId)$/u.test(element.coordinate);
}

function isKnown({ localName, element }: AppliedDirective): boolean {
  return element === undefined
    ? UNLINKED.has(localName) || GUARDS.has(localName)
    : KNOWN.get(element.specification)?.includes(element.name) === true;
}
