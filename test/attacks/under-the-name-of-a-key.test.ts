import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SmallFederation, startSmallFederation } from '../gateway/small-federation.ts';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

describe('a field under the name of what one subgraph is handed of another’s', () => {
  let federation: PlainFederation;
  beforeAll(async () => {
    const things = [
      {
        id: 't1',
        name: 'n1',
        cost: 5,
        price: ({ in: currency }: { in: string }) => (currency === 'EUR' ? 100 : 1),
        broken: null,
      },
      {
        id: 't2',
        name: 'n2',
        cost: 6,
        price: ({ in: currency }: { in: string }) => (currency === 'EUR' ? 200 : 2),
        broken: null,
      },
    ];
    federation = await startPlainFederation({
      store: {
        sdl: `type Query { things: [Thing] }
          type Thing @key(fields: "id") { id: ID! name: String cost: Int price(in: String): Int broken: Int }`,
        resolvers: {
          Query: { things: () => things },
          Thing: {
            __resolveReference: ({ id }: { id: string }) => things.find((thing) => thing.id === id),
            broken: () => {
              throw new Error('broken');
            },
          },
        },
      },
      derived: {
        sdl: `type Thing @key(fields: "id") {
            id: ID!
            cost: Int @external
            price(in: String): Int @external
            gain: Int @requires(fields: "cost price(in: \\"EUR\\")")
            note: String
          }`,
        resolvers: {
          Thing: {
            __resolveReference: (given: object) => given,
            gain: ({ cost, price }: Record<string, number>) => price! - cost!,
            note: ({ id }: { id: string }) => `note on ${id}`,
          },
        },
      },
    });
  });
  afterAll(() => federation?.close());

  test.each<[string, object]>([
    ['{ things { id: name note } }', { id: 'n1', note: 'note on t1' }],
    ['{ things { ... { id: cost } note } }', { id: 5, note: 'note on t1' }],
    ['{ things { cost: id gain } }', { cost: 't1', gain: 95 }],
    ['{ things { price: cost gain } }', { price: 5, gain: 95 }],
    ['{ things { price(in: "USD") gain } }', { price: 1, gain: 95 }],
    ['{ things { price: price(in: "USD") gain x: gain } }', { price: 1, gain: 95, x: 95 }],
    ['{ things { id: note cost: gain note: id } }', { id: 'note on t1', cost: 95, note: 't1' }],
    ['{ things { id: __typename note } }', { id: 'Thing', note: 'note on t1' }],
    ['{ things { cost: __typename gain } }', { cost: 'Thing', gain: 95 }],
  ])('is neither handed on nor answered in its place: %s', async (query, expected) => {
    const { json } = await federation.ask(query);
    expect(json.errors).toBeUndefined();
    expect(json.data.things[0]).toEqual(expected);
    for (const { variables } of federation.crossed())
      for (const { id } of (variables['representations'] as { id: string }[] | undefined) ?? [])
        expect(id).toMatch(/^t\d$/u);
  });

  test('has its errors at the place where the client knows it', async () => {
    const { json } = await federation.ask('{ things { id: broken note } }');
    expect(json.data.things[0]).toEqual({ id: null, note: 'note on t1' });
    expect(json.errors.map(({ path }: { path: unknown[] }) => path)).toEqual([
      ['things', 0, 'id'],
      ['things', 1, 'id'],
    ]);
  });
});

describe('a person under whose id another field is asked for', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    federation = await startSmallFederation();
  });
  afterAll(() => federation?.close());

  test('is still the person of whom the next custodian is asked', async () => {
    const { json } = await federation.ask(
      '{ certificates { nodes { id: title person { id: __typename reports { id: nodes { id } } } } } }',
    );
    expect(json.errors).toBeUndefined();
    expect(json.data.certificates.nodes[0]).toEqual({
      id: 'A',
      person: { id: 'Person', reports: { id: [{ id: 'missing:1' }] } },
    });
    const [fetch] = federation.missing.fetches;
    expect(fetch?.variables['representations']).toEqual([{ __typename: 'Person', id: 'p1' }]);
  });
});
