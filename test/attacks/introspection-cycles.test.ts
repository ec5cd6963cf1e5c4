import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';
import { times } from './recursive-federation.ts';
import { LONGEST_STALL, longestStall } from './stall.ts';

let federation: PlainFederation;
beforeAll(async () => {
  const types = times(200, (n) => `type T${n} { ${times(15, (m) => `f${m}(a: Int, b: Int): T${(n + m) % 200}`)} }`);
  federation = await startPlainFederation({ large: { sdl: `type Query { t: T0 } ${types}` } });
});
afterAll(() => federation?.close());

const LEAVES = 'name kind description specifiedByURL';

describe('introspection that goes in circles', () => {
  test.each([
    '{ __schema { types { fields { type { fields { name } } } } } }',
    `{ __schema { types { fields { type { fields { type { fields { type { ${LEAVES} } } } } } } } } }`,
    `{ __schema { types { fields { args { type { fields { args { type { ${LEAVES} } } } } } } } } }`,
    '{ __schema { types { ...F } } } fragment F on __Type { fields { type { ... { fields { name } } } } }',
    '{ __type(name: "T0") { fields { type { ofType { fields { name } } } } } }',
    '{ __schema { types { interfaces { possibleTypes { name } } } } }',
    '{ __schema { types { a: fields { name } b: fields { name } } } }',
    `{ ${times(101, (n) => `x${n}: __type(name: "T0") { name }`)} }`,
  ])('is refused at once: %s', async (query) => {
    let status = 0;
    const stall = await longestStall(async () => {
      ({ status } = await federation.ask(query, {}));
    });
    expect(status).toBe(400);
    expect(stall).toBeLessThan(LONGEST_STALL);
  });

  test('is not what tools ask for', async () => {
    const { json } = await federation.ask(getIntrospectionQuery({ inputValueDeprecation: true }), {});
    expect(json.data.__schema.types.length).toBeGreaterThan(200);
    const { data } = (
      await federation.ask('{ __type(name: "T0") { fields { name type { name } args { type { name } } } } }', {})
    ).json;
    expect(data.__type.fields).toHaveLength(15);
  });
});
