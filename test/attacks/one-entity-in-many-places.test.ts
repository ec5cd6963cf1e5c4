import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GatheredFederation, gatherFrom } from '../gather/gathered-federation.ts';
import { type Instead, type LightHost, startLightHost } from '../gather/light-host.ts';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const PLACES = 200;
const LONG = 'l'.repeat(4_000_000);
const SHORT = 's'.repeat(4_000);

describe('one entity, of which a subgraph tells megabytes, in many places', () => {
  let federation: PlainFederation;
  let told = '';
  beforeAll(async () => {
    federation = await startPlainFederation({
      archive: {
        sdl: 'type Query { things: [Thing] other: Int } type Thing @key(fields: "id") { id: ID! }',
        resolvers: { Query: { things: () => Array.from({ length: PLACES }, () => ({ id: '1' })), other: () => 7 } },
      },
      teller: {
        sdl: 'type Thing @key(fields: "id") { id: ID! more: [String] }',
        resolvers: { Thing: { __resolveReference: (given: object) => given, more: () => [told] } },
      },
    });
  });
  afterAll(() => federation.close());

  test.each([
    ['are missing, and nothing else is', LONG, null],
    ['are there, where it is a few kilobytes', SHORT, [SHORT]],
  ])('%s', async (_, telling, more) => {
    told = telling;
    const { status, json } = await federation.ask('{ things { id more } other }');
    expect(status).toBe(200);
    expect(json.data).toEqual({ things: Array.from({ length: PLACES }, () => ({ id: '1', more })), other: 7 });
    const codes = new Set((json.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code));
    expect([...codes]).toEqual(more ? [] : ['SUBGRAPH_UNAVAILABLE']);
  });

  test('take no more of the answer in many lists than in one', async () => {
    told = LONG.slice(0, 50_000);
    const lists = Array.from({ length: 10 }, (_, n) => `l${n}: things { more }`);
    const { status, json, text } = await federation.ask(`{ ${lists.join(' ')} other }`);
    expect(status).toBe(200);
    const { other, ...all } = json.data;
    expect(other).toBe(7);
    const first = Object.values<{ more: unknown }[]>(all).map(([one]) => one?.more);
    expect(first.filter((more) => more !== null)).toEqual([[told]]);
    expect(text.length).toBeLessThan(20 * 1024 * 1024);
  });
});

describe('one person, of whom a host tells megabytes, in many records', () => {
  const YEARS = Array.from({ length: 40 }, (_, n) => n);
  let hosts: LightHost[];
  let federation: GatheredFederation;
  beforeAll(async () => {
    hosts = await Promise.all(
      ['honest', 'liar'].map((id) =>
        startLightHost(
          id,
          YEARS.map((n) => ({
            id: `${id}:${n}`,
            sortKey: String(2000 + n),
            place: 'x',
            finding: 'm',
            person: 'reg:1',
          })),
        ),
      ),
    );
    federation = await gatherFrom(hosts);
  });
  beforeEach(() => hosts.forEach((host) => (host.instead = undefined)));
  afterAll(async () => {
    await federation.close();
    await Promise.all(hosts.map((host) => host.close()));
  });

  const telling =
    (place: string): Instead =>
    async ({ query }, honest) => {
      const text = JSON.stringify(await honest());
      return JSON.parse(query.includes('_entities') ? text.replaceAll('"place":"x"', `"place":"${place}"`) : text);
    };

  test.each([
    ['costs that host its own part', LONG, ['x', 'x'], 'UNAVAILABLE'],
    ['is there in all of them, where it is a few kilobytes', SHORT, ['x', SHORT], 'ANSWERED'],
  ])('%s', async (_, place, places, status) => {
    hosts[1]!.instead = telling(place);
    const { data, errors, custodians } = await federation.ask(
      '{ photographs(first: 40) { nodes { person { photographs(first: 2) { nodes { place } } } } } }',
      { deadline: 10_000 },
    );
    expect(errors).toEqual([]);
    expect(custodians.map((one) => one.status)).toEqual(['ANSWERED', status]);
    const person = { photographs: { nodes: places.map((one) => ({ place: one })) } };
    expect(data.photographs.nodes).toEqual(YEARS.map(() => ({ person })));
  });
});
