import { type FederationSettings, type PlainFederation, startPlainFederation } from './plain-federation.ts';

const SHARED = 'id: ID! name: String @shareable node: Node @shareable nodes(first: Int): [Node] @shareable';
const reference = { __resolveReference: (given: object) => given };

/** Four subgraphs that all resolve a type which leads to itself: there are many ways to each of its fields. */
export const startRecursiveFederation = (settings?: FederationSettings): Promise<PlainFederation> =>
  startPlainFederation(
    Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [
        name,
        {
          sdl: `${name === 'a' ? 'scalar JSON type Query { node: Node nodes(first: Int): [Node] echo(json: JSON): JSON }' : ''}
            type Node @key(fields: "id") { ${SHARED} ${name}: String }`,
          resolvers: {
            ...(name === 'a' && {
              Query: {
                node: () => ({ id: '1', name: 'n' }),
                nodes: () => [],
                echo: (_: unknown, { json }: { json: unknown }) => json,
              },
            }),
            Node: { ...reference, [name]: () => name },
          },
        },
      ]),
    ),
    settings,
  );

/** `inside`, so many times, each with its number. */
export const times = (count: number, inside: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => inside(n)).join(' ');
