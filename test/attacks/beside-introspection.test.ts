import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const PARTS = {
  archive: {
    sdl: 'type Query { open: String secret: String @requiresScopes(scopes: [["secret"]]) }',
    resolvers: { Query: { open: () => 'open', secret: () => 'kept secret' } },
  },
};
let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation(PARTS);
});
afterAll(() => federation?.close());

const BESIDE = [
  '{ __schema { __typename } open secret }',
  '{ open secret __schema { __typename } }',
  '{ __schema { queryType { name } } x: secret open __type(name: "Query") { name } }',
  '{ ...S secret open } fragment S on Query { __schema { __typename } }',
  '{ ... { __type(name: "Query") { name } } ... on Query { secret open } }',
];

describe('introspection beside a guarded field (adding __schema { __typename })', () => {
  test.each(BESIDE)('opens nothing: %s', async (query) => {
    const { json, text } = await federation.ask(query, { scope: 'other' });
    expect(json.data.open).toBe('open');
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Query.secret', reason: 'NO_GRANT' }]);
    expect(text).not.toContain('kept secret');
    expect(textOf(federation.crossed())).not.toContain('secret');
  });

  test.each(BESIDE)('is refused to who has not signed in, and nothing is fetched: %s', async (query) => {
    const { status, json } = await federation.ask(query);
    expect(status).toBe(400);
    expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(json.data).toBeUndefined();
    expect(federation.crossed()).toEqual([]);
  });
});

describe('the schema', () => {
  test('is not shown to who has not signed in, under any name', async () => {
    for (const query of [
      getIntrospectionQuery(),
      '{ a: __type(name: "Query") { fields { name } } }',
      '{ ... { __schema { types { name } } } }',
    ]) {
      const { status, text } = await federation.ask(query);
      expect(status).toBe(400);
      expect(text).not.toContain('"secret"');
    }
    expect((await federation.ask('{ __typename open }')).json.data).toEqual({ __typename: 'Query', open: 'open' });
    expect((await federation.ask('{ open __schema @skip(if: true) { __typename } }')).json.data).toEqual({
      open: 'open',
    });
  });

  test('is told in the fields that the planner knows, and what is newer is refused as any other unknown field', async () => {
    for (const query of [
      '{ __type(name: "Query") { isOneOf } }',
      '{ __schema { types { name isOneOf } } open }',
      '{ __schema { directives { ...D } } } fragment D on __Directive { isDeprecated }',
      '{ __schema { directives { deprecationReason } } }',
      '{ __schema { directives(includeDeprecated: true) { name } } }',
    ]) {
      const { status, json } = await federation.ask(query, {});
      expect(status).toBe(400);
      expect(json.errors).toMatchObject([
        {
          message: expect.stringMatching(/^(Cannot query field|Unknown argument) "/u),
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ]);
    }
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
    });
    expect((await federation.ask(query, {})).json.errors).toBeUndefined();
  });

  test('is suggested to nobody', async () => {
    for (const query of ['{ secre }', '{ opn }', '{ __type(nam: "Query") { name } }', '{ open @includ(if: true) }']) {
      const { text } = await federation.ask(query);
      expect(text).not.toMatch(/did you mean|secret|"open"|include/iu);
    }
  });

  test('is shown to who has signed in, and to everybody where the operator says so', async () => {
    expect((await federation.ask(getIntrospectionQuery(), {})).json.data.__schema.queryType.name).toBe('Query');
    const open = await startPlainFederation(PARTS, { anonymousIntrospection: true });
    try {
      const { json } = await open.ask('{ __schema { queryType { fields { name } } } secret }');
      expect(json.data).toEqual({
        __schema: { queryType: { fields: [{ name: 'open' }, { name: 'secret' }] } },
        secret: null,
      });
      expect(open.crossed()).toEqual([]);
    } finally {
      await open.close();
    }
  });
});
