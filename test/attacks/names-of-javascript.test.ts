import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const NAMES = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'toJSON'];
const POISON = JSON.parse(
  '{"__proto__": {"polluted": "yes", "isAdmin": true}, "constructor": {"prototype": {"polluted": "yes"}}}',
);

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `scalar JSON
        type Query { thing(id: ID, json: JSON): Thing things: [Thing] constructor: Thing }
        type Thing @key(fields: "id") { id: ID! json: JSON echo: JSON constructor: String secret: String @authenticated }`,
      resolvers: {
        Query: {
          thing: (_: unknown, { id, json }: { id?: string; json?: unknown }) => ({
            id: id ?? 't',
            json: POISON,
            echo: json,
            constructor: 'c',
          }),
          things: () => [{ id: 't', json: POISON, constructor: 'c' }],
          constructor: () => ({ id: 'root', constructor: 'c' }),
        },
        Thing: { __resolveReference: (given: object) => ({ ...given, json: POISON }) },
      },
    },
    other: {
      sdl: 'type Thing @key(fields: "id") { id: ID! more: String prototype: Int }',
      resolvers: { Thing: { __resolveReference: (given: object) => given, more: () => 'more', prototype: () => 7 } },
    },
  });
});
afterAll(() => federation?.close());

const expectClean = (): void => {
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  expect(Reflect.get(Object, 'polluted')).toBeUndefined();
};

describe('a name that every JavaScript object has already (CVE-2026-32621)', () => {
  test.each(NAMES)('%s is an alias like any other', async (name) => {
    const { json } = await federation.ask(
      `{ ${name}: thing { ${name}: id more secret x: secret } things { ${name}: more } }`,
    );
    expect(json.data).toEqual({
      [name]: { [name]: 't', more: 'more', secret: null, x: null },
      things: [{ [name]: 'more' }],
    });
    expectClean();
  });

  test.each(NAMES)('%s, cut, is null under its own name', async (name) => {
    const { json } = await federation.ask(`{ thing { ${name}: secret } }`);
    expect(json.data).toEqual({ thing: { [name]: null } });
  });

  test.each(NAMES)('%s is a variable like any other', async (name) => {
    const query = `query ($${name}: ID) { thing(id: $${name}) { id more } }`;
    expect((await federation.ask(query, undefined, { [name]: 'given' })).json.data).toEqual({
      thing: { id: 'given', more: 'more' },
    });
    expect((await federation.ask(query)).json.data).toEqual({ thing: { id: 't', more: 'more' } });
  });

  test('is a field like any other, also where it is fetched from two subgraphs', async () => {
    const { json } = await federation.ask('{ constructor { id constructor prototype } }');
    expect(json.data).toEqual({ constructor: { id: 'root', constructor: 'c', prototype: 7 } });
  });

  test.each(NAMES)('%s is missing, and said to be, where a subgraph does not answer it', async (name) => {
    const [archive] = federation.subgraphs;
    archive!.answer = () => ({ data: { thing: { id: 't' } } });
    try {
      const { json } = await federation.ask(`{ thing { id ${name}: json } }`);
      expect(json.data).toEqual({ thing: { id: 't', [name]: null } });
      expect(json.errors).toMatchObject([{ path: ['thing', name], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    } finally {
      archive!.answer = undefined;
    }
  });

  test('__proto__ is refused as an alias, whatever it is an alias of', async () => {
    for (const query of ['{ __proto__: thing { id } }', '{ thing { __proto__: id } }', '{ thing { __proto__: json } }'])
      expect((await federation.ask(query)).json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(federation.crossed()).not.toContainEqual(
      expect.objectContaining({ query: expect.stringContaining('__proto__') }),
    );
  });

  test('as a JSON key of a subgraph’s answer stays inside the value that holds it', async () => {
    const { json, text } = await federation.ask('{ thing { json more secret } things { id json more } }');
    expect(json.data.thing.more).toBe('more');
    expect(json.data.thing.secret).toBeNull();
    expect(text).toContain('"__proto__":{"polluted":"yes"');
    expectClean();
    expect(json.data.things).toHaveLength(1);
  });

  test('as a JSON key beside what was asked for is dropped', async () => {
    const [archive] = federation.subgraphs;
    archive!.answer = () => ({
      data: JSON.parse(
        '{"thing": {"id": "t", "__proto__": {"polluted": "yes", "secret": "leaked"}, "constructor": {"prototype": {"polluted": "yes"}}}, "__proto__": {"polluted": "yes"}}',
      ),
      errors: [JSON.parse('{"message": "x", "path": ["__proto__", "polluted"], "__proto__": {"polluted": "yes"}}')],
    });
    try {
      const { json, text } = await federation.ask('{ thing { id secret more } }');
      expect(json.data).toEqual({ thing: { id: 't', secret: null, more: 'more' } });
      expect(text).not.toMatch(/polluted|leaked/u);
      expectClean();
    } finally {
      archive!.answer = undefined;
    }
  });

  test.each([
    '{"query": "{ thing { id } }", "__proto__": {"query": "{ thing { secret } }"}}',
    '{"query": "query ($j: JSON) { thing(json: $j) { echo } }", "variables": {"j": {"__proto__": {"polluted": "yes"}}}}',
    '{"query": "query ($j: JSON) { thing(json: $j) { echo } }", "variables": {"__proto__": {"j": 1}}}',
    '{"query": "{ thing { id } }", "variables": {"constructor": {"prototype": {"polluted": "yes"}}}}',
    '{"query": "{ thing { id } }", "extensions": {"amana": {"__proto__": {"withheldAs": "errors"}}}}',
  ])('as a JSON key of a request is refused: %s', async (body) => {
    federation.crossed();
    const { status, json } = await federation.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(status).toBe(400);
    expect(json.errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(federation.crossed()).toEqual([]);
    expectClean();
  });

  test.each([
    '{ thing(json: {__proto__: {polluted: "yes"}}) { echo } }',
    '{ thing(json: [{a: {constructor: {prototype: {polluted: "yes"}}}}]) { echo } }',
    'query ($j: JSON = {__proto__: 1}) { thing(json: $j) { echo } }',
    'query ($id: ID) { thing(json: {a: $id, b: {__proto__: $id}}) { echo } }',
  ])('in a literal of the document is refused, as it is in JSON: %s', async (query) => {
    federation.crossed();
    const { json } = await federation.ask(query);
    expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(federation.crossed()).toEqual([]);
    expectClean();
  });

  test.each(NAMES)('%s in a literal is a name like any other', async (name) => {
    const { json } = await federation.ask(`{ thing(json: {a: [{${name}: {${name}: 1}}]}) { echo } }`);
    expect(json.data.thing.echo).toEqual({ a: [{ [name]: { [name]: 1 } }] });
    expectClean();
  });
});

describe('a name that begins as those that the gateway gives for a while', () => {
  const OWN = { __cut_more: 1, __as_id: [{ __cut_: null, __as_more: 2, id: 3 }], __typename: 'Nothing' };

  test('is left as it is in a scalar, whatever is cut or renamed beside it', async () => {
    const query = 'query ($json: JSON) { thing(json: $json) { id: more more: id echo x: secret } things { id: more } }';
    const { json } = await federation.ask(query, undefined, { json: OWN });
    expect(json.data.thing).toEqual({ id: 'more', more: 't', echo: OWN, x: null });
    expect(json.data.things).toEqual([{ id: 'more' }]);
  });

  test.each(['__cut_id', '__as_id', '__cut_', '__'])('is no alias: %s', async (name) => {
    const { json } = await federation.ask(`{ thing { ${name}: secret } }`);
    expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
