import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { granted } from '../gateway/authorize.ts';
import { ARCHIVE } from './archive-schema.ts';
import { type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import type { LightRecord } from './light-archive.ts';
import { type LightHost, startLightHost } from './light-host.ts';

const record = (id: string, at: number, sortKey: string): LightRecord => ({
  id: `${id}:${at}`,
  sortKey,
  place: 'x',
  finding: 'm',
  person: `reg:${at % 3}`,
});

/** Rows of a host's, spread alike over the years for all hosts. */
const spread = (id: string): LightRecord[] => Array.from({ length: 30 }, (_, at) => record(id, at, String(2000 + at)));

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all(['a', 'b', 'c', 'd'].map((id) => startLightHost(id, [])));
  federation = await gatherFrom(hosts);
});

beforeEach(() => {
  for (const host of hosts) {
    host.records = spread(host.id);
    host.instead = undefined;
    host.asked.length = 0;
  }
  federation.hosts.splice(0, Infinity, ...hosts);
});

afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

const askedEach = (): number[] => hosts.map(({ asked }) => asked.length);

/** How many rows were asked for, of each question of all hosts. */
const rowsAsked = (): unknown[][] =>
  hosts.map(({ asked }) =>
    asked.flatMap(({ variables }) =>
      Object.entries(variables).flatMap(([name, value]) => (name.includes('__g_first_') ? [value] : [])),
    ),
  );

const statusesOf = ({ custodians }: GatheredAnswered): Record<string, string> =>
  Object.fromEntries(custodians.map(({ custodian, status }) => [custodian, status]));

const LIST = `query ($first: Int, $filter: PhotographFilter) {
  photographs(first: $first, filter: $filter) { nodes { id } totalCount }
}`;

const idsIn = ({ data }: GatheredAnswered): string[] => data.photographs.nodes.map(({ id }: { id: string }) => id);

test('Lists at different paths are asked of a host in one question', async () => {
  const { data, errors } = await federation.ask(`{
    photographs(first: 4) { nodes { id } }
    others: photographs(first: 8, filter: { place: "x" }) { nodes { id } }
    places { name }
    size
  }`);
  expect(errors).toEqual([]);
  expect([data.photographs.nodes.length, data.others.nodes.length, data.size]).toEqual([4, 8, 120]);
  expect(askedEach()).toEqual([1, 1, 1, 1]);
});

test('Entities that are fetched at different paths at one time are asked of a host in one question', async () => {
  const { errors } = await federation.ask(`{
    one: persons(ids: ["reg:1"]) { photographs(first: 2) { nodes { id } } }
    two: persons(ids: ["reg:2"]) { counts { photographs } }
  }`);
  expect(errors).toEqual([]);
  expect(askedEach()).toEqual([1, 1, 1, 1]);
});

test.each([
  [3, 3],
  [8, 5],
  [10, 5],
  [20, 10],
  [21, 11],
])('Of a page of %i rows, each of four hosts is asked for %i', async (first, each) => {
  expect(idsIn(await federation.ask(LIST, { variables: { first } }))).toHaveLength(first);
  expect(rowsAsked()).toEqual(hosts.map(() => [each]));
});

test('Where one host holds the page, it alone is asked once more, for what may be missing', async () => {
  for (const host of hosts) if (host.id !== 'c') host.records = [record(host.id, 0, '3000')];
  const answer = await federation.ask(LIST, { variables: { first: 20 } });
  expect(idsIn(answer)).toEqual(Array.from({ length: 20 }, (_, at) => `c:${at}`));
  expect(askedEach()).toEqual([1, 1, 2, 1]);
  expect(rowsAsked()).toEqual([[10], [10], [10, 10], [10]]);
});

test('Two hosts that hold the page are asked once more each, and none a third time', async () => {
  for (const host of hosts) if (host.id > 'b') host.records = [];
  const answer = await federation.ask(LIST, { variables: { first: 30 } });
  expect(idsIn(answer)).toEqual(Array.from({ length: 30 }, (_, at) => `${'ab'[at % 2]}:${Math.floor(at / 2)}`));
  expect(Math.max(...askedEach())).toBeLessThanOrEqual(2);
});

test('A host that grants nothing is not asked, and the others share the page', async () => {
  const answer = await federation.ask(LIST, { variables: { first: 20 }, says: { b: { grants: [] } } });
  expect(idsIn(answer)).toHaveLength(20);
  expect(askedEach()).toEqual([1, 0, 1, 1]);
  expect(rowsAsked()).toEqual([[14], [], [14], [14]]);
});

