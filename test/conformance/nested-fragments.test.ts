import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from '../attacks/plain-federation.ts';

const SDL = `
  type Query { film: Film! }
  interface Titled { title: String }
  interface Rated { stars: Int }
  type Film implements Titled & Rated { title: String stars: Int secret: String @authenticated }
`;

let federation: PlainFederation;

beforeAll(async () => {
  const film = { __typename: 'Film', title: 'A title', stars: 3, secret: 'A secret' };
  federation = await startPlainFederation({ films: { sdl: SDL, resolvers: { Query: { film: () => film } } } });
});

afterAll(() => federation.close());

test.each([
  ['... on Titled { ... on Film { stars } }', { stars: 3 }],
  ['... on Titled { ... on Rated { stars } }', { stars: 3 }],
  ['... on Rated { ... on Titled { ... on Film { stars title } } }', { stars: 3, title: 'A title' }],
  ['... on Titled { ... on Film { stars secret } }', { stars: 3, secret: null }],
])('what is asked for of an object within fragments on its interfaces is answered: %s', async (fragments, film) => {
  const { json } = await federation.ask(`{ film { ${fragments} } }`);
  expect(json.data).toEqual({ film });
});
