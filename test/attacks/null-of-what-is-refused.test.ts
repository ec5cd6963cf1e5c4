import { execute, parse, buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const TYPES = `
  type Query { maybe: Thing must: Thing! many: [Thing] all: [Thing!] mustAll: [Thing!]! lists: [[Thing!]]! nodes: [Node] node: Node none: Thing empty: [Thing!]! open: String }
  interface Node { id: ID loose: String secret: String }
  type Other implements Node { id: ID loose: String secret: String }
`;
const THING = (guard: string): string =>
  `type Thing implements Node { id: ID loose: String${guard} secret: String!${guard} soft: String${guard} inside: Thing deep: Thing! deeper: [[Thing!]!] }`;
const thing = (depth: number): object => ({
  __typename: 'Thing',
  id: 't',
  loose: 'secret',
  secret: 'secret',
  soft: 'secret',
  ...(depth > 0 && { inside: thing(depth - 1), deep: thing(depth - 1), deeper: [[thing(depth - 1)], []] }),
});
const OTHER = { __typename: 'Other', id: 'o', loose: 'open', secret: 'open' };
const ROOT: Readonly<Record<string, unknown>> = {
  ...{
    maybe: thing(3),
    must: thing(3),
    many: [thing(3), null, thing(3)],
    all: [thing(3)],
    mustAll: [thing(3), thing(3)],
  },
  ...{
    lists: [[thing(3)], null, []],
    nodes: [OTHER, thing(3), OTHER],
    node: OTHER,
    none: null,
    empty: [],
    open: 'open',
  },
};

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: TYPES + THING(' @authenticated'),
      resolvers: { Query: Object.fromEntries(Object.entries(ROOT).map(([field, value]) => [field, () => value])) },
    },
  });
});
afterAll(() => federation?.close());

/** What the specification makes of a document whose refused fields answer with an error. */
function expected(query: string): unknown {
  const { data } = execute({
    schema: buildSchema(TYPES + THING('')),
    document: parse(query),
    rootValue: ROOT,
    fieldResolver: (source, _args, _context, { fieldName, parentType }) => {
      if (parentType.name === 'Thing' && ['loose', 'secret', 'soft'].includes(fieldName)) throw new Error('refused');
      return source[fieldName];
    },
  }) as { data: unknown };
  return JSON.parse(JSON.stringify(data));
}

describe('a refused field that takes no null takes along what the specification says, and no more', () => {
  test.each([
    '{ maybe { id secret } open }',
    '{ maybe { id soft } open }',
    '{ must { secret } open }',
    '{ must { soft } open }',
    '{ many { id secret } open }',
    '{ all { secret } open }',
    '{ mustAll { secret } open }',
    '{ lists { secret } open }',
    '{ none { secret } empty { secret } open }',
    '{ maybe { inside { secret } id } open }',
    '{ maybe { deep { secret } id } open }',
    '{ maybe { inside { deep { deep { secret } } } id } open }',
    '{ maybe { deeper { secret } id } open }',
    '{ maybe { deep { deeper { id secret } } } open }',
    '{ maybe { deep { id } ... { deep { secret } } } open }',
    '{ maybe { x: secret @skip(if: true) id } open }',
    '{ maybe { secret @include(if: false) soft } open }',
    '{ nodes { id ... on Thing { secret } } open }',
    '{ nodes { id ... on Thing { soft inside { id } } } open }',
    '{ nodes { ... on Other { secret } ... on Thing { id loose } } open }',
    '{ node { ... on Thing { secret } id } open }',
    '{ a: maybe { secret } b: maybe { id } open }',
    '{ maybe { secret } maybe { id } open }',
    '{ maybe { ...F } open } fragment F on Thing { inside { ...G } id } fragment G on Thing { x: secret }',
  ])('%s', async (query) => {
    const { json, text } = await federation.ask(query);
    expect(json.data).toEqual(expected(query));
    expect(text).not.toContain('"secret"}');
    expect(JSON.stringify(federation.crossed().map((fetch) => fetch.query))).not.toMatch(
      /Thing ?\{[^{}]*(secret|soft)/u,
    );
  });

  test.each([
    ['{ nodes { id secret } open }', [null, null, null]],
    [
      '{ nodes { id loose } open }',
      [
        { id: 'o', loose: null },
        { id: 't', loose: null },
        { id: 'o', loose: null },
      ],
    ],
  ])(
    'on the interface it is refused of all types, and an object’s own type says whether it takes null: %s',
    async (query, nodes) => {
      const { json } = await federation.ask(query);
      expect(json.data.open).toBe('open');
      if (query.includes('loose')) expect(json.data.nodes).toEqual(nodes);
      else expect(json.data.nodes).toEqual([{ id: 'o', secret: null }, null, { id: 'o', secret: null }]);
      if (query.includes('secret'))
        expect(json.errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }]);
    },
  );

  test.each([
    '{ nodes { id secret ... on Other { secret } } open }',
    '{ nodes { ... on Other { secret } id secret } open }',
    '{ nodes { id secret } nodes { ... on Other { secret } } open }',
  ])('nor does it take what another fragment brings: %s', async (query) => {
    const { json } = await federation.ask(query);
    const other = { id: 'o', secret: 'open' };
    expect(json.data).toEqual({ nodes: [other, null, other], open: 'open' });
  });

  test('with an error where that happens, and without one where it does not', async () => {
    expect((await federation.ask('{ maybe { secret } }')).json.errors).toMatchObject([{ path: ['maybe', 'secret'] }]);
    expect((await federation.ask('{ maybe { soft } }')).json.errors).toBeUndefined();
  });
});
