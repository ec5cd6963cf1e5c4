import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AMANA_SPEC, GUARDED_BY_SDL } from '../../src/protocol/directives.ts';
import { temporaryDirectory, writeIn } from '../supergraph/run-gateway.ts';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@policy", "@composeDirective"])
  @link(url: "${AMANA_SPEC}", import: ["@guardedBy"])
  @composeDirective(name: "@guardedBy")
  ${GUARDED_BY_SDL}\n`;
const FOUND = [{ id: 'p1' }];

let federation: PlainFederation;
beforeAll(async () => {
  const policiesFile = writeIn(
    temporaryDirectory(),
    'policies.mjs',
    'export const policies = async ({ claims }) => (claims?.policies ?? []);',
  );
  federation = await startPlainFederation(
    {
      archive: {
        sdl: `${LINKS}
          type Query {
            people(
              name: String @guardedBy(field: "Person.name")
              signedIn: String @guardedBy(field: "Person.signedIn")
              decided: String @guardedBy(field: "Person.decided")
              both: String @guardedBy(field: "Person.both")
              typed: String @guardedBy(field: "Person.file")
              elsewhere: String @guardedBy(field: "Person.elsewhere")
              nothing: String @guardedBy(field: "Person.id")
              where: [Where!]
              sort: Sort
            ): [Person]
            shared(decided: String @guardedBy(field: "Person.decided")): [Person] @shareable
            either(decided: String @guardedBy(field: "Person.decided")): Either
          }
          input Where { name: String @guardedBy(field: "Person.name") and: [Where!] decided: [String!] @guardedBy(field: "Person.decided") }
          input Sort { by: String = "decided" @guardedBy(field: "Person.decided") }
          interface Either { count(decided: String): Int }
          type Count implements Either { count(decided: String @guardedBy(field: "Person.decided")): Int }
          type Person @key(fields: "id") {
            id: ID
            name: String @requiresScopes(scopes: [["name"]])
            signedIn: String @authenticated
            decided: String @policy(policies: [["p"]])
            both: String @requiresScopes(scopes: [["name"]]) @policy(policies: [["p"]])
            file: File
          }
          type File @authenticated @policy(policies: [["p"]]) { id: ID }`,
        resolvers: {
          Query: { people: () => FOUND, shared: () => FOUND, either: () => ({ __typename: 'Count', count: 1 }) },
        },
      },
      other: {
        sdl: `${LINKS}
          type Query { shared(decided: String @guardedBy(field: "Person.decided")): [Person] @shareable }
          type Person @key(fields: "id") { id: ID elsewhere: String @policy(policies: [["q"]]) }`,
        resolvers: { Query: { shared: () => FOUND } },
      },
    },
    { policiesFile },
  );
});
afterAll(() => federation?.close());

type Viewer = { readonly scope?: string; readonly policies?: readonly string[] } | undefined;

describe('a filter that reads what the viewer may not see is refused before anything is fetched (CVE-2026-54698)', () => {
  test.each<readonly [filter: string, granted: Viewer, others: readonly Viewer[]]>([
    ['people(name: "a")', { scope: 'name' }, [undefined, {}, { policies: ['p'] }]],
    ['people(signedIn: "a")', {}, [undefined]],
    ['people(decided: "a")', { policies: ['p'] }, [undefined, {}, { scope: 'name', policies: ['q'] }]],
    ['people(both: "a")', { scope: 'name', policies: ['p'] }, [undefined, { scope: 'name' }, { policies: ['p'] }]],
    ['people(typed: "a")', { policies: ['p'] }, [undefined, {}]],
    ['people(elsewhere: "a")', { policies: ['q'] }, [undefined, {}, { policies: ['p'] }]],
    ['people(name: "a", decided: "b")', { scope: 'name', policies: ['p'] }, [{ scope: 'name' }, { policies: ['p'] }]],
    ['people(where: [{ and: [{ name: "a" }] }])', { scope: 'name' }, [undefined, { policies: ['p'] }]],
    ['people(where: { and: { decided: "a" } })', { policies: ['p'] }, [undefined, { scope: 'name' }]],
    ['people(sort: {})', { policies: ['p'] }, [undefined, { scope: 'name' }]],
    ['shared(decided: "a")', { policies: ['p'] }, [undefined, { scope: 'name' }]],
  ])('%s', async (filter, granted, others) => {
    for (const query of [
      `{ ${filter} { id } }`,
      `{ x: ${filter} { __typename } ...F } fragment F on Query { __typename }`,
    ]) {
      for (const viewer of others) {
        const { status, json } = await federation.ask(query, viewer);
        expect(status).toBe(403);
        expect(json.errors).toMatchObject([{ extensions: { code: 'FILTER_WITHHELD' } }]);
        expect(json.data).toBeUndefined();
        expect(json.extensions.withheld[0].coordinate).toMatch(/^Person\./u);
        expect(federation.crossed()).toEqual([]);
      }
      expect((await federation.ask(query, granted)).status).toBe(200);
      expect(federation.crossed()).toHaveLength(1);
    }
  });

  test('in a variable and in its default too, and on an interface', async () => {
    for (const [query, variables] of [
      ['query ($v: String) { people(decided: $v) { id } }', { v: 'a' }],
      ['query ($v: String = "a") { people(decided: $v) { id } }', {}],
      ['query ($v: [Where!]) { people(where: $v) { id } }', { v: [{ and: [{ decided: ['a'] }] }] }],
      ['{ either { count(decided: "a") } }', {}],
    ] as const) {
      expect((await federation.ask(query, { scope: 'name' }, variables)).json.errors[0].extensions.code).toBe(
        'FILTER_WITHHELD',
      );
      expect((await federation.ask(query, { policies: ['p'] }, variables)).json.errors).toBeUndefined();
    }
    federation.crossed();
  });

  test('where it says that it reads what nothing guards, it is for nobody', async () => {
    const everything = { scope: 'name', policies: ['p', 'q'] };
    expect((await federation.ask('{ people(nothing: "a") { id } }', everything)).status).toBe(403);
  });

  test('and one that is not used, or reads nothing, is none', async () => {
    for (const query of [
      '{ people { id } }',
      '{ people(decided: null, where: [{ name: null }]) { id } }',
      '{ people { id } x: people(decided: "a") @skip(if: true) { id } }',
    ])
      expect((await federation.ask(query)).json.data.people).toEqual(FOUND);
  });
});
