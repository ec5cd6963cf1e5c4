import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

let federation: PlainFederation;
const media = [
  { __typename: 'Book', id: 'b1', title: 'Dune' },
  { __typename: 'Film', id: 'f1', title: 'Heat' },
];
beforeAll(async () => {
  federation = await startPlainFederation({
    store: {
      sdl: `type Query { media: [Media] books: [Book] }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String @requiresScopes(scopes: [["film"]]) }`,
      resolvers: {
        Query: { media: () => media, books: () => media.slice(0, 1) },
        Media: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
        Book: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
        Film: { __resolveReference: ({ id }: { id: string }) => media.find((one) => one.id === id) },
      },
    },
    remarks: {
      sdl: `type Query { best: Media }
        type Media @interfaceObject @key(fields: "id") {
          id: ID!
          stars: Int
          remark: String @requiresScopes(scopes: [["remark"]])
          note: Note
        }
        type Note @requiresScopes(scopes: [["remark"]]) { text: String }`,
      resolvers: {
        Query: { best: () => ({ id: 'f1' }) },
        Media: {
          __resolveReference: (given: object) => given,
          stars: () => 5,
          remark: () => 'between us',
          note: () => ({ text: 'between us' }),
        },
      },
    },
  });
});
afterAll(() => federation?.close());

describe('a guard on an interface object holds on the interface and on every type', () => {
  test.each([
    '{ media { stars remark } }',
    '{ media { stars ... on Book { remark } } }',
    '{ media { stars ... on Book { note { text } } ... on Film { x: remark } } }',
    '{ books { stars remark note { text } } }',
    '{ best { stars remark } }',
    '{ best { stars ... on Film { note { text } } } }',
    '{ best { stars ... on Media { ... on Film { remark } } } }',
  ])('%s', async (query) => {
    const { json, text } = await federation.ask(query, { scope: 'film' });
    expect(JSON.stringify(json.data)).toContain('5');
    expect(json.extensions.withheld.length).toBeGreaterThan(0);
    expect(text).not.toContain('between us');
    expect(textOf(federation.crossed())).not.toMatch(/remark\b|note/u);
    expect((await federation.ask(query, { scope: 'film remark' })).text).toContain('between us');
    federation.crossed();
  });

  test('and a guard on one of its types holds where only the interface object is known', async () => {
    for (const query of ['{ best { stars title } }', '{ best { stars ... on Film { title } } }']) {
      const { text } = await federation.ask(query, { scope: 'remark' });
      expect(text).toContain('"stars":5');
      expect(text).not.toContain('Heat');
      expect(textOf(federation.crossed())).not.toContain('title');
      expect((await federation.ask(query, { scope: 'film' })).text).toContain('Heat');
      federation.crossed();
    }
  });

  test.each([
    ['__typename', { __typename: 'Book' }],
    ['x: __typename', { x: 'Book' }],
    ['__typename x: __typename', { __typename: 'Book', x: 'Book' }],
  ])('nor does its name take the place of an object’s own: %s', async (names, book) => {
    const { json } = await federation.ask(`{ books { ${names} stars } }`);
    expect(json.data).toEqual({ books: [{ ...book, stars: 5 }] });
  });
});
