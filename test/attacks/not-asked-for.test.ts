import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `type Query { open: String secret: String @authenticated letter: Letter must: Letter! }
        type Letter @key(fields: "id") { id: ID text: String! @authenticated }`,
      resolvers: {
        Query: {
          open: () => 'open',
          secret: () => 'kept secret',
          letter: () => ({ id: 'l1', text: 'kept text' }),
          must: () => ({ id: 'l1', text: 'kept text' }),
        },
      },
    },
    other: {
      sdl: 'type Letter @key(fields: "id") { id: ID stamp: String @authenticated }',
      resolvers: { Letter: { __resolveReference: (given: object) => given, stamp: () => 'kept stamp' } },
    },
  });
});
afterAll(() => federation?.close());
beforeEach(() => void federation.crossed());

const DIRECTED = 'query ($is: Boolean!, $not: Boolean! = false) ';

describe('what @skip and @include leave out', () => {
  test.each([
    '{ open secret @skip(if: true) letter { id text @include(if: false) stamp @skip(if: true) } }',
    '{ open ... @skip(if: true) { secret letter { text } } letter { id } }',
    '{ open ...S @include(if: false) letter { id } } fragment S on Query { secret must { text } }',
    '{ open secret @include(if: true) @skip(if: true) letter { id ... on Letter @include(if: false) { text } } }',
    `${DIRECTED} { open secret @include(if: $not) letter { id text @skip(if: $is) } }`,
    `${DIRECTED} { open letter { id ... @skip(if: $is) { text ...T } } } fragment T on Letter { stamp @include(if: $not) }`,
  ])('is neither withheld nor fetched nor a null: %s', async (query) => {
    for (const claims of [undefined, {}]) {
      const { json } = await federation.ask(query, claims, query.includes('$is') ? { is: true } : undefined);
      expect(json.data).toEqual({ open: 'open', letter: { id: 'l1' } });
      expect(json.extensions.withheld).toEqual([]);
      expect(json.errors).toBeUndefined();
      expect(textOf(federation.crossed())).not.toMatch(/secret|text|stamp|skip|include/u);
    }
    const rejecting = await federation.send({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'amana-withheld-as': 'reject' },
      body: JSON.stringify({ query, variables: { is: true } }),
    });
    expect(rejecting.status).toBe(200);
  });

  test('opens nothing where the same document asks for it, before or after', async () => {
    const query = `${DIRECTED} { open secret @skip(if: $is) letter { id ... @include(if: $not) { text stamp } } }`;
    for (let n = 0; n < 3; n += 1) {
      for (const [variables, claims, secret, text] of [
        [{ is: true }, undefined, undefined, undefined],
        [{ is: false, not: true }, undefined, null, null],
        [{ is: false, not: true }, {}, 'kept secret', 'kept text'],
        [{ is: true, not: false }, {}, undefined, undefined],
      ] as const) {
        const { json } = await federation.ask(query, claims, variables);
        expect(json.data.secret).toEqual(secret);
        if (text === null) expect(json.data.letter).toBeNull();
        else expect(json.data.letter.text).toEqual(text);
        if (secret === null) expect(textOf(federation.crossed())).not.toMatch(/secret|text|stamp/u);
        federation.crossed();
      }
    }
  });

  test('leaves nothing of an object but that there is one', async () => {
    const { json } = await federation.ask('{ letter { text @skip(if: true) } secret @skip(if: true) }');
    expect(json.data).toEqual({ letter: {} });
    expect((await federation.ask('{ secret @skip(if: true) }')).json.data).toEqual({});
  });
});

describe('what is refused', () => {
  test.each([
    '{ secret @skip(if: false) }',
    '{ secret @include(if: true) @skip(if: false) }',
    '{ ... @include(if: true) { ... @skip(if: false) { secret } } }',
    `${DIRECTED} { secret @include(if: $is) @skip(if: $not) }`,
    'query ($is: Boolean!) { secret @skip(if: $is) secret }',
    'query ($is: Boolean!) { ...S ...S @skip(if: $is) } fragment S on Query { secret }',
  ])('is refused once, whatever directives are on it: %s', async (query) => {
    const { json } = await federation.ask(query, undefined, query.includes('$is') ? { is: true } : undefined);
    expect(json.data).toEqual({ secret: null });
    expect(json.extensions.withheld).toMatchObject([{ coordinate: 'Query.secret', path: ['secret'] }]);
    expect(federation.crossed()).toEqual([]);
  });
});
