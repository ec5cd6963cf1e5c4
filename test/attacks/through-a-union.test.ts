import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const LETTER = { __typename: 'Letter', id: 'l1', text: 'secret letter', sealed: 'secret seal' };
const NOTE = { __typename: 'Note', id: 'n1', text: 'open note' };

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `type Query { found: Found founds: [[Found!]!]! open: Open papers: [Paper!] box: Box plain: Plain }
        union Found = Letter | Note
        union Open = Box | Note
        interface Paper { id: ID }
        interface Plain { id: ID! }
        type Box { found: Found notes: [Note!]! letters: [[Letter!]!] lid: String @requiresScopes(scopes: [["lid"]]) }
        type Letter implements Paper @key(fields: "id") @authenticated @requiresScopes(scopes: [["read"]]) { id: ID text: String }
        type Note implements Paper & Plain { id: ID! text: String }`,
      resolvers: {
        Query: {
          found: () => LETTER,
          founds: () => [[LETTER, NOTE]],
          open: () => ({ __typename: 'Box', found: LETTER, notes: [NOTE], letters: [[LETTER]], lid: 'secret lid' }),
          papers: () => [LETTER, NOTE],
          plain: () => NOTE,
          box: () => ({ found: LETTER, notes: [NOTE], letters: [[LETTER]], lid: 'secret lid' }),
        },
        Letter: { __resolveReference: () => LETTER },
      },
    },
    seals: {
      sdl: 'type Letter @key(fields: "id") { id: ID sealed: String }',
      resolvers: { Letter: { __resolveReference: () => LETTER } },
    },
  });
});
afterAll(() => federation?.close());

const MEMBERS = '__typename ... on Letter { text } ... on Note { text }';

describe('a guarded type is withheld where it is one of several that a field may return', () => {
  test.each([
    [`{ found { ${MEMBERS} } }`, 'Query.found'],
    ['{ found { ... on Letter { id } } }', 'Query.found'],
    ['{ found { ... on Paper { id __typename } } }', 'Query.found'],
    ['{ x: found { ...M } } fragment M on Found { ... on Letter { sealed } }', 'Query.found'],
    [`{ founds { ${MEMBERS} } }`, 'Query.founds'],
    ['{ founds { __typename } }', 'Query.founds'],
    [`{ papers { ${MEMBERS} } }`, 'Query.papers'],
    [`{ box { found { ${MEMBERS} } } }`, 'Box.found'],
    ['{ open { ... on Box { found { __typename } } } }', 'Box.found'],
    ['{ box { letters { text } } }', 'Box.letters'],
    ['{ open { ... on Box { letters { __typename } } ... on Note { text } } }', 'Box.letters'],
  ])('%s', async (query, coordinate) => {
    for (const claims of [undefined, {}, { scope: 'other' }]) {
      const { json, text } = await federation.ask(query, claims);
      expect(json.extensions.withheld).toMatchObject([
        { coordinate, requires: [['read']], reason: claims ? 'NO_GRANT' : 'UNAUTHENTICATED' },
      ]);
      expect(text).not.toMatch(/secret|"Letter"|"l1"/u);
      expect(textOf(federation.crossed())).not.toMatch(/found\b|founds|papers|letters|Letter|sealed/u);
    }
    expect((await federation.ask(query, { scope: 'read' })).text).toMatch(/secret|"Letter"|"l1"/u);
    federation.crossed();
  });

  test('and a guarded field of one of them is cut there and nowhere else', async () => {
    const { json } = await federation.ask(
      '{ open { __typename ... on Box { lid notes { text } } ... on Note { lid: text } } }',
    );
    expect(json.data.open).toEqual({ __typename: 'Box', lid: null, notes: [{ text: 'open note' }] });
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Box.lid' }]);
    expect(textOf(federation.crossed())).not.toMatch(/\{[^{}]*\blid(?!:)/u);
  });

  test('so that the name of its type, asked for as one of these, leaves no object: a name is never null', async () => {
    const { json } = await federation.ask('{ plain { id ... on Found { __typename } } }');
    expect(json.data).toEqual({ plain: null });
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Found.__typename', path: ['plain', '__typename'] }]);
    expect((await federation.ask('{ plain { id ... on Found { __typename } } }', { scope: 'read' })).json.data).toEqual(
      {
        plain: { id: 'n1', __typename: 'Note' },
      },
    );
  });
});
