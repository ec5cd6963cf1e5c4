import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, writeIn } from '../supergraph/run-gateway.ts';
import { type PlainFederation, startPlainFederation, textOf } from './plain-federation.ts';

const SECRET = 'kept from most';
let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: `type Query { letter(id: ID!, mark: String): Letter }
        type Letter @key(fields: "id") { id: ID! mark: String secret: String @requiresScopes(scopes: [["secret"]]) }`,
      resolvers: { Query: { letter: (_: unknown, given: object) => ({ ...given, secret: SECRET }) } },
    },
    other: {
      sdl: 'type Letter @key(fields: "id") { id: ID! stamp(of: String): String }',
      resolvers: {
        Letter: {
          __resolveReference: (given: object) => given,
          stamp: ({ id }: { id: string }, { of }: { of: string }) => `${id} ${of}`,
        },
      },
    },
  });
});
afterAll(() => federation?.close());

const QUERY = 'query ($id: ID!, $mark: String) { letter(id: $id, mark: $mark) { id mark secret stamp(of: $mark) } }';

describe('what is remembered for one viewer', () => {
  test('is no plan of another’s, whoever comes first (CVE-2024-32971)', async () => {
    for (const query of [QUERY, QUERY.replace('stamp(of: $mark)', '')]) {
      for (const scope of ['secret', 'other', 'secret', '']) {
        const { json } = await federation.ask(query, { sub: `viewer of ${scope}`, scope }, { id: '1', mark: 'm' });
        expect(json.data.letter.secret).toBe(scope === 'secret' ? SECRET : null);
        const crossed = textOf(federation.crossed());
        if (scope === 'secret') expect(crossed).toContain('secret');
        else expect(crossed).not.toContain('secret');
      }
    }
  });

  test('is no variable or literal of another’s, at once or one after the other (CVE-2025-27097)', async () => {
    const inVariables = (n: number) =>
      federation.ask(QUERY, { scope: n % 2 ? 'secret' : '' }, { id: `v${n}`, mark: `m${n}` });
    const inLiterals = (n: number) =>
      federation.ask(`{ letter(id: "v${n}", mark: "m${n}") { id mark secret stamp(of: "s${n}") } }`, {
        scope: n % 2 ? 'secret' : '',
      });
    for (const [ask, mark] of [
      [inVariables, 'm'],
      [inLiterals, 's'],
    ] as const) {
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      const answers = await Promise.all(numbers.map(ask));
      for (const n of numbers) {
        expect(answers[n]!.json.data.letter).toEqual({
          id: `v${n}`,
          mark: `m${n}`,
          secret: n % 2 ? SECRET : null,
          stamp: `v${n} ${mark}${n}`,
        });
      }
    }
  });

  test('is no default of another’s variable', async () => {
    const query =
      'query ($id: ID! = "default", $mark: String = "default") { letter(id: $id, mark: $mark) { id mark } }';
    expect((await federation.ask(query, undefined, { id: 'given', mark: 'given' })).json.data.letter).toEqual({
      id: 'given',
      mark: 'given',
    });
    expect((await federation.ask(query)).json.data.letter).toEqual({ id: 'default', mark: 'default' });
    expect((await federation.ask(query, undefined, { mark: null })).json.data.letter).toEqual({
      id: 'default',
      mark: null,
    });
  });

  test('is no claim of another’s token, even of one that differs only at its end', async () => {
    const token = await federation.issuer.token({ scope: 'secret' });
    const send = (authorization: string) =>
      federation.send({
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: '{ letter(id: "1") { secret } }' }),
      });
    expect((await send(`Bearer ${token}`)).json.data.letter.secret).toBe(SECRET);
    federation.crossed();
    expect((await send(`Bearer ${token.slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await send(`Bearer ${token.split('.').slice(0, 2).join('.')}.`)).status).toBe(401);
    expect(federation.crossed()).toEqual([]);
  });

  test('is no answer: it is fetched anew for each', async () => {
    await federation.ask(QUERY, { scope: 'secret' }, { id: '1', mark: 'm' });
    federation.crossed();
    await federation.ask(QUERY, { scope: 'secret' }, { id: '1', mark: 'm' });
    expect(federation.crossed()).toHaveLength(2);
  });

  test('is no decision of the policies for another, though token, document and plan are the same', async () => {
    const policiesFile = writeIn(
      temporaryDirectory(),
      'policies.mjs',
      'export const policies = async ({ headers }) => { await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); return headers["x-may"] === "yes" ? ["p"] : []; };',
    );
    const decided = await startPlainFederation(
      {
        archive: {
          sdl: 'type Query { open: String secret: String @policy(policies: [["p"]]) }',
          resolvers: { Query: { open: () => 'open', secret: () => SECRET } },
        },
      },
      { policiesFile, forwardHeaders: ['x-may'] },
    );
    try {
      const authorization = `Bearer ${await decided.issuer.token({})}`;
      const numbers = Array.from({ length: 40 }, (_, n) => n);
      const answers = await Promise.all(
        numbers.map((n) =>
          decided.send({
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization, 'x-may': n % 3 === 0 ? 'yes' : `no ${n}` },
            body: JSON.stringify({ query: '{ open secret }' }),
          }),
        ),
      );
      for (const n of numbers) expect(answers[n]!.json.data.secret).toBe(n % 3 === 0 ? SECRET : null);
      for (const { query, headers } of decided.crossed())
        expect(query.includes('secret')).toBe(headers['x-may'] === 'yes');
    } finally {
      await decided.close();
    }
  });
});
