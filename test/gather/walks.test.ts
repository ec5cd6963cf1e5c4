import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type GatheredAnswered,
  type GatheredAsking,
  type GatheredFederation,
  gatherFrom,
} from './gathered-federation.ts';
import { type LightRecord, inOrder } from './light-archive.ts';
import { type LightHost, startLightHost } from './light-host.ts';

/** Six years of a host's, so that the rows of all hosts alternate. */
const recordsOf = (id: string): LightRecord[] =>
  [1, 2, 3, 4, 5, 6].map((year) => ({
    id: `${id}:${year}`,
    sortKey: `201${year}`,
    place: 'x',
    finding: 'm',
    person: `reg:${(year % 2) + 1}`,
  }));

let hosts: LightHost[];
let federation: GatheredFederation;

beforeEach(async () => {
  hosts = await Promise.all(['a', 'b', 'c'].map((id) => startLightHost(id, recordsOf(id))));
  federation = await gatherFrom(hosts);
});

afterEach(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

const LIST = `query ($first: Int, $after: String, $filter: PhotographFilter) {
  photographs(first: $first, after: $after, filter: $filter) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;

const page = (after: string | null, first = 3, asking: GatheredAsking = {}): Promise<GatheredAnswered> =>
  federation.ask(LIST, { ...asking, variables: { first, after, ...asking.variables } });

const idsIn = ({ data }: GatheredAnswered): string[] => data.photographs.nodes.map(({ id }: { id: string }) => id);

const endOf = ({ data }: GatheredAnswered): string => data.photographs.pageInfo.endCursor;

const reasonsOf = ({ custodians }: GatheredAnswered, id: string): string[] =>
  custodians.find(({ custodian }) => custodian === id)?.incomplete?.map(({ reason }) => reason) ?? [];

const set = (id: string, instead: LightHost['instead']): void => {
  for (const host of hosts) if (host.id === id) host.instead = instead;
};

test('A host that is down on one page of a walk is back after the position passed, and every later page says what it missed', async () => {
  const one = await page(null);
  expect(idsIn(one)).toEqual(['a:1', 'b:1', 'c:1']);
  expect(one.data.photographs.totalCount).toBe(18);
  set('b', () => ({ errors: [{ message: 'down' }] }));
  const two = await page(endOf(one), 4);
  expect(two.errors).toEqual([]);
  expect(idsIn(two)).toEqual(['a:2', 'c:2', 'a:3', 'c:3']);
  expect(two.data.photographs.totalCount).toBeNull();
  expect(reasonsOf(two, 'b')).toEqual(['NOT_COUNTED']);
  set('b', undefined);
  const three = await page(endOf(two));
  expect(idsIn(three)).toEqual(['a:4', 'b:4', 'c:4']);
  expect(three.data.photographs.totalCount).toBe(18);
  expect(reasonsOf(three, 'b')).toEqual(['MISSED_EARLIER_PAGE']);
  const four = await page(endOf(three), 9);
  expect(idsIn(four)).toEqual(['a:5', 'b:5', 'c:5', 'a:6', 'b:6', 'c:6']);
  expect(reasonsOf(four, 'b')).toEqual(['MISSED_EARLIER_PAGE']);
  expect([...reasonsOf(four, 'a'), ...reasonsOf(four, 'c')]).toEqual([]);
  expect(four.data.photographs.pageInfo.hasNextPage).toBe(false);
});

test('A host without an answer costs its deadline, and no other host its rows', async () => {
  set('b', () => undefined);
  const before = performance.now();
  const answer = await page(null, 4, { deadline: 300 });
  const took = performance.now() - before;
  expect(idsIn(answer)).toEqual(['a:1', 'c:1', 'a:2', 'c:2']);
  expect(answer.errors).toEqual([]);
  expect(answer.custodians.map(({ custodian, status }) => [custodian, status])).toEqual([
    ['a', 'ANSWERED'],
    ['b', 'TIMED_OUT'],
    ['c', 'ANSWERED'],
  ]);
  expect(took).toBeGreaterThan(250);
  expect(took).toBeLessThan(900);
});

test('A host that is added during a walk is shown after the position and named on every later page, and one that is removed no more', async () => {
  const added = await startLightHost('d', recordsOf('d'));
  const one = await page(null);
  federation.hosts.push(added);
  const two = await page(endOf(one), 4);
  expect(idsIn(two)).toEqual(['d:1', 'a:2', 'b:2', 'c:2']);
  expect(['a', 'b', 'c', 'd'].map((id) => reasonsOf(two, id))).toEqual([[], [], [], ['MISSED_EARLIER_PAGE']]);
  federation.hosts.splice(0, 1);
  const three = await page(endOf(two), 4);
  expect(idsIn(three)).toEqual(['d:2', 'b:3', 'c:3', 'd:3']);
  expect(three.custodians.map(({ custodian }) => custodian)).toEqual(['b', 'c', 'd']);
  expect(three.data.photographs.totalCount).toBe(18);
  expect(['b', 'c', 'd'].map((id) => reasonsOf(three, id))).toEqual([[], [], ['MISSED_EARLIER_PAGE']]);
  expect((await page(null)).custodians.flatMap(({ incomplete = [] }) => incomplete)).toEqual([]);
  await added.close();
});

test('A walk goes on at another gateway, which hosts have joined at another time, and names those alone that came after it began', async () => {
  const added = await startLightHost('d', recordsOf('d'));
  const anHourAgo = Date.now() - 3_600_000;
  const other = await gatherFrom(hosts, undefined, anHourAgo);
  const variables = { first: 3, after: endOf(await page(null)) };
  const same = await other.ask(LIST, { variables });
  expect(idsIn(same)).toEqual(['a:2', 'b:2', 'c:2']);
  expect(same.custodians.flatMap(({ incomplete = [] }) => incomplete)).toEqual([]);
  other.hosts.push(added);
  const more = await other.ask(LIST, { variables });
  expect(['a', 'b', 'c', 'd'].map((id) => reasonsOf(more, id))).toEqual([[], [], [], ['MISSED_EARLIER_PAGE']]);
  await other.close();
  await added.close();
});

test('A host that has not answered in time is not waited for again in the same request', async () => {
  set('b', () => undefined);
  const before = performance.now();
  const { data } = await federation.ask(
    '{ photographs(first: 2) { nodes { person { counts { photographs } } } } size }',
    { deadline: 600 },
  );
  expect(data.photographs.nodes).toHaveLength(2);
  expect(performance.now() - before).toBeLessThan(1_100);
  expect(hosts.map(({ asked }) => asked.length)).toEqual([2, 1, 2]);
});

test('A walk ends on a page after its last host was exchanged for another', async () => {
  const one = await page(null, 17);
  const other = await startLightHost('z', recordsOf('z'));
  federation.hosts.splice(0, 3, other);
  const two = await page(endOf(one), 5);
  expect(idsIn(two)).toEqual(['z:6']);
  expect(two.data.photographs.pageInfo.hasNextPage).toBe(false);
  await other.close();
});

test('Where a list is not counted, the answer says so under each name that its count was asked for by', async () => {
  set('b', () => ({ errors: [{ message: 'down' }] }));
  const { custodians } = await federation.ask(
    '{ mine: photographs(first: 3) { all: totalCount totalCount } persons(ids: ["reg:1"]) { photographs { of: totalCount } } }',
  );
  const told = custodians.find(({ custodian }) => custodian === 'b')?.incomplete;
  expect(told?.toSorted((one, other) => one.path.length - other.path.length)).toEqual([
    { path: ['mine', 'all'], reason: 'NOT_COUNTED' },
    { path: ['mine', 'totalCount'], reason: 'NOT_COUNTED' },
    { path: ['persons', '@', 'photographs', 'of'], reason: 'NOT_COUNTED' },
  ]);
});

const PERSON = `query ($id: ID!, $after: String) {
  persons(ids: [$id]) { photographs(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }
}`;

test('A cursor of another viewer, filter or list, or one that was changed, is refused, and no host is asked', async () => {
  const after = endOf(await page(null));
  const person = await federation.ask(PERSON, { variables: { id: 'reg:1' } });
  const ofPerson = person.data.persons[0].photographs.pageInfo.endCursor;
  const middle = Math.floor(after.length / 2);
  const changed = `${after.slice(0, middle)}${after[middle] === 'A' ? 'B' : 'A'}${after.slice(middle + 1)}`;
  for (const host of hosts) host.asked.length = 0;
  const refused = [
    await page(after, 3, { viewer: 'another' }),
    await page(after, 3, { variables: { filter: { place: 'x' } } }),
    await page(ofPerson),
    await page(changed),
    await page(`${after}AAAA`),
    await page('own'),
    await page(''),
  ];
  for (const { data, errors } of refused) {
    expect(data?.photographs ?? null).toBeNull();
    expect(errors).toEqual([{ path: ['photographs'], code: 'CURSOR_INVALID' }]);
  }
  expect(hosts.flatMap(({ asked }) => asked)).toEqual([]);
  expect(idsIn(await page(after))).toEqual(['a:2', 'b:2', 'c:2']);
});

test("A cursor of one person's list is refused at another's", async () => {
  const one = await federation.ask(PERSON, { variables: { id: 'reg:1' } });
  const after = one.data.persons[0].photographs.pageInfo.endCursor;
  const same = await federation.ask(PERSON, { variables: { id: 'reg:1', after } });
  expect(same.errors).toEqual([]);
  expect(same.data.persons[0].photographs.nodes).toEqual([{ id: 'c:2' }, { id: 'a:4' }]);
  const other = await federation.ask(PERSON, { variables: { id: 'reg:2', after } });
  expect(other.data.persons[0].photographs).toBeNull();
  expect(other.errors).toEqual([{ path: ['persons', 0, 'photographs'], code: 'CURSOR_INVALID' }]);
});

test('A cursor is as long for thirty hosts as for one', async () => {
  const many = await Promise.all(
    Array.from({ length: 30 }, (_, at) => `n${String(at).padStart(2, '0')}`).map((id) =>
      startLightHost(id, recordsOf(id)),
    ),
  );
  const lengths: number[] = [];
  for (const count of [1, 30]) {
    federation.hosts.splice(0, Infinity, ...many.slice(0, count));
    const answer = await page(null);
    expect(idsIn(answer)).toEqual(
      many
        .slice(0, count)
        .flatMap(({ records }) => records)
        .toSorted(inOrder)
        .slice(0, 3)
        .map(({ id }) => id),
    );
    lengths.push(endOf(answer).length);
  }
  expect(lengths[1]).toBe(lengths[0]);
  await Promise.all(many.map((host) => host.close()));
});
