import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from '../attacks/plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  const things = [
    { __typename: 'Certain', id: '1', value: 0 },
    { __typename: 'Uncertain', value: null },
    { __typename: 'Uncertain', value: 0 },
    { __typename: 'Certain', id: '2', value: 7 },
  ];
  federation = await startPlainFederation({
    archive: {
      sdl: `type Query { things: [Thing] found: [[Person]] one: Person states: [State] }
        enum State { OPEN HIDDEN @inaccessible }
        union Thing = Certain | Uncertain
        type Certain @key(fields: "id") { id: ID! value: Int! @shareable }
        type Uncertain { value: Int }
        type Person @key(fields: "id") { id: ID home: Place @shareable homes: [Place] @shareable }
        type Place { street: String }`,
      resolvers: {
        Query: {
          things: () => things,
          one: () => ({ id: 'a', home: { street: 'A street' }, homes: [{ street: 'One' }, null, { street: 'Two' }] }),
          states: () => ['OPEN', 'HIDDEN'],
          found: () => [[{ id: 'a' }, null, { id: null }], null, [{ id: 'c' }, { id: 'b' }, { id: 'a' }, { id: 'c' }]],
        },
      },
    },
    registry: {
      sdl: `type Person @key(fields: "id") {
          id: ID
          name: String
          home: Place @shareable
          homes: [Place] @shareable
        }
        type Place { town: String }
        type Certain @key(fields: "id") { id: ID! value: Int @shareable }`,
      resolvers: {
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          home: () => ({ town: 'A town' }),
          homes: () => [{ town: 'First' }, null, { town: 'Second' }],
          name: ({ id }: { id: string }) => {
            if (id === 'c') throw new Error('no name');
            return `Name of ${id}`;
          },
        },
      },
    },
    measures: {
      sdl: `type Person @key(fields: "id") { id: ID name: String @external initial: String @requires(fields: "name") }`,
      resolvers: {
        Person: { __resolveReference: (given: object) => given, initial: ({ name }: { name: string }) => name[0] },
      },
    },
  });
});
afterAll(() => federation.close());

test('what one subgraph cannot be asked for under one name on two types is answered under it, whatever its value', async () => {
  federation.crossed();
  const { json } = await federation.ask('{ things { ... on Certain { value } ... on Uncertain { value } } }');
  expect(federation.crossed().map(({ query }) => query)).toEqual([expect.stringMatching(/value.*:\s*value/su)]);
  expect(json.data).toEqual({ things: [{ value: 0 }, { value: null }, { value: 0 }, { value: 7 }] });
});

test('the name of a type is answered under several names at one time, in the client’s order', async () => {
  const { text } = await federation.ask(
    '{ b: __typename things { t: __typename ... on Certain { id u: __typename } } }',
  );
  expect(text).toContain('{"b":"Query","things":[{"t":"Certain","id":"1","u":"Certain"},{"t":"Uncertain"},');
});

test('what clients may not know of an enum is no value of it', async () => {
  const { json } = await federation.ask('{ states }');
  expect(json.data).toEqual({ states: ['OPEN', null] });
});

test('what several subgraphs tell of one value is put together, in lists item by item', async () => {
  const { json } = await federation.ask('{ one { home { street town } homes { town street } } }');
  expect(json.data.one).toEqual({
    home: { street: 'A street', town: 'A town' },
    homes: [{ town: 'First', street: 'One' }, null, { town: 'Second', street: 'Two' }],
  });
});

test('a subgraph is not asked for what follows from something that is missing', async () => {
  const registry = federation.subgraphs.find(({ name }) => name === 'registry');
  if (!registry) throw new Error('no registry');
  expect((await federation.ask('{ one { initial } }')).json.data).toEqual({ one: { initial: 'N' } });
  registry.answer = () => ({ errors: [{ message: 'not now' }] });
  federation.crossed();
  try {
    const { json } = await federation.ask('{ one { initial } }');
    expect(json.data).toEqual({ one: { initial: null } });
    expect(federation.crossed().map(({ subgraph }) => subgraph)).toEqual(['archive', 'registry']);
  } finally {
    registry.answer = undefined;
  }
});

test('an error is told under the client’s own name for a field, be it that of a key', async () => {
  const { json } = await federation.ask('{ found { id: name } }');
  expect(json.errors).toMatchObject([{ path: ['found', 2, 0, 'id'] }, { path: ['found', 2, 3, 'id'] }]);
});

describe('of entities in lists of lists', () => {
  test('each is asked for once, and answered wherever it stands, and so is its error', async () => {
    federation.crossed();
    const { json } = await federation.ask('{ found { name } }');
    const [, asked] = federation.crossed();
    expect(asked?.variables).toMatchObject({ representations: [{ id: 'a' }, { id: null }, { id: 'c' }, { id: 'b' }] });
    const [a, b, none] = [{ name: 'Name of a' }, { name: 'Name of b' }, { name: null }];
    expect(json.data).toEqual({ found: [[a, null, { name: 'Name of null' }], null, [none, b, a, none]] });
    expect(json.errors).toMatchObject([
      { path: ['found', 2, 0, 'name'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
      { path: ['found', 2, 3, 'name'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
    ]);
  });
});
