import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import type { LightRecord } from './light-archive.ts';
import { type LightHost, startLightHost } from './light-host.ts';

/** Three years of a host's, so that the rows of all hosts alternate: the first and the third of one person. */
const recordsOf = (id: string): LightRecord[] =>
  [1, 2, 3].map((year) => ({
    id: `${id}:${year}`,
    sortKey: `201${year}`,
    place: 'x',
    finding: 'm',
    person: `reg:${year % 2}`,
  }));

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all(['a', 'b', 'c'].map((id) => startLightHost(id, recordsOf(id))));
  federation = await gatherFrom(hosts);
});

beforeEach(() => {
  for (const host of hosts) Object.assign(host, { instead: undefined, failing: new Map() });
});

afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

const host = (id: string): LightHost => hosts.find((one) => one.id === id)!;

const incompleteOf = ({ custodians }: GatheredAnswered, id: string) =>
  custodians.find(({ custodian }) => custodian === id)?.incomplete ?? [];

describe('What a host withholds only when it is asked is told at', () => {
  test.each([
    [
      'the names by which the client has asked for records, each of them',
      '{ mine: photographs { pictures: nodes { where: place } again: nodes { place } rows: edges { it: node { place } } } }',
      'Photograph.place',
      ['mine.again.@.place', 'mine.pictures.@.where', 'mine.rows.@.it.place'],
    ],
    [
      "a person's records",
      '{ persons(ids: ["reg:0", "reg:1"]) { their: photographs { rows: edges { it: node { place } } } } }',
      'Photograph.place',
      ['persons.@.their.rows.@.it.place'],
    ],
    [
      "a person's numbers",
      '{ one: persons(ids: ["reg:0", "reg:1"]) { all: counts { of: photographs } } }',
      'Counts.photographs',
      ['one.@.all.of'],
    ],
    [
      'the records of a person in a record',
      '{ all: photographs { nodes { who: person { their: photographs { nodes { where: place } } } } } }',
      'Photograph.place',
      ['all.nodes.@.who.their.nodes.@.where'],
    ],
    [
      'the members of a list of several types',
      '{ some: things { ... on Photograph { where: place } } }',
      'Photograph.place',
      ['some.@.where'],
    ],
    [
      "a list's records of one type among several",
      '{ all: items { pictures: nodes { ... on Note { id } ... on Photograph { where: finding } } } }',
      'Photograph.finding',
      ['all.pictures.@.where'],
    ],
    ['a number', '{ how: size }', 'Query.size', ['how']],
    [
      'a list, where it withholds its rows',
      '{ mine: photographs { nodes { id } } }',
      'PhotographConnection.edges',
      ['mine'],
    ],
    [
      'a list, where it withholds the order of its rows',
      '{ mine: photographs { nodes { id } } }',
      'PhotographEdge.sortKey',
      ['mine'],
    ],
    [
      "a person's list, where it withholds the order of its rows",
      '{ persons(ids: ["reg:0", "reg:1"]) { their: photographs { edges { node { id } } } } }',
      'PhotographEdge.recordId',
      ['persons.@.their'],
    ],
  ])('%s', async (_, asked, coordinate, paths) => {
    host('b').failing = new Map([[coordinate, 'FIELD_WITHHELD']]);
    const { refused, errors } = await federation.ask(asked);
    expect(errors).toEqual([]);
    expect(refused.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual(
      paths.map((path) => ({ custodian: 'b', coordinate, path })),
    );
  });
});

// oxlint-disable-next-line typescript/no-explicit-any -- an answer, to be changed
type Answer = any;

/** Has a host report an error at a place in its answer, which is null. */
const failAt = (id: string, at: (question: string) => readonly (string | number)[] | undefined): void => {
  host(id).instead = async ({ query }, honest) => {
    const answer: Answer = JSON.parse(JSON.stringify(await honest()));
    const path = at(query);
    if (!path) return answer;
    const above = path.slice(0, -1).reduce((object: Answer, key) => object[key], answer.data);
    const key = path.at(-1) ?? '';
    if (key in above) above[key] = null;
    return { ...answer, errors: [{ message: 'failing', path }] };
  };
};

const PERSONS = `{ persons(ids: ["a:7", "reg:0", "reg:1"]) { id counts { photographs } photographs { nodes { id } } } }`;

const countsIn = ({ data }: GatheredAnswered): unknown[] =>
  data.persons.map(({ counts }: Answer) => counts?.photographs);

const idsIn = ({ data }: GatheredAnswered): string[][] =>
  data.persons.map(({ photographs }: Answer) => photographs?.nodes.map(({ id }: { id: string }) => id));

test('A record of a person that stands in several places counts as often as it does', async () => {
  const { custodians } = await federation.ask(
    '{ photographs { nodes { person { photographs { nodes { person { photographs(first: 1) { nodes { id } } } } } } } } }',
  );
  // Of nine photographs six are of one person and three of another, and the first of each is one of a host's.
  const counts = custodians.map(({ custodian, records }) => [custodian, records]);
  expect(counts).toEqual([
    ['a', 3 + 15 + 45],
    ['b', 3 + 15],
    ['c', 3 + 15],
  ]);
});

test('What is not whole of a person in a record of a person in a record is told at the names by which it was asked for', async () => {
  host('b').failing = new Map([['Counts.photographs', 'NONE']]);
  const answer = await federation.ask(
    '{ all: photographs { nodes { who: person { their: photographs { nodes { person { counts { of: photographs } } } } } } } }',
  );
  const path = ['all', 'nodes', '@', 'who', 'their', 'nodes', '@', 'person', 'counts', 'of'];
  expect(incompleteOf(answer, 'b')).toEqual([
    { path, reason: 'NOT_ANSWERED' },
    { path, reason: 'NOT_COUNTED' },
  ]);
});

describe('An error of one host', () => {
  test("at one person's number costs that number of that person alone", async () => {
    failAt('b', () => ['_entities', 1, 'counts', 'photographs']);
    const answer = await federation.ask(PERSONS);
    expect(answer.errors).toEqual([]);
    expect(countsIn(answer)).toEqual([0, 3, null]);
    expect(idsIn(answer)[2]).toEqual(['a:1', 'b:1', 'c:1', 'a:3', 'b:3', 'c:3']);
    expect(incompleteOf(answer, 'b').map(({ path }) => path.slice(0, 3))).toContainEqual(['persons', '@', 'counts']);
  });

  test("at one person's list costs its rows for that person alone", async () => {
    failAt('b', () => ['_entities', 0, 'photographs']);
    const answer = await federation.ask(PERSONS);
    expect(answer.errors).toEqual([]);
    expect(idsIn(answer)).toEqual([[], ['a:2', 'c:2'], ['a:1', 'b:1', 'c:1', 'a:3', 'b:3', 'c:3']]);
    expect(countsIn(answer)).toEqual([0, 3, 6]);
    expect(incompleteOf(answer, 'b')).toEqual([{ path: ['persons', '@', 'photographs'], reason: 'NOT_ANSWERED' }]);
  });

  test('at a member of a list, or within it, costs its part of that list alone', async () => {
    for (const path of [
      ['places', 0],
      ['places', 0, 'name'],
    ]) {
      failAt('b', () => path);
      const answer = await federation.ask('{ places { name } size }');
      expect(answer.data).toMatchObject({ places: [{ name: 'a x' }, { name: 'c x' }], size: 9 });
      expect(answer.errors).toEqual([]);
      expect(incompleteOf(answer, 'b')).toEqual([{ path: ['places'], reason: 'NOT_ANSWERED' }]);
    }
  });

  test('at a whole person, or at one that it was not asked about, costs all that it knows of persons, and nothing else', async () => {
    for (const index of [1, 2, -1, 0.5]) {
      failAt('b', (query) => (query.includes('_entities') ? ['_entities', index] : undefined));
      const answer = await federation.ask(`{ size ${PERSONS.slice(1)}`);
      expect(answer.data.size).toBe(9);
      expect(answer.errors).toEqual([]);
      expect(countsIn(answer)).toEqual([0, null, null]);
      expect(idsIn(answer)).toEqual([[], ['a:2', 'c:2'], ['a:1', 'c:1', 'a:3', 'c:3']]);
      expect(incompleteOf(answer, 'b')).toContainEqual({
        path: ['persons', '@', 'photographs'],
        reason: 'NOT_ANSWERED',
      });
    }
  });
});

describe('An error of all hosts stands', () => {
  const failAll = (coordinate: string): void => {
    for (const one of hosts) one.failing = new Map([[coordinate, 'NONE']]);
  };

  test('at each person', async () => {
    failAll('Person.counts');
    const answer = await federation.ask('{ some: persons(ids: ["reg:0", "reg:1"]) { all: counts { photographs } } }');
    expect(answer.errors).toEqual(
      [0, 1].map((index) => ({ path: ['some', index, 'all'], code: 'CUSTODIAN_UNAVAILABLE' })),
    );
  });

  test('at nothing that is known without them', async () => {
    const { data, errors } = await federation.ask(
      '{ persons(ids: ["reg:1", "c:7"]) { counts { __typename } __typename } }',
      { says: { c: null } },
    );
    expect(data.persons).toEqual([
      { counts: { __typename: 'Counts' }, __typename: 'Person' },
      { counts: null, __typename: 'Person' },
    ]);
    expect(errors).toEqual([{ path: ['persons', 1, 'counts'], code: 'CUSTODIAN_UNAVAILABLE' }]);
  });

  test('at the one person of whom none has answered', async () => {
    for (const id of ['b', 'c']) failAt(id, () => ['_entities', 1, 'counts', 'photographs']);
    failAt('a', () => ['_entities', 2, 'counts', 'photographs']);
    const answer = await federation.ask(PERSONS);
    expect(countsIn(answer)).toEqual([0, 3, null]);
    expect(answer.errors).toEqual([{ path: ['persons', 2, 'counts', 'photographs'], code: 'CUSTODIAN_UNAVAILABLE' }]);
  });

  test('at each place at which a person stands in a record', async () => {
    failAll('Person.counts');
    const answer = await federation.ask(
      '{ photographs(first: 4) { rows: edges { node { who: person { counts { photographs } } } } } }',
    );
    expect(answer.errors).toEqual(
      [0, 1, 2, 3].map((row) => ({
        path: ['photographs', 'rows', row, 'node', 'who', 'counts'],
        code: 'CUSTODIAN_UNAVAILABLE',
      })),
    );
  });
});
