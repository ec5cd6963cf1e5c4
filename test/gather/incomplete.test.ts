import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import { type LightHost, startLightHost } from './light-host.ts';

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all(['a', 'b'].map((id) => startLightHost(id, [])));
  federation = await gatherFrom(hosts);
});

beforeEach(() => {
  for (const host of hosts)
    host.records = [{ id: `${host.id}:1`, sortKey: host.id, place: 'x', finding: 'm', person: 'reg:1' }];
});

afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

const toldOf = ({ custodians }: GatheredAnswered, id: string): string[] =>
  (custodians.find(({ custodian }) => custodian === id)?.incomplete ?? []).map(({ path, reason, coordinate }) =>
    [path.join('.'), reason, coordinate].join(' '),
  );

test('What a host does not serve is told at each place where it was asked for, in the names of the client', async () => {
  const answer = await federation.ask(
    `{
      photographs { nodes { id: finding person { counts { photographs } } } }
      things { ... on Photograph { of: finding } }
      persons(ids: ["reg:1"]) { its: counts { photographs } photographs { edges { node { finding } } } }
    }`,
    { lacks: { a: ['Photograph.finding', 'Person.counts'] } },
  );
  expect(answer.errors).toEqual([]);
  expect(toldOf(answer, 'a').toSorted()).toEqual([
    'persons.@.its NOT_SERVED Person.counts',
    'persons.@.photographs.edges.@.node.finding NOT_SERVED Photograph.finding',
    'photographs.nodes.@.id NOT_SERVED Photograph.finding',
    'photographs.nodes.@.person.counts NOT_SERVED Person.counts',
    'things.@.of NOT_SERVED Photograph.finding',
  ]);
  expect(toldOf(answer, 'b')).toEqual([]);
});

test("A host is not said to lack what is another's by its id, its key or its name", async () => {
  const lacks = { a: ['Person.counts', 'Query.places', 'Query.photographs'] };
  const others = await federation.ask(
    `{
      places(custodian: "b") { name }
      photographs(filter: { id: ["b:1"] }) { totalCount }
      persons(ids: ["b:1"]) { counts { photographs } }
    }`,
    { lacks },
  );
  expect(others.errors).toEqual([]);
  expect(toldOf(others, 'a')).toEqual([]);
  const anybodys = await federation.ask(
    `{
      places { name }
      photographs(filter: { id: ["b:1", "a:1"] }) { totalCount }
      persons(ids: ["b:1", "reg:1"]) { counts { photographs } }
    }`,
    { lacks },
  );
  expect(toldOf(anybodys, 'a').toSorted()).toEqual([
    'persons.@.counts NOT_SERVED Person.counts',
    'photographs NOT_SERVED Query.photographs',
    'places NOT_SERVED Query.places',
  ]);
});

test("A host that has not agreed to be asked about persons is named where it would be, and not where that is another's", async () => {
  const says = { a: { askedAboutPersons: false } };
  const ask = (ids: string, filter: string) =>
    federation.ask(`{ persons(ids: ${ids}) { photographs(filter: { id: ${filter} }) { totalCount } } }`, { says });
  const told = ['persons.@ NOT_ASKED_ABOUT_PERSONS '];
  expect(toldOf(await ask('["reg:1"]', '["a:1"]'), 'a')).toEqual(told);
  expect(toldOf(await ask('["reg:1"]', '["b:1"]'), 'a')).toEqual([]);
  expect(toldOf(await ask('["b:9"]', '["a:1", "b:1"]'), 'a')).toEqual([]);
  expect(toldOf(await ask('["b:9", "reg:1"]', '["a:1", "b:1"]'), 'a')).toEqual(told);
});

test('What is not whole of more entities than a host takes at once is told once', async () => {
  const ids = Array.from({ length: 5_001 }, (_, at) => `reg:${at}`);
  const answer = await federation.ask('query ($ids: [ID!]!) { persons(ids: $ids) { counts { photographs } } }', {
    variables: { ids },
    lacks: { b: ['Person.counts'] },
    deadline: 60_000,
  });
  expect(toldOf(answer, 'b')).toEqual(['persons.@.counts NOT_SERVED Person.counts']);
});
