import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const NODES = [
  { __typename: 'Person', id: 'p1', name: 'Ada', address: 'Street 1', place: 'Aleppo' },
  { __typename: 'Place', id: 'x1', name: 'Hama', address: 'Road 2' },
];

const SDL = `
  type Query { nodes: [Node] named: [Named] }
  interface Node { id: ID! name: String address: String }
  interface Named { name: String }
  type Person implements Node & Named { id: ID! name: String address: String @requiresScopes(scopes: [["address"]]) place: String }
  type Place implements Node & Named { id: ID! name: String address: String }
`;
const RESOLVERS = { Query: { nodes: () => NODES, named: () => NODES } };

describe('a field guarded on one implementation, asked for on its interface (CVE-2025-64173)', () => {
  let federation: PlainFederation;
  beforeAll(async () => {
    federation = await startPlainFederation({ archive: { sdl: SDL, resolvers: RESOLVERS } });
  });
  afterAll(() => federation?.close());

  test.each([
    '{ nodes { name address } }',
    '{ nodes { name x: address } }',
    '{ nodes { name ... on Node { address } } }',
    '{ named { name ... on Node { address } } }',
    '{ nodes { name ... { ...F } } } fragment F on Node { address }',
    '{ nodes { name ... on Person { ... on Node { address } } } }',
  ])('%s', async (query) => {
    const { text } = await federation.ask(query, { scope: 'other' });
    expect(text).toContain('Ada');
    expect(text).not.toContain('Street 1');
    expect(textOf(federation.crossed())).not.toContain('address');
    expect((await federation.ask(query, { scope: 'address' })).text).toContain('Street 1');
    federation.crossed();
  });

  test('each fragment is judged by its own type', async () => {
    const { json } = await federation.ask('{ nodes { ... on Person { address } ... on Place { address } } }');
    expect(json.data.nodes).toEqual([{ address: null }, { address: 'Road 2' }]);
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Person.address' }]);
  });
});

describe('a field guarded on an interface alone, asked for on an implementation (CVE-2025-64530)', () => {
  // Compositions of today refuse such a rule; those of yesterday wrote it.
  const onField = (supergraph: string): string =>
    supergraph.replace(/(interface Node\b[^}]*?name: String)/u, '$1 @requiresScopes(scopes: [["names"]])');
  const onType = (supergraph: string): string =>
    supergraph.replace('interface Node', 'interface Node @requiresScopes(scopes: [["names"]])');
  test.each([
    ['on the field', onField],
    ['on the interface', onType],
  ])('%s', async (_, change) => {
    const federation = await startPlainFederation({ archive: { sdl: SDL, resolvers: RESOLVERS } }, { change });
    try {
      for (const query of [
        '{ nodes { name } }',
        '{ nodes { ... on Person { name } ... on Place { name } } }',
        '{ named { ... on Person { name } ... on Place { name } } }',
        '{ named { name } }',
      ]) {
        const { text } = await federation.ask(query);
        expect(text, query).not.toMatch(/Ada|Hama/u);
        expect(textOf(federation.crossed())).not.toMatch(/\bname\b/u);
        expect((await federation.ask(query, { scope: 'names' })).text, query).toContain('Ada');
        federation.crossed();
      }
      // What the rule does not speak of stays open.
      if (change === onField)
        expect((await federation.ask('{ named { ... on Person { place } } }')).text).toContain('Aleppo');
    } finally {
      await federation.close();
    }
  });
});
