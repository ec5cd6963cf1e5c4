import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const BOOK = {
  id: 'b1',
  secret: 'kept secret',
  moved: 'kept moved',
  moving: 'kept moving',
  author: { id: 'a1', name: 'kept name' },
};
const reference = { __resolveReference: () => BOOK };

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    store: {
      sdl: `type Query { books: [Book] }
        type Book @key(fields: "id") {
          id: ID!
          title: String
          secret: String @shareable @requiresScopes(scopes: [["secret"]])
          moved: String @requiresScopes(scopes: [["secret"]])
          moving: String @requiresScopes(scopes: [["secret"]])
          author: Author @shareable
        }
        type Author @key(fields: "id") { id: ID! name: String @shareable @requiresScopes(scopes: [["secret"]]) }`,
      resolvers: {
        Query: { books: () => [BOOK] },
        Book: { ...reference, title: () => 'Dune' },
        Author: { __resolveReference: () => BOOK.author },
      },
    },
    shelves: {
      sdl: `type Query { shelf: Shelf }
        type Shelf { book: Book @provides(fields: "secret author { name }") books: [Book] @provides(fields: "secret") }
        type Book @key(fields: "id") { id: ID! secret: String @external author: Author @external place: String }
        type Author @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: { shelf: () => ({ book: BOOK, books: [BOOK] }) },
        Book: { ...reference, place: () => 'left' },
      },
    },
    successor: {
      sdl: `type Book @key(fields: "id") {
          id: ID!
          moved: String @override(from: "store")
          moving: String @override(from: "store", label: "percent(50)")
        }`,
      resolvers: { Book: reference },
    },
  });
});
afterAll(() => federation?.close());

describe('what one subgraph has of another’s is withheld there too', () => {
  test.each([
    ['provided where it is asked for (@provides)', '{ shelf { book { place secret } } }'],
    ['provided in a list', '{ shelf { books { x: secret place } } }'],
    ['provided below', '{ shelf { book { place author { name } } } }'],
    [
      'taken over by another, which does not guard it (@override)',
      '{ books { title moved } shelf { book { place moved } } }',
    ],
    ['on its way there (@override with a label)', '{ books { title moving } shelf { book { place moving } } }'],
  ])('%s', async (_how, query) => {
    for (let n = 0; n < 5; n += 1) {
      const { json, text } = await federation.ask(query, { scope: 'other' });
      expect(json.extensions.withheld.length).toBeGreaterThan(0);
      expect(json.errors).toBeUndefined();
      expect(text).toMatch(/left|Dune/u);
      expect(text).not.toContain('kept');
      expect(textOf(federation.crossed())).not.toMatch(/secret|\bname|moved|moving/u);
    }
    expect((await federation.ask(query, { scope: 'secret' })).text).toContain('kept');
    federation.crossed();
  });
});
