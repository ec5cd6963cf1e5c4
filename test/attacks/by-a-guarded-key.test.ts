import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  const users = [{ handle: 'secret-handle', name: 'Ada', team: { code: 'secret-code', title: 'T' } }];
  federation = await startPlainFederation({
    accounts: {
      sdl: `type Query { users: [User] }
        type User @key(fields: "handle") @key(fields: "team { code }") {
          handle: ID! @authenticated
          name: String
          nick: String
          team: Team
        }
        type Team { code: ID! @authenticated @shareable title: String }`,
      resolvers: { Query: { users: () => users }, User: { __resolveReference: () => users[0] } },
    },
    reviews: {
      sdl: 'type User @key(fields: "handle") { handle: ID! @authenticated reviews: [Review] } type Review { text: String author: User }',
      resolvers: {
        User: {
          __resolveReference: (given: object) => given,
          reviews: ({ handle }: { handle: string }) => [{ text: 'fine', author: { handle } }],
        },
      },
    },
    scores: {
      sdl: 'type User @key(fields: "team { code }") { team: Team score: Int } type Team { code: ID! @authenticated @shareable }',
      resolvers: { User: { __resolveReference: (given: object) => given, score: () => 7 } },
    },
  });
});
afterAll(() => federation?.close());

describe('a guarded key may join and is not returned', () => {
  test.each<[string, object]>([
    ['{ users { reviews { text } } }', { reviews: [{ text: 'fine' }] }],
    ['{ users { score team { title } } }', { score: 7, team: { title: 'T' } }],
    ['{ users { handle: name reviews { text } } }', { handle: 'Ada', reviews: [{ text: 'fine' }] }],
    ['{ users { handle: nick reviews { text } } }', { handle: null, reviews: [{ text: 'fine' }] }],
    ['{ users { score team { code: title } } }', { score: 7, team: { code: 'T' } }],
    ['{ users { score team: name } }', { score: 7, team: 'Ada' }],
    ['{ users { reviews { author { handle: name } } } }', { reviews: [{ author: { handle: 'Ada' } }] }],
  ])('where it was not asked for, whatever has its name: %s', async (query, expected) => {
    expect((await federation.ask(query)).json.data.users).toEqual([expected]);
  });

  test.each([
    '{ users { handle reviews { text } } }',
    '{ users { key: handle reviews { text } } }',
    '{ users { name: handle reviews { text } } }',
    '{ users { score team { code } } }',
    '{ users { reviews { author { name handle } } } }',
  ])('where it was asked for, and what takes no null takes along what it is in: %s', async (query) => {
    const { json, text } = await federation.ask(query);
    expect(text).not.toMatch(/secret-(handle|code)/u);
    expect(json.extensions.withheld).toMatchObject([{ reason: 'UNAUTHENTICATED' }]);
    expect(json.errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }]);
  });

  test('but to who may see it', async () => {
    const { json } = await federation.ask('{ users { handle score reviews { author { handle } } team { code } } }', {});
    expect(json.data.users).toEqual([
      {
        handle: 'secret-handle',
        score: 7,
        reviews: [{ author: { handle: 'secret-handle' } }],
        team: { code: 'secret-code' },
      },
    ]);
  });
});