test('A host is not asked for a field, nor by a filter, that it does not grant', async () => {
  const says = { b: { grants: [granted(['ngo:registered'])] } };
  await federation.ask('{ photographs(first: 4) { nodes { id place } } }', { says });
  expect(hosts.map(({ asked }) => asked[0]?.query.includes('place'))).toEqual([true, false, true, true]);
  for (const host of hosts) host.asked.length = 0;
  await federation.ask(LIST, { variables: { first: 4, filter: { place: 'x' } }, says });
  expect(askedEach()).toEqual([1, 0, 1, 1]);
});

test('A host that was asked for a list is not asked by a filter that it does not grant, in the same operation', async () => {
  const says = { b: { grants: [granted(['ngo:registered', 'ngo:identifying'])] } };
  const ask = (filter: object) => federation.ask(LIST, { variables: { first: 4, filter }, says });
  await ask({ place: 'x' });
  expect(askedEach()).toEqual([1, 1, 1, 1]);
  await ask({ place: 'x', finding: 'm' });
  expect(askedEach()).toEqual([2, 1, 2, 2]);
});

test('Hosts that withhold alike are each said to withhold', async () => {
  const says = Object.fromEntries(hosts.map(({ id }) => [id, { grants: [granted(['ngo:registered'])] }]));
  const { withheld } = await federation.ask('{ photographs(first: 4) { nodes { id finding } } }', { says });
  expect(withheld.map(({ coordinate, custodian }) => [coordinate, custodian])).toEqual(
    hosts.map(({ id }) => ['Photograph.finding', id]),
  );
});

describe('A host that grants a list, and not by what its rows are ordered,', () => {
  const R = '@requiresScopes(scopes: [["ngo:registered"]])';
  const says = { b: { grants: [granted(['ngo:registered', 'ngo:identifying'])] } };
  const told = (path: string[], coordinate: string) => ({ path, coordinate, custodian: 'b', reason: 'NO_GRANT' });
  let guarded: GatheredFederation;
  afterEach(() => guarded.close());
  const guardWith = async (
    from: string,
    to = `${from.slice(0, -R.length)}@requiresScopes(scopes: [["ngo:medical"]])`,
  ) => {
    expect(ARCHIVE).toContain(from);
    guarded = await gatherFrom(hosts, ARCHIVE.replace(from, to));
  };

  test.each([
    [`sortKey: String @inaccessible ${R}`],
    [`recordId: ID @inaccessible ${R}`],
    [`edges: [PhotographEdge!] ${R}`],
    [`node: Photograph ${R}`],
  ])('is not asked for it, and is said to withhold it (%s)', async (from) => {
    await guardWith(from);
    const answer = await guarded.ask(
      '{ photographs(first: 4) { nodes { id } } persons(ids: ["reg:1"]) { photographs(first: 4) { nodes { id } } } size }',
      { says },
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data.size).toBe(120);
    expect(idsIn(answer)).toEqual(['a:0', 'c:0', 'd:0', 'a:1']);
    expect(hosts.map(({ asked }) => asked.some(({ query }) => query.includes('photographs')))).toEqual([
      ...[true, false, true, true],
    ]);
    expect(answer.withheld).toMatchObject([
      { ...told(['photographs'], 'Query.photographs'), requires: [['ngo:medical', 'ngo:registered']] },
      told(['persons', '@', 'photographs'], 'Person.photographs'),
    ]);
    expect(answer.custodians.flatMap(({ incomplete = [] }) => incomplete)).toEqual([]);
  });

  test('is not asked whether more rows follow either, and where it grants none of them is said to withhold these', async () => {
    await guardWith(`edges: [PhotographEdge!] ${R}`);
    const { withheld } = await guarded.ask('{ photographs(first: 4) { pageInfo { hasNextPage } } }', { says });
    expect(withheld).toMatchObject([told(['photographs'], 'Query.photographs')]);
    const other = await guarded.ask('{ photographs(first: 4) { edges { cursor } totalCount } }', { says });
    expect(other.withheld).toMatchObject([told(['photographs', 'edges'], 'PhotographConnection.edges')]);
    expect(hosts.map(({ asked }) => asked.filter(({ query }) => query.includes('edges')).length)).toEqual([2, 0, 2, 2]);
  });

  test('is asked for how many it holds, which takes no order', async () => {
    await guardWith(`sortKey: String @inaccessible ${R}`);
    const { data, withheld } = await guarded.ask('{ photographs { totalCount } }', { says });
    expect([data.photographs.totalCount, withheld]).toEqual([120, []]);
  });
});

