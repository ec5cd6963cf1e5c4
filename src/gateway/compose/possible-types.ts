import type { SubgraphSchema } from './subgraph-schema.ts';

/** A type with, where it is abstract, its members and implementations. */
export function possibleTypes({ elements }: SubgraphSchema, type: string): readonly string[] {
  const members = elements.flatMap((element) => {
    if (element.kind !== 'type') return [];
    if ('types' in element.node && element.coordinate === type)
      return (element.node.types ?? []).map(({ name }) => name.value);
    if ('interfaces' in element.node && element.node.interfaces?.some(({ name }) => name.value === type))
      return [element.coordinate];
    return [];
  });
  return [type, ...members];
}
