import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const SECRETS = /777|888|\bsecret\b|\bsize\b/u;
const reference = { __resolveReference: (given: object) => given };

const PARTS = {
  store: {
    sdl: `type Query { things: [Thing] media: [Media] }
      type Thing @key(fields: "id") { id: ID! secret: Int @requiresScopes(scopes: [["secret"]]) part: Part }
      type Part @requiresScopes(scopes: [["secret"]]) { size: Int }
      interface Media @key(fields: "id") { id: ID! secret: Int }
      type Book implements Media @key(fields: "id") { id: ID! secret: Int @requiresScopes(scopes: [["secret"]]) }
      type Film implements Media @key(fields: "id") { id: ID! secret: Int }`,
    resolvers: {
      Query: {
        things: () => [{ id: 't1', secret: 777, part: { size: 888 } }],
        media: () => [{ __typename: 'Book', id: 'b1', secret: 777 }],
      },
      Thing: { __resolveReference: () => ({ id: 't1', secret: 777, part: { size: 888 } }) },
      Media: { __resolveReference: () => ({ __typename: 'Book', id: 'b1', secret: 777 }) },
      Book: { __resolveReference: () => ({ id: 'b1', secret: 777 }) },
    },
  },
  derived: {
    sdl: `type Thing @key(fields: "id") {
        id: ID!
        secret: Int @external
        part: Part @external
        once: Int @requires(fields: "secret") @requiresScopes(scopes: [["secret"]])
        deep: Int @requires(fields: "part { size }") @requiresScopes(scopes: [["secret"]])
      }
      type Part { size: Int @external }`,
    resolvers: { Thing: { ...reference, once: (thing: { secret: number }) => thing.secret, deep: () => 1 } },
  },
  chained: {
    sdl: `type Thing @key(fields: "id") {
        id: ID!
        once: Int @external
        twice: Int @requires(fields: "once") @requiresScopes(scopes: [["secret"]])
      }
      type Media @interfaceObject @key(fields: "id") {
        id: ID!
        secret: Int @external
        rating: Int @requires(fields: "secret") @requiresScopes(scopes: [["secret"]])
      }`,
    resolvers: {
      Thing: { ...reference, twice: (thing: { once: number }) => thing.once },
      Media: { ...reference, rating: (media: { secret: number }) => media.secret },
    },
  },
};

/** A composition that does not ask for the guard that what is required has (before 2.11). */
const asBefore = (supergraph: string): string =>
  supergraph.replaceAll(/^ +(?:once|deep|twice|rating): Int.*$/gmu, (line) =>
    line.replace(/ @requiresScopes\([^)]*\)/u, ''),
  );

describe.each([
  ['as today’s composition writes it', (supergraph: string) => supergraph],
  ['as compositions of yesterday wrote it', asBefore],
])('only the field that needs a guarded one is asked for (GHSA-m8jr-fxqx-8xx6), %s', (_, change) => {
  let federation: PlainFederation;
  beforeAll(async () => {
    federation = await startPlainFederation(PARTS, { change });
  });
  afterAll(() => federation?.close());

  test.each([
    ['once', '{ things { id once } }'],
    ['in a nested selection, of a guarded type', '{ things { id deep } }'],
    ['at the end of a chain', '{ things { id twice } }'],
    ['on an interface that another subgraph adds to', '{ media { id rating } }'],
    ['there, on one implementation', '{ media { id ... on Book { rating } } }'],
  ])('%s', async (_how, query) => {
    const { json, text } = await federation.ask(query, { scope: 'other' });
    expect(json.extensions.withheld).toHaveLength(1);
    expect(text).not.toMatch(/777|888/u);
    expect(textOf(federation.crossed())).not.toMatch(SECRETS);
    const seen = await federation.ask(query, { scope: 'secret' });
    expect(seen.text).toMatch(/777|"deep":1/u);
    federation.crossed();
  });
});

test('the older composition differs from today’s', async () => {
  let [before, after] = ['', ''];
  const federation = await startPlainFederation(PARTS, {
    change: (supergraph) => (after = asBefore((before = supergraph))),
  });
  await federation.close();
  expect(before.match(/@requiresScopes\(/gu)!.length - after.match(/@requiresScopes\(/gu)!.length).toBeGreaterThan(3);
});
