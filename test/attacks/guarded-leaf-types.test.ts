import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const PERSON = {
  __typename: 'Person',
  id: 'p1',
  born: '1970-01-02',
  fate: 'DEAD',
  borns: ['1970-01-02'],
  fates: [['DEAD']],
};
let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `scalar Birthday @authenticated
        enum Fate @requiresScopes(scopes: [["fate"]]) { DEAD ALIVE }
        type Query { person: Person persons: [Dated] born: Birthday hidden: Hidden byFate(fate: Fate): Person }
        interface Dated { born: Birthday! }
        type Person implements Dated @key(fields: "id") { id: ID! born: Birthday! fate: Fate borns: [Birthday!]! fates: [[Fate]!] }
        type Hidden @authenticated { id: ID text: String }
        union Found = Person | Hidden`,
      resolvers: {
        Query: {
          person: () => PERSON,
          persons: () => [PERSON],
          born: () => PERSON.born,
          hidden: () => ({ id: 'h', text: 'hidden text' }),
          byFate: () => PERSON,
        },
        Person: { __resolveReference: () => PERSON },
      },
    },
    other: {
      sdl: `scalar Birthday
        type Person @key(fields: "id") { id: ID! born: Birthday! @external age: Int @requires(fields: "born") @authenticated }`,
      resolvers: {
        Person: {
          __resolveReference: (given: object) => given,
          age: ({ born }: { born: string }) => 2000 - Number(born.slice(0, 4)),
        },
      },
    },
  });
});
afterAll(() => federation?.close());

describe('a guarded scalar, enum or type is withheld wherever it is returned (which a well-known router overlooks)', () => {
  test.each([
    '{ person { id born } }',
    '{ person { id b: born } }',
    '{ person { id fate } }',
    '{ person { id borns fates } }',
    '{ persons { born } }',
    '{ persons { ... on Person { id born fate } } }',
    '{ born }',
    '{ person { age } }',
    '{ hidden { text } }',
    '{ hidden { __typename } }',
    '{ x: hidden { id } }',
  ])('%s', async (query) => {
    const { json, text } = await federation.ask(query);
    expect(json.extensions.withheld.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/1970|DEAD|hidden text|Hidden"/u);
    expect(textOf(federation.crossed())).not.toMatch(/born|fate|hidden|age/u);
    const seen = await federation.ask(query, { scope: 'fate' });
    expect(seen.text).toMatch(/1970|DEAD|"age":30|hidden text|"Hidden"|"h"/u);
    federation.crossed();
  });

  test('but what a type guards is no argument', async () => {
    expect((await federation.ask('{ byFate(fate: DEAD) { id } }')).json.data).toEqual({ byFate: { id: 'p1' } });
  });

  test('nor is the name of the type that all begins with told where that is guarded', async () => {
    const closed = await startPlainFederation({
      archive: {
        sdl: 'type Query @authenticated { open: String } type Mutation @requiresScopes(scopes: [["write"]]) { write: String }',
        resolvers: { Query: { open: () => 'open' }, Mutation: { write: () => 'written' } },
      },
    });
    try {
      for (const query of [
        '{ __typename }',
        '{ open x: __typename }',
        '{ ... { ...Q } } fragment Q on Query { open __typename }',
        'mutation { __typename write }',
      ]) {
        const { json } = await closed.ask(query);
        expect(json.data).toBeNull();
        expect(json.errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }]);
        expect(json.extensions.withheld[0].coordinate).toMatch(/^(Query|Mutation)\.(open|__typename|write)$/u);
        expect(closed.crossed()).toEqual([]);
        expect((await closed.ask(query, { scope: 'write' })).text).toMatch(/"(__typename|x)":"(Query|Mutation)"/u);
        closed.crossed();
      }
    } finally {
      await closed.close();
    }
  });
});
