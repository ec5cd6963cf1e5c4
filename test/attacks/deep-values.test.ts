import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `scalar JSON
        type Query { one: Thing other: Thing }
        type Thing @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { one: () => ({ id: '1' }), other: () => ({ id: '2' }) } },
    },
    other: {
      sdl: `scalar JSON
        type Query { echo(json: JSON): JSON }
        type Thing @key(fields: "id") { id: ID! more(json: JSON): String }`,
      resolvers: {
        Query: { echo: (_: unknown, { json }: { json: unknown }) => json },
        Thing: { __resolveReference: (given: object) => given, more: () => 'more' },
      },
    },
  });
});
afterAll(() => federation?.close());

const lists = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

const send = (query: string, json: string) =>
  federation.send({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query": ${JSON.stringify(query)}, "variables": {"json": ${json}}}`,
  });

describe('a variable that is nested very deeply', () => {
  test.each([
    ['one question', 'query ($json: JSON) { echo(json: $json) }'],
    [
      'several questions of one subgraph at one time',
      'query ($json: JSON) { one { more(json: $json) } other { more(json: $json) } }',
    ],
  ])('is refused before anybody is asked, and the gateway goes on: %s', async (_, query) => {
    for (const json of [lists(1_000), lists(20_000), objects(20_000)]) {
      federation.crossed();
      const { status, json: answer } = await send(query, json);
      expect([status, answer.errors[0].extensions.code]).toEqual([400, 'OPERATION_TOO_COSTLY']);
      expect(federation.crossed()).toEqual([]);
    }
    expect((await federation.ask('{ one { more } other { more } }')).json.data).toEqual({
      one: { more: 'more' },
      other: { more: 'more' },
    });
  });

  test('is refused as a literal, too', async () => {
    const { json } = await federation.ask(`{ echo(json: ${lists(400)}) }`);
    expect(json.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COSTLY' } }]);
  });

  test('is taken as long as it is one that somebody may have written', async () => {
    const { json } = await send('query ($json: JSON) { echo(json: $json) }', lists(100));
    expect(JSON.stringify(json.data.echo)).toBe(lists(100));
  });
});

describe('an answer in which a value is nested very deeply', () => {
  test.each([lists(100_000), objects(100_000)])('is missing there, and costs nobody else anything', async (deep) => {
    const [, other] = federation.subgraphs;
    const body = `{"data": {"echo": ${deep}}}`;
    other!.answer = () => new Response(body, { headers: { 'content-type': 'application/json' } });
    try {
      const { json } = await federation.ask('{ echo one { id } }');
      expect(json.data).toEqual({ echo: null, one: { id: '1' } });
      expect(json.errors).toMatchObject([{ path: ['echo'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    } finally {
      other!.answer = undefined;
    }
  });
});
