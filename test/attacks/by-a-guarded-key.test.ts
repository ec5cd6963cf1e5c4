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
    ['{ users { handle reviews { text } } }', { handle: null, reviews: [{ text: 'fine' }] }],
    ['{ users { reviews { text } } }', { reviews: [{ text: 'fine' }] }],
    ['{ users { key: handle reviews { text } } }', { key: null, reviews: [{ text: 'fine' }] }],
    ['{ users { handle: name reviews { text } } }', { handle: 'Ada', reviews: [{ text: 'fine' }] }],
    ['{ users { handle: nick reviews { text } } }', { handle: null, reviews: [{ text: 'fine' }] }],
    ['{ users { name: handle reviews { text } } }', { name: null, reviews: [{ text: 'fine' }] }],
    ['{ users { score team { title } } }', { score: 7, team: { title: 'T' } }],
    ['{ users { score team { code: title } } }', { score: 7, team: { code: 'T' } }],
    ['{ users { score team { code } } }', { score: 7, team: { code: null } }],
    ['{ users { score team: name } }', { score: 7, team: 'Ada' }],
    ['{ users { reviews { author { name handle } } } }', { reviews: [{ author: { name: 'Ada', handle: null } }] }],
    ['{ users { reviews { author { handle: name } } } }', { reviews: [{ author: { handle: 'Ada' } }] }],
  ])('%s', async (query, expected) => {
    const { json, text } = await federation.ask(query);
    expect(text).not.toMatch(/secret-(handle|code)/u);
    if (JSON.stringify(expected).includes('null') && !query.includes('nick'))
      expect(JSON.stringify(json)).toMatch(/UNAUTHENTICATED/u);
    // A key takes no null: where it is asked for, what it is in is null.
    if (/handle(?!:)|code(?!:)/u.test(query))
      expect(json.data.users === null || json.data.users[0] === null || text.includes('null')).toBe(true);
    else expect(json.data.users).toEqual([expected]);
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