test('A host is not asked how many records pass a filter where no one of its grants carries both, and others are', async () => {
  const from = `type PhotographConnection {
  nodes: [Photograph!] @requiresScopes(scopes: [["ngo:registered"]])
  edges: [PhotographEdge!] @requiresScopes(scopes: [["ngo:registered"]])
  pageInfo: PageInfo!
  totalCount: Int @requiresScopes(scopes: [["ngo:registered"]])`;
  expect(ARCHIVE).toContain(from);
  const counted = await gatherFrom(
    hosts,
    ARCHIVE.replace(from, `${from.slice(0, -'registered"]])'.length)}medical"]])`),
  );
  const halves = [granted(['ngo:registered', 'ngo:identifying']), granted(['ngo:registered', 'ngo:medical'])];
  const ask = (filter: object) =>
    counted.ask(LIST, { variables: { first: 4, filter }, says: { b: { grants: halves } } });
  const { withheld } = await ask({ place: 'x' });
  await ask({});
  await counted.close();
  expect(withheld).toMatchObject([{ coordinate: 'PhotographConnection.totalCount', custodian: 'b' }]);
  expect(hosts.map(({ asked }) => asked.map(({ query }) => query.includes('totalCount')))).toEqual([
    [true, true],
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test('A host that has not agreed to it is asked about no person, and the answer says so', async () => {
  const answer = await federation.ask('{ persons(ids: ["reg:1"]) { photographs(first: 8) { nodes { id } } } }', {
    says: { b: { askedAboutPersons: false } },
  });
  expect(answer.errors).toEqual([]);
  expect(answer.data.persons[0].photographs.nodes).toHaveLength(8);
  expect(askedEach()).toEqual([1, 0, 1, 1]);
  expect(answer.custodians.find(({ custodian }) => custodian === 'b')).toMatchObject({
    status: 'REFUSED',
    records: 0,
    incomplete: [{ reason: 'NOT_ASKED_ABOUT_PERSONS' }],
  });
});

test('What names its custodian is asked of that one alone', async () => {
  const { data, errors } = await federation.ask('{ about(custodian: "c") { name } places(custodian: "c") { name } }');
  expect(errors).toEqual([]);
  expect(data).toMatchObject({ about: { name: 'c' }, places: [{ name: 'c x' }] });
  expect(askedEach()).toEqual([0, 0, 1, 0]);
});

test('What names its custodian by the default of an argument is asked of that one alone', async () => {
  const from = 'places(custodian: String @';
  expect(ARCHIVE).toContain(from);
  const withDefault = await gatherFrom(hosts, ARCHIVE.replace(from, 'places(custodian: String = "c" @'));
  await withDefault.ask('{ places { name } }');
  await withDefault.close();
  expect(askedEach()).toEqual([0, 0, 1, 0]);
});

test('Of hosts that grant the same and clear other labels, those alone withhold in part that do', async () => {
  const all = ['ngo:registered', 'ngo:identifying', 'ngo:medical'];
  const says = Object.fromEntries(
    hosts.map(({ id }) => [
      id,
      { grants: [granted(['ngo:registered'], ['SEALED']), granted(all, id === 'c' ? [] : ['SEALED'])] },
    ]),
  );
  const { withheld } = await federation.ask('{ photographs(first: 4) { nodes { finding } } }', { says });
  expect(withheld).toMatchObject([{ coordinate: 'Photograph.finding', custodian: 'c', partial: true }]);
});

test('Of several ids each host is asked for its own, and one without any is not asked', async () => {
  const id = ['a:1', 'c:2', 'a:3'];
  const answer = await federation.ask(LIST, { variables: { first: 5, filter: { id } } });
  expect(idsIn(answer)).toEqual(['a:1', 'c:2', 'a:3']);
  expect(answer.data.photographs.totalCount).toBe(3);
  expect(askedEach()).toEqual([1, 0, 1, 0]);
  expect(hosts.map(({ asked }) => JSON.stringify(asked).match(/[a-d]:\d+(?=\\?")/gu))).toEqual([
    ['a:1', 'a:3'],
    null,
    ['c:2'],
    null,
  ]);
});

/** The ids of records that a host was asked by. */
const idsAsked = (): (readonly string[])[] =>
  hosts.map(({ asked }) =>
    [...JSON.stringify(asked.map(({ variables }) => variables)).matchAll(/"([a-z]+:\d*)"/gu)].map(([, id]) => id ?? ''),
  );

test('A person whose key is a record of one host is asked for at that one alone, and others at all', async () => {
  const persons = ['c:7', 'reg:1', 'nobody:1'];
  for (const host of hosts) host.records = persons.map((person, at) => ({ ...record(host.id, at, '2000'), person }));
  const answer = await federation.ask(
    `query ($ids: [ID!]!) { persons(ids: $ids) { id photographs(first: 5) { nodes { id } totalCount } counts { photographs } } }`,
    { variables: { ids: persons } },
  );
  expect(answer.errors).toEqual([]);
  expect(idsAsked()).toEqual([['reg:1', 'nobody:1'], ['reg:1', 'nobody:1'], persons, ['reg:1', 'nobody:1']]);
  const of = (at: number, ...ids: string[]) => ({
    id: persons[at],
    photographs: { nodes: ids.map((id) => ({ id: `${id}:${at}` })), totalCount: ids.length },
    counts: { photographs: ids.length },
  });
  expect(answer.data.persons).toEqual([of(0, 'c'), of(1, 'a', 'b', 'c', 'd'), of(2, 'a', 'b', 'c', 'd')]);
});

test("A host that has failed costs no person's part whose key is a record of another", async () => {
  for (const host of hosts) host.records = [{ ...record(host.id, 0, '2000'), person: 'c:7' }];
  const ask = () =>
    federation.ask('{ persons(ids: ["c:7"]) { photographs { nodes { id } totalCount } counts { photographs } } }', {
      says: { a: null },
    });
  for (const host of hosts) if (host.id === 'b') host.instead = () => ({ errors: [{ message: 'down' }] });
  const { data, errors, custodians } = await ask();
  expect(errors).toEqual([]);
  expect(data.persons).toEqual([
    { photographs: { nodes: [{ id: 'c:0' }], totalCount: 1 }, counts: { photographs: 1 } },
  ]);
  expect(custodians.flatMap(({ incomplete = [] }) => incomplete)).toEqual([]);
  for (const host of hosts) if (host.id === 'c') host.instead = () => ({ errors: [{ message: 'down' }] });
  expect((await ask()).errors).toEqual(
    ['photographs', 'counts'].map((field) => ({ path: ['persons', 0, field], code: 'CUSTODIAN_UNAVAILABLE' })),
  );
});

test("Where what is asked of a person can be no host's, the list is empty, whether or not anything else is asked", async () => {
  const list = 'photographs(filter: { id: ["a:1"] }) { nodes { id } totalCount }';
  for (const others of ['', 'counts { photographs }']) {
    const { data, errors } = await federation.ask(`{ persons(ids: ["c:7"]) { id ${list} ${others} } }`);
    expect(errors).toEqual([]);
    expect(data.persons).toMatchObject([{ id: 'c:7', photographs: { nodes: [], totalCount: 0 } }]);
  }
});

test('By ids in what records are asked, each host sees its own and those of no host, and is asked all the same', async () => {
  for (const host of hosts) host.records = [record(host.id, 0, '2000')];
  const answer = await federation.ask(
    `query ($but: ID, $like: PhotographFilter) {
      photographs(first: 5) {
        nodes {
          among: isAmong(ids: ["a:0", "c:0", "nobody:0"])
          other: isAmong(but: $but)
          alike: isAmong(like: $like)
          single: isAmong(ids: "b:0")
          place
        }
      }
    }`,
    { variables: { but: 'b:0', like: { id: ['a:0', 'd:0'], place: 'x' } } },
  );
  expect(answer.errors).toEqual([]);
  const of = (among: boolean, other: boolean, alike: boolean, single: boolean) => ({
    among,
    other,
    alike,
    single,
    place: 'x',
  });
  expect(answer.data.photographs.nodes).toEqual([
    of(true, true, true, false),
    of(false, false, false, true),
    of(true, true, false, false),
    of(false, true, true, false),
  ]);
  expect(idsAsked().map((ids) => ids.toSorted())).toEqual([
    ['a:', 'a:0', 'a:0', 'nobody:0'],
    ['b:0', 'b:0', 'nobody:0'],
    ['c:', 'c:0', 'nobody:0'],
    ['d:', 'd:0', 'nobody:0'],
  ]);
  expect(askedEach()).toEqual([1, 1, 1, 1]);
});

test('Where no host at all answers, an error stands at the field', async () => {
  for (const host of hosts) host.instead = () => ({ data: null, errors: [{ message: 'down' }] });
  const answer = await federation.ask(LIST, { variables: { first: 5 } });
  expect(answer.data?.photographs ?? null).toBeNull();
  expect(answer.errors).toEqual([{ path: ['photographs'], code: 'CUSTODIAN_UNAVAILABLE' }]);
  expect(Object.values(statusesOf(answer))).toEqual(hosts.map(() => 'UNAVAILABLE'));
});

/** A host that alone holds twelve photographs of each of so many persons. */
function fill(host: LightHost | undefined, persons: number): readonly string[] {
  for (const one of hosts) one.records = [];
  const ids = Array.from({ length: persons }, (_, person) => `reg:${person}`);
  const all = ids.flatMap((person) => Array.from({ length: 12 }, (_, at) => ({ person, at })));
  if (host) host.records = all.map(({ person, at }, row) => ({ ...record(host.id, row, String(at + 10)), person }));
  return ids;
}

test.each([
  ['are many', 'x'],
  ['have long filters', 'x'.repeat(20_000)],
])(
  'Where the lists that lack rows %s, none is cut short: a host is asked for no more at once than it takes',
  async (_, place) => {
    const ids = fill(hosts[2], 200);
    for (const host of hosts) host.records = host.records.map((one) => ({ ...one, place }));
    const { data, errors, custodians } = await federation.ask(
      `query ($ids: [ID!]!, $filter: PhotographFilter) {
      persons(ids: $ids) { photographs(first: 10, filter: $filter) { nodes { id custodian finding } } }
    }`,
      { variables: { ids, filter: { place } }, deadline: 60_000 },
    );
    expect(errors).toEqual([]);
    expect(custodians.flatMap(({ incomplete = [] }) => incomplete)).toEqual([]);
    const lengths = data.persons.map(({ photographs }: typeof data) => photographs.nodes.length);
    expect(new Set(lengths)).toEqual(new Set([10]));
    expect(hosts[2]?.asked.length).toBeGreaterThan(2);
  },
);

test('A filter that many lists are given goes to a host once', async () => {
  const filter = { id: ['a:1', 'b:2'], place: 'x'.repeat(200_000) };
  const lists = Array.from({ length: 8 }, (_, at) => `l${at}: photographs(first: 1, filter: $filter) { totalCount }`);
  const { data, errors } = await federation.ask(
    `query ($filter: PhotographFilter) { ${lists.join(' ')} other: photographs(filter: { id: "a:1" }) { totalCount } }`,
    { variables: { filter } },
  );
  expect(errors).toEqual([]);
  expect([data.l0.totalCount, data.l7.totalCount, data.other.totalCount]).toEqual([0, 0, 1]);
  const sent = hosts.map(({ asked }) => asked.map((question) => JSON.stringify(question)));
  expect(sent.map((all) => all.map((text) => text.match(/[a-d]:\d+(?=\\?")/gu)))).toEqual([
    [['a:1', 'a:1']],
    [['b:2']],
    [],
    [],
  ]);
  for (const text of sent.flat()) expect(text.length).toBeLessThan(300_000);
});

test.each([
  ['of persons', 'query ($ids: [ID!]!) { persons(ids: $ids) { id counts { photographs } } }'],
  ['within records', '{ photographs(first: 5001) { nodes { person { id counts { photographs } } } } }'],
])('More entities %s than a host takes at once are asked for in several questions', async (_, asked) => {
  const [host] = hosts;
  const ids = Array.from({ length: 5_001 }, (__, at) => `reg:${at}`);
  for (const one of hosts) one.records = [];
  if (host) host.records = ids.map((person, at) => ({ ...record('a', at, String(at + 10_000)), person }));
  const { data, errors } = await federation.ask(asked, {
    variables: asked.includes('$ids') ? { ids } : {},
    deadline: 60_000,
  });
  expect(errors).toEqual([]);
  const persons = data.persons ?? data.photographs.nodes.map(({ person }: typeof data) => person);
  expect(persons).toEqual(ids.map((id) => ({ id, counts: { photographs: 1 } })));
});
