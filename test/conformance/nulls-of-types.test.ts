import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from '../attacks/plain-federation.ts';

const SDL = `
  type Query { cell: Step steps: [Step] needed: [Step!] shut: Shut }
  interface Step { name: String next: Step }
  type Cell implements Step { name: String next: Yard! }
  type Shut @authenticated { name: String }
  type Yard implements Step { name: String! @authenticated next: Step }
`;

let federation: PlainFederation;

beforeAll(async () => {
  const yard = { __typename: 'Yard', name: 'A yard', next: null };
  const cell = { __typename: 'Cell', name: 'A cell', next: yard };
  const resolvers = { Query: { cell: () => cell, steps: () => [cell, yard], needed: () => [cell] } };
  federation = await startPlainFederation({ steps: { sdl: SDL, resolvers } });
});

afterAll(() => federation.close());

test.each([
  ['{ cell { next { name } } }', { cell: null }],
  ['{ steps { next { name } } }', { steps: [null, { next: null }] }],
  ['{ needed { next { name } } }', { needed: null }],
  ['{ cell { next { next { name } } } }', { cell: { next: { next: null } } }],
  ['{ cell { ... on Cell { name } next { ... on Cell { name } } } }', { cell: { name: 'A cell', next: {} } }],
])('a null is as far up as the own types of objects take none, whatever interfaces take: %s', async (query, data) => {
  const { json } = await federation.ask(query);
  expect(json.data).toEqual(data);
});

test('and where nothing is withheld, everything is answered', async () => {
  const { json } = await federation.ask('{ steps { name next { name } } }', {});
  expect(json).toMatchObject({
    data: {
      steps: [
        { name: 'A cell', next: { name: 'A yard' } },
        { name: 'A yard', next: null },
      ],
    },
  });
});
