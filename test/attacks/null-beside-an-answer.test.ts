import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

/** The subgraph that answers last. */
let last: string;
let federation: PlainFederation;

const home = (name: string, field: string) => ({
  sdl: `type Person @key(fields: "id") { id: ID! home: Home @shareable homes: [Home] @shareable }
    type Home @shareable { ${field}: String }`,
  resolvers: {
    Person: {
      __resolveReference: async (given: object) => {
        // Only an order of answers is wanted, which nothing but time gives to two servers.
        if (last === name) await pause(50);
        return given;
      },
      home: () => ({ [field]: field }),
      homes: () => [{ [field]: field }, { [field]: field }],
    },
  },
});

beforeAll(async () => {
  federation = await startPlainFederation({
    register: {
      sdl: 'type Query { me: Person } type Person @key(fields: "id") { id: ID! }',
      resolvers: { Query: { me: () => ({ id: '1' }) } },
    },
    one: home('one', 'street'),
    other: home('other', 'town'),
  });
});
afterAll(() => federation.close());

test.each([['one'], ['other']])(
  'a subgraph that has nothing takes nothing of what another has, though %s answers last',
  async (name) => {
    last = name;
    const other = federation.subgraphs.find((subgraph) => subgraph.name === 'other');
    if (!other) throw new Error('there is no other subgraph');
    other.answer = async () => {
      if (name === 'other') await pause(50);
      return {
        data: { _entities: [{ home: null, homes: [{ town: 'town' }, null] }] },
        errors: [{ message: '', path: ['_entities', 0, 'home'] }],
      };
    };
    const { json } = await federation.ask('{ me { home { street town } homes { street town } } }');
    expect(json.data.me).toEqual({
      home: { street: 'street', town: null },
      homes: [
        { street: 'street', town: 'town' },
        { street: 'street', town: null },
      ],
    });
    expect(json.errors).toMatchObject([{ path: ['me', 'home'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  },
);
