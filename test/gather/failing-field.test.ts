import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import type { LightRecord } from './light-archive.ts';
import { type LightHost, startLightHost } from './light-host.ts';

/** Rows of all hosts alternate. */
const recordsOf = (id: string, count = 4): LightRecord[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${id}:${at}`,
    sortKey: String(10 + at),
    place: 'x',
    finding: 'm',
    person: `reg:${at % 2}`,
  }));

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all(['a', 'b', 'c'].map((id) => startLightHost(id, [])));
  federation = await gatherFrom(hosts);
});

beforeEach(() => {
  for (const host of hosts) {
    host.records = recordsOf(host.id);
    host.instead = undefined;
    host.asked.length = 0;
  }
});

afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

type Path = readonly (string | number)[];

/** Host b answers null where paths lead, and reports an error there; `at`: to which of its questions. */
function fail(paths: readonly Path[], { nulls = paths, at = 1 }: { nulls?: readonly Path[]; at?: number } = {}): void {
  const [, host] = hosts;
  if (!host) return;
  host.instead = async (_, honest) => {
    const answer = JSON.parse(JSON.stringify(await honest()));
    if (host.asked.length !== at) return answer;
    for (const path of nulls) {
      const above = path.slice(0, -1).reduce((object, key) => object[key], answer.data);
      expect(above[path.at(-1) ?? '']).toBeDefined();
      above[path.at(-1) ?? ''] = null;
    }
    answer.errors = paths.map((path) => ({ message: 'x', path, extensions: { code: 'INTERNAL_SERVER_ERROR' } }));
    return answer;
  };
}

const failedAt = (...paths: Path[]) => paths.map((path) => ({ path, code: 'CUSTODIAN_UNAVAILABLE' }));

/** What is not whole because of host b; of the others nothing is. */
const incomplete = ({ custodians }: GatheredAnswered): string[] =>
  custodians.flatMap(({ custodian, status, incomplete: told = [] }) => {
    expect(status).toBe('ANSWERED');
    if (custodian !== 'b') expect(told).toEqual([]);
    return told.map(({ path, reason }) => `${path.join('.')} ${reason}`);
  });

test('A field of a record that fails at its host is null with an error where the record stands in the whole list', async () => {
  fail([
    ['photographs', '__g_edges', 1, '__g_n_nodes', 'place'],
    ['photographs', '__g_edges', 2, '__g_e_edges_node', 'finding'],
  ]);
  const answer = await federation.ask(
    '{ photographs(first: 9) { nodes { id place } edges { node { id finding } } totalCount } }',
  );
  expect(answer.errors).toEqual(
    failedAt(['photographs', 'nodes', 4, 'place'], ['photographs', 'edges', 7, 'node', 'finding']),
  );
  const { nodes, edges, totalCount } = answer.data.photographs;
  expect(nodes.map(({ id, place }: LightRecord) => [id, place])).toEqual(
    ['a:0', 'b:0', 'c:0', 'a:1', 'b:1', 'c:1', 'a:2', 'b:2', 'c:2'].map((id) => [id, id === 'b:1' ? null : 'x']),
  );
  expect(edges[7].node).toEqual({ id: 'b:2', finding: null });
  expect(edges.filter(({ node }: { node: LightRecord }) => node.finding === 'm')).toHaveLength(8);
  expect(totalCount).toBe(12);
  expect(incomplete(answer)).toEqual([
    'photographs.nodes.@.place NOT_ANSWERED',
    'photographs.edges.@.node.finding NOT_ANSWERED',
  ]);
});

test('A record that fails as a whole is null as the node of its edge, and is left out among nodes', async () => {
  fail([
    ['photographs', '__g_edges', 0, '__g_n_nodes'],
    ['photographs', '__g_edges', 0, '__g_e_edges_node'],
    ['photographs', '__g_edges', 1, '__g_n_nodes', 'place'],
  ]);
  const answer = await federation.ask('{ photographs(first: 6) { nodes { id place } edges { node { id } } } }');
  expect(answer.data.photographs.edges.map(({ node }: { node: LightRecord | null }) => node?.id)).toEqual([
    ...['a:0', undefined, 'c:0', 'a:1', 'b:1', 'c:1'],
  ]);
  expect(answer.data.photographs.nodes.map(({ id }: LightRecord) => id)).toEqual(['a:0', 'c:0', 'a:1', 'b:1', 'c:1']);
  expect(answer.errors).toEqual(failedAt(['photographs', 'nodes', 3, 'place'], ['photographs', 'edges', 1, 'node']));
  expect(incomplete(answer)).toEqual([
    'photographs.nodes NOT_ANSWERED',
    'photographs.nodes.@.place NOT_ANSWERED',
    'photographs.edges.@.node NOT_ANSWERED',
  ]);
});

test('A field that fails in a list of one of several persons costs that field there', async () => {
  fail([['_entities', 1, 'photographs', '__g_edges', 0, '__g_n_nodes', 'place']]);
  const answer = await federation.ask(
    '{ persons(ids: ["reg:0", "reg:1"]) { photographs(first: 3) { nodes { id place } } } }',
  );
  expect(answer.errors).toEqual(failedAt(['persons', 1, 'photographs', 'nodes', 1, 'place']));
  expect(answer.data.persons[1].photographs.nodes[1]).toEqual({ id: 'b:1', place: null });
  expect(answer.data.persons[0].photographs.nodes).toHaveLength(3);
  expect(incomplete(answer)).toEqual(['persons.@.photographs.nodes.@.place NOT_ANSWERED']);
});

test('A field of a record that takes no null costs the next place above that does', async () => {
  fail([['photographs', '__g_edges', 0, '__g_n_nodes', 'person', 'id']], {
    nulls: [['photographs', '__g_edges', 0, '__g_n_nodes', 'person']],
  });
  const answer = await federation.ask('{ photographs(first: 2) { nodes { id person { id } } } }');
  expect(answer.errors).toEqual(failedAt(['photographs', 'nodes', 1, 'person', 'id']));
  expect(answer.data.photographs.nodes).toEqual([
    { id: 'a:0', person: { id: 'reg:0' } },
    { id: 'b:0', person: null },
  ]);
});

test('A field that fails in a row which a host was asked for once more costs that field alone', async () => {
  const [a, b, c] = hosts;
  if (!a || !b || !c) return;
  [a.records, b.records, c.records] = [[], recordsOf('b', 20), []];
  fail([['photographs', '__g_edges', 1, '__g_n_nodes', 'place']], { at: 2 });
  const answer = await federation.ask('{ photographs(first: 12) { nodes { id place } totalCount } }');
  expect(b.asked).toHaveLength(2);
  expect(answer.data.photographs.nodes.map(({ place }: LightRecord) => place)).toEqual(
    Array.from({ length: 12 }, (_, at) => (at === 9 ? null : 'x')),
  );
  expect(answer.errors).toEqual(failedAt(['photographs', 'nodes', 9, 'place']));
  expect(incomplete(answer)).toEqual(['photographs.nodes.@.place NOT_ANSWERED']);
});

test('A key that fails costs the entity within its record, and no other one', async () => {
  const person = ['photographs', '__g_edges', 0, '__g_n_nodes', 'person'];
  fail([[...person, '__g_0_id']], { nulls: [person] });
  const answer = await federation.ask('{ photographs(first: 3) { nodes { id person { counts { photographs } } } } }');
  expect(answer.errors).toEqual(failedAt(['photographs', 'nodes', 1, 'person']));
  expect(answer.data.photographs.nodes.map(({ person }: { person: unknown }) => person)).toEqual([
    { counts: { photographs: 6 } },
    null,
    { counts: { photographs: 6 } },
  ]);
});

test('A field that fails in a list without pages is null where its item stands in the whole list, or the item is', async () => {
  fail([['labels', 1, 'text']]);
  const one = await federation.ask('{ labels { text by } }');
  expect(one.errors).toEqual(failedAt(['labels', 3, 'text']));
  expect(one.data.labels.map(({ text }: { text: string }) => text)).toEqual(['a 1', 'a 2', 'b 1', null, 'c 1', 'c 2']);
  expect(incomplete(one)).toEqual(['labels.@.text NOT_ANSWERED']);
  const [, host] = hosts;
  if (host) host.asked.length = 0;
  fail([['labels', 0, 'by']], { nulls: [['labels', 0]] });
  const other = await federation.ask('{ labels { by } }');
  expect(other.errors).toEqual(failedAt(['labels', 2, 'by']));
  expect(other.data.labels).toEqual(['a', 'a', undefined, 'b', 'c', 'c'].map((by) => (by ? { by } : null)));
});

test.each<[string, Path, Path?]>([
  ['where a row stands', ['photographs', '__g_edges', 0, '__g_sortKey']],
  ['a row', ['photographs', '__g_edges', 0, '__g_sortKey'], ['photographs', '__g_edges', 0]],
  ['all rows', ['photographs', '__g_edges', 0, '__g_sortKey'], ['photographs', '__g_edges']],
  ['the list', ['photographs', '__g_edges', 0, '__g_n_nodes', 'id'], ['photographs']],
  ['a row that is not there', ['photographs', '__g_edges', 9, '__g_n_nodes', 'place'], ['photographs', '__g_page']],
])('Where %s fails at a host, the list is that of all others', async (_, path, nulls = path) => {
  fail([path], { nulls: [nulls] });
  const answer = await federation.ask('{ photographs(first: 4) { nodes { id place } } size }');
  expect(answer.errors).toEqual([]);
  expect(answer.data.photographs.nodes.map(({ id }: LightRecord) => id)).toEqual(['a:0', 'c:0', 'a:1', 'c:1']);
  expect(answer.data.size).toBe(12);
  expect(incomplete(answer)).toEqual(['photographs NOT_ANSWERED']);
});
