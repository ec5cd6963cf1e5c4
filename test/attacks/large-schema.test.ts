import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';
import { times } from './recursive-federation.ts';
import { longestStall } from './stall.ts';

const TYPES = 2_000;

let federation: PlainFederation;
beforeAll(async () => {
  const guarded = (n: number): string => (n % 3 === 0 ? `hidden: T${n} @policy(policies: [["nobody"]])` : '');
  const types = times(
    TYPES,
    (n) => `type T${n} { ${guarded(n)} ${times(8, (m) => `f${m}(a: Int, b: Int): T${(n + m + 1) % TYPES}`)} }`,
  );
  federation = await startPlainFederation({ large: { sdl: `type Query { t: T0 } ${types}` } });
}, 300_000);
afterAll(() => federation?.close());

describe('a schema of two thousand types', () => {
  // A stall is compared with the time that all of it takes: a busy machine stretches both.
  test.each(['the first time', 'again'])(
    'is shown as a whole, %s, and others are served meanwhile',
    async () => {
      await federation.ask('{ __typename }');
      let [took, text] = [0, ''];
      const stall = await longestStall(async () => {
        const began = performance.now();
        ({ text } = await federation.ask(getIntrospectionQuery(), {}));
        took = performance.now() - began;
      });
      const { types } = JSON.parse(text).data.__schema;
      expect(types.filter(({ name }: { name: string }) => /^T\d/u.test(name))).toHaveLength(TYPES);
      expect(text).not.toContain('"hidden"');
      expect(stall).toBeLessThan((took * 2) / 3);
    },
    60_000,
  );

  test('is asked beside other things, in fragments and under conditions', async () => {
    const query = `query ($yes: Boolean!, $no: Boolean!) {
      ...Q @include(if: $yes)
      ... on Query @skip(if: $yes) { __type(name: "T2") { name } }
      own: __typename
    }
    fragment Q on Query { t { __typename } __schema { ...S } one: __type(name: "T1") { name fields @include(if: $no) { name } } }
    fragment S on __Schema { __typename queryType { name } types { name } }`;
    const { json } = await federation.ask(query, {}, { yes: true, no: false });
    expect(json.errors).toBeUndefined();
    const { __schema: schema, ...rest } = json.data;
    expect(rest).toEqual({ t: null, one: { name: 'T1' }, own: 'Query' });
    expect(schema).toMatchObject({ __typename: '__Schema', queryType: { name: 'Query' } });
    expect(schema.types.length).toBeGreaterThan(TYPES);
  });
});
