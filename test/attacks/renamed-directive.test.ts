import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const FEDERATION = 'https://specs.apollo.dev/federation/v2.9';
const GUARDED = { signedIn: 'signed in only', scoped: 'scoped only', decided: 'decided only' };
const sdlWith = (link: string, [authenticated, requiresScopes, policy]: readonly [string, string, string]): string => `
  ${link}
  type Query {
    open: String
    signedIn: String @${authenticated}
    scoped: String @${requiresScopes}(scopes: [["s"]])
    decided: String @${policy}(policies: [["p"]])
  }`;

describe.each<[string, string, string, (supergraph: string) => string]>([
  [
    'imported under other names',
    sdlWith(
      `extend schema @link(url: "${FEDERATION}", import: [{name: "@authenticated", as: "@a"}, {name: "@requiresScopes", as: "@deprecate"}, {name: "@policy", as: "@p"}])`,
      ['a', 'deprecate', 'p'],
    ),
    '@deprecate(',
    (supergraph) => supergraph,
  ],
  [
    'not imported, by the prefix of the specification',
    sdlWith(`extend schema @link(url: "${FEDERATION}")`, [
      'federation__authenticated',
      'federation__requiresScopes',
      'federation__policy',
    ]),
    '@federation__requiresScopes(',
    (supergraph) => supergraph,
  ],
  [
    'under a prefix of the schema’s own',
    sdlWith(
      `extend schema @link(url: "${FEDERATION}", as: "f")
        scalar f__Scope scalar f__Policy
        directive @f__authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
        directive @f__requiresScopes(scopes: [[f__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
        directive @f__policy(policies: [[f__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
      ['f__authenticated', 'f__requiresScopes', 'f__policy'],
    ),
    '@f__requiresScopes(',
    (supergraph) => supergraph,
  ],
  [
    'under the name of one that means nothing',
    sdlWith(
      `extend schema @link(url: "${FEDERATION}", import: [{name: "@authenticated", as: "@specifiedBye"}, {name: "@requiresScopes", as: "@authenticated"}, {name: "@policy", as: "@requiresScopes"}])`,
      ['specifiedBye', 'authenticated', 'requiresScopes'],
    ),
    '@authenticated(scopes:',
    (supergraph) => supergraph,
  ],
  [
    'that only one of several links in a supergraph imports',
    sdlWith(`extend schema @link(url: "${FEDERATION}", import: ["@authenticated", "@requiresScopes", "@policy"])`, [
      'authenticated',
      'requiresScopes',
      'policy',
    ]),
    '@policy__policy(',
    (supergraph) =>
      supergraph
        .replaceAll('@authenticated\n', '@authenticated__authenticated\n')
        .replace('directive @authenticated ', 'directive @authenticated__authenticated ')
        .replaceAll('@policy(', '@policy__policy('),
  ],
  [
    'renamed in the supergraph itself',
    sdlWith(`extend schema @link(url: "${FEDERATION}", import: ["@authenticated", "@requiresScopes", "@policy"])`, [
      'authenticated',
      'requiresScopes',
      'policy',
    ]),
    '@scopes__needed',
    (supergraph) =>
      supergraph
        .replace(
          'requiresScopes/v0.1"',
          'requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@scopes__needed"}]',
        )
        .replaceAll('@requiresScopes(', '@scopes__needed(')
        .replace('policy/v0.1"', 'policy/v0.1", as: "rule"')
        .replaceAll('@policy(', '@rule('),
  ],
])('a guard %s holds (CVE-2025-64347)', (_, sdl, name, change) => {
  let federation: PlainFederation;
  let served = '';
  beforeAll(async () => {
    federation = await startPlainFederation(
      {
        archive: {
          sdl,
          resolvers: {
            Query: Object.fromEntries(
              Object.entries({ open: 'open', ...GUARDED }).map(([field, value]) => [field, () => value]),
            ),
          },
        },
      },
      { change: (supergraph) => (served = change(supergraph)) },
    );
  });
  afterAll(() => federation?.close());

  test('for nobody, and for somebody without scopes', async () => {
    expect(served).toContain(name);
    const query = '{ open signedIn scoped decided }';
    expect((await federation.ask(query)).json.data).toEqual({
      open: 'open',
      signedIn: null,
      scoped: null,
      decided: null,
    });
    expect(textOf(federation.crossed())).not.toMatch(/signedIn|scoped|decided/u);
    expect((await federation.ask(query, {})).json.data).toMatchObject({
      signedIn: GUARDED.signedIn,
      scoped: null,
      decided: null,
    });
    expect(textOf(federation.crossed())).not.toMatch(/scoped|decided/u);
    expect((await federation.ask(query, { scope: 's' })).json.data).toMatchObject({
      scoped: GUARDED.scoped,
      decided: null,
    });
  });
});
