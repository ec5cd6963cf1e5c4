import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, writeIn } from '../supergraph/run-gateway.ts';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const VALUES = { all: 'secret', either: 'secret', shared: 'secret', typed: { text: 'secret' }, leaf: 'secret' };

let federation: PlainFederation;
beforeAll(async () => {
  const policiesFile = writeIn(
    temporaryDirectory(),
    'policies.mjs',
    'export const policies = async ({ claims }) => (claims?.policies ?? []);',
  );
  federation = await startPlainFederation(
    {
      one: {
        sdl: `type Query {
            open: String
            all: String @authenticated @requiresScopes(scopes: [["a"]]) @policy(policies: [["p"]])
            either: String @requiresScopes(scopes: [["a", "b"], ["c"]]) @policy(policies: [["p", "q"], ["r"]])
            shared: String @shareable @requiresScopes(scopes: [["a"], ["b"]])
            typed: Typed @requiresScopes(scopes: [["b"]])
            leaf: Leaf @policy(policies: [["p"]])
          }
          type Typed @shareable @requiresScopes(scopes: [["a"]]) { text: String @policy(policies: [["p"]]) }
          scalar Leaf @requiresScopes(scopes: [["a"]])`,
        resolvers: {
          Query: Object.fromEntries(
            Object.entries({ open: 'open', ...VALUES }).map(([name, value]) => [name, () => value]),
          ),
        },
      },
      two: {
        sdl: `type Query { shared: String @shareable @requiresScopes(scopes: [["c"]]) @policy(policies: [["p"]]) other: Typed }
          type Typed @shareable @authenticated { text: String }
          scalar Leaf @policy(policies: [["q"]])`,
        resolvers: { Query: { shared: () => 'secret', other: () => ({ text: 'secret' }) } },
      },
    },
    { policiesFile },
  );
});
afterAll(() => federation?.close());

type Case = readonly [query: string, scope: string, policies: readonly string[], isSeen: boolean];
const CASES: readonly Case[] = [
  ['{ open all }', 'a', ['p'], true],
  ['{ open all }', 'a', ['q'], false],
  ['{ open all }', 'b', ['p'], false],
  ['{ open all }', '', ['p'], false],
  ['{ open either }', 'a b', ['r'], true],
  ['{ open either }', 'c', ['p', 'q'], true],
  ['{ open either }', 'a', ['r'], false],
  ['{ open either }', 'b c', ['q'], false],
  ['{ open either }', 'b', ['p', 'q', 'r'], false],
  ['{ open shared }', 'a c', ['p'], true],
  ['{ open shared }', 'b c', ['p'], true],
  ['{ open shared }', 'a b', ['p'], false],
  ['{ open shared }', 'c', ['p'], false],
  ['{ open shared }', 'a c', [], false],
  ['{ open typed { text } }', 'a b', ['p'], true],
  ['{ open typed { text } }', 'a', ['p'], false],
  ['{ open typed { text } }', 'b', ['p'], false],
  ['{ open typed { text } }', 'a b', [], false],
  ['{ open other { text } }', 'a', ['p'], true],
  ['{ open other { text } }', '', ['p'], false],
  ['{ open leaf }', 'a', ['p', 'q'], true],
  ['{ open leaf }', 'a', ['p'], false],
  ['{ open leaf }', 'a', ['q'], false],
  ['{ open leaf }', '', ['p', 'q'], false],
];

describe('one guard of several is not enough', () => {
  test.each(CASES)('%s with the scopes "%s" and the policies %j: %s', async (query, scope, policies, isSeen) => {
    const { json, text } = await federation.ask(query, { scope, policies });
    expect(json.data.open).toBe('open');
    expect(text.includes('secret')).toBe(isSeen);
    expect(
      /shared|typed|other|leaf|all|either/u.test(
        textOf(federation.crossed()).replace(/typed\s*\{\s*__typename\s*\}/u, ''),
      ),
    ).toBe(isSeen);
  });

  test.each(CASES)('%s is for nobody who has not signed in', async (query) => {
    const { json, text } = await federation.ask(query);
    expect(json.data.open).toBe('open');
    expect(text).not.toContain('secret');
    expect(json.extensions.withheld).toMatchObject([{ reason: 'UNAUTHENTICATED' }]);
  });
});
