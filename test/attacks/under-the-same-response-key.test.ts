import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  const found = [
    { __typename: 'Letter', id: 'l1', text: 'secret text', sender: { name: 'secret name' } },
    { __typename: 'Note', id: 'n1', text: 'open text', sender: { name: 'open name' } },
  ];
  federation = await startPlainFederation({
    archive: {
      sdl: `type Query { found: [Paper] }
        interface Paper { id: ID! text: String sender: Person }
        type Letter implements Paper { id: ID! text: String @authenticated sender: Person @authenticated }
        type Note implements Paper { id: ID! text: String sender: Person title: String }
        type Person { name: String }`,
      resolvers: { Query: { found: () => found } },
    },
  });
});
afterAll(() => federation?.close());

const onLetter = '... on Letter { key: text sender { name } }';
const onNote = '... on Note { key: text sender { name } }';

test.each([`${onLetter} ${onNote}`, `${onNote} ${onLetter}`, `${onNote} ${onLetter} ... on Paper { id }`])(
  'a denial in one fragment neither takes nor gives the same response key in another (denial keyed by path): %s',
  async (fragments) => {
    const { json } = await federation.ask(`{ found { ${fragments} } }`);
    expect(json.data.found).toMatchObject([
      { key: null, sender: null },
      { key: 'open text', sender: { name: 'open name' } },
    ]);
    expect(textOf(federation.crossed())).not.toMatch(/Letter \{[^}]*text/u);
  },
);

test.each([`key: text sender { name } ${onNote}`, `${onNote} key: text sender { name }`])(
  'nor does one on the interface, in whatever order they come: %s',
  async (fragments) => {
    const { json } = await federation.ask(`{ found { ${fragments} } }`);
    expect(json.data.found).toEqual([
      { key: null, sender: null },
      { key: 'open text', sender: { name: 'open name' } },
    ]);
    expect(json.extensions.withheld.map(({ coordinate }: { coordinate: string }) => coordinate)).toEqual([
      'Paper.text',
      'Paper.sender',
    ]);
  },
);

test('a fragment on a type that cannot be here asks for nothing here, within others too, whatever else is cut', async () => {
  const { json } = await federation.ask(
    '{ found { ... on Note { ... on Paper { ... on Letter { key: text id } } } ... on Letter { text } } }',
  );
  expect(json.data.found).toEqual([{ text: null }, {}]);
});
