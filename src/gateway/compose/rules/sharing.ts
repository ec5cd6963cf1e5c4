import { print } from 'graphql';
import type { CompositionRule } from '../composition-rules.ts';
import { FEDERATION } from '../directive-arguments.ts';
import type { SchemaElement } from '../schema-elements.ts';
import type { SubgraphSchema } from '../subgraph-schema.ts';
import { ENTITY_KEY, SHARED_ENTITY } from './ownership.ts';

/** The rule by which no custodian changes what another's schema means by defining the same type differently. */
export const sharingRules: readonly CompositionRule[] = [
  {
    id: 'shared-alike',
    says: `A type that two define is the same in both, field for field and value for value (of ${SHARED_ENTITY} its key): Federation would merge the two, and take away or add what the other did not mean.`,
    *violations(schema, others) {
      const shapes = shapesOf(schema);
      for (const other of others) {
        for (const [type, theirs] of shapesOf(other)) {
          const shape = shapes.get(type);
          const difference = shape && (firstBeyond(shape, theirs) ?? firstBeyond(theirs, shape));
          if (difference !== undefined) yield `${type} is not what ${other.subgraph} defines: ${difference}`;
        }
      }
    },
  },
];

/** Every type with a line for each thing that it is or has, descriptions and Federation's directives apart, but for the one that hides it. */
function shapesOf({ elements }: SubgraphSchema): ReadonlyMap<string, ReadonlySet<string>> {
  const shapes = new Map<string, Set<string>>();
  for (const element of elements) {
    const [type = ''] = element.coordinate.split(/[.(]/u);
    if (isExtendedTogether(type) && !isKey(element)) continue;
    const shape = shapes.get(type) ?? new Set();
    for (const line of linesOf(element)) shape.add(line);
    shapes.set(type, shape);
  }
  return shapes;
}

function* linesOf({ kind, coordinate, directives, node }: SchemaElement): Generator<string> {
  if (kind === 'type') {
    yield `${coordinate} is an ${node.kind.replace(/Type(Definition|Extension)$/u, '')}`;
    if ('interfaces' in node) for (const { name } of node.interfaces ?? []) yield `${coordinate} is a ${name.value}`;
    if ('types' in node) for (const { name } of node.types ?? []) yield `${name.value} is a ${coordinate}`;
  } else if (kind === 'enumValue') {
    yield coordinate;
  } else {
    const standard = 'defaultValue' in node && node.defaultValue ? ` = ${print(node.defaultValue)}` : '';
    yield `${coordinate}: ${print(node.type)}${standard}`;
  }
  for (const { element, node: directive } of directives) {
    if (element?.specification !== FEDERATION || element.name === 'inaccessible')
      yield `${coordinate} ${print(directive)}`;
  }
}

const firstBeyond = (lines: ReadonlySet<string>, others: ReadonlySet<string>): string | undefined =>
  [...lines].find((line) => !others.has(line));

const isExtendedTogether = (type: string): boolean => type === 'Query' || type === SHARED_ENTITY;

const isKey = ({ coordinate }: SchemaElement): boolean => coordinate.split('(')[0] === `${SHARED_ENTITY}.${ENTITY_KEY}`;
