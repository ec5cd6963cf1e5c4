import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatheredFederation, ALL_SCOPES, gatherFrom } from './gathered-federation.ts';
import { granted } from '../gateway/authorize.ts';
import { type LightRecord, holderOf, inOrder, passes } from './light-archive.ts';
import { type LightHost, startLightHost } from './light-host.ts';

/** Always the same ones in `npm test`, and ever new ones, many more, in `npm run test:long`. */
const RUNS = Number(process.env['AMANA_RANDOM_GATHERINGS'] ?? 40);
const SEED = process.env['AMANA_RANDOM_GATHERINGS'] === undefined ? 20_261_127 : Date.now() % 2 ** 31;

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const PLACES = ['x', 'y'];
const PERSONS = ['reg:1', 'reg:2', 'reg:3'];
const KEYS = ['', 'a', 'aa', 'b', 'حلب', 'درعا', '\u{1F9ED}', '\uFFFD', 'z'];

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all(IDS.map((id) => startLightHost(id, [])));
  federation = await gatherFrom(hosts);
});

beforeEach(() => {
  federation.hosts.splice(0, Infinity, ...hosts);
  for (const host of hosts) {
    host.records = [];
    host.instead = undefined;
    host.asked.length = 0;
  }
});

afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

type Grants = 'all' | 'no medical' | 'registered' | 'none' | 'silent' | 'no persons';

const SCOPES: Readonly<Record<Grants, readonly string[]>> = {
  all: ALL_SCOPES,
  'no persons': ALL_SCOPES,
  'no medical': ['ngo:registered', 'ngo:identifying'],
  registered: ['ngo:registered'],
  none: [],
  silent: [],
};

const grants = (scopes: Grants): fc.Arbitrary<Grants> => fc.constant(scopes);

const Host = fc.record({
  grants: fc.oneof(
    { weight: 5, arbitrary: grants('all') },
    grants('no medical'),
    grants('registered'),
    grants('none'),
    grants('silent'),
    grants('no persons'),
  ),
  isDown: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
  rows: fc.array(
    fc.record({
      sortKey: fc.constantFrom(...KEYS),
      place: fc.constantFrom(...PLACES),
      finding: fc.constantFrom('m', 'n'),
      person: fc.constantFrom(...PERSONS),
    }),
    { maxLength: 14 },
  ),
});

const Filter = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.record({ place: fc.constantFrom(...PLACES) }),
  fc.record({ finding: fc.constantFrom('m', 'n') }),
  fc.record({
    id: fc.array(fc.tuple(fc.constantFrom(...IDS, 'nobody'), fc.nat(9)).map(([id, number]) => `${id}:${number}`)),
  }),
);

const Case = fc.record({
  hosts: fc.array(Host, { minLength: 1, maxLength: 8 }),
  first: fc.integer({ min: 1, max: 12 }),
  filter: Filter,
});

type Given = typeof Case extends fc.Arbitrary<infer Value> ? Value : never;

/** Fills the hosts as a case says. */
function set({ hosts: given }: Given): void {
  federation.hosts.splice(0, Infinity, ...hosts.slice(0, given.length));
  for (const [at, { rows, isDown }] of given.entries()) {
    const host = hosts[at];
    if (!host) continue;
    host.records = rows.map((row, number) => ({ ...row, id: `${host.id}:${number}` }));
    host.instead = isDown ? () => ({ errors: [{ message: 'down' }] }) : undefined;
    host.asked.length = 0;
  }
}

const says = ({ hosts: given }: Given) =>
  Object.fromEntries(
    given.map((host, at) => [
      IDS[at] ?? '',
      host.grants === 'silent'
        ? null
        : {
            grants: SCOPES[host.grants].length > 0 ? [granted(SCOPES[host.grants])] : [],
            askedAboutPersons: host.grants !== 'no persons',
          },
    ]),
  );

const ids = (filter: Given['filter']): readonly string[] | undefined =>
  filter && 'id' in filter ? filter.id : undefined;

/** Whether a host's records may be among those of some ids. */
const concerned = (host: string, filter: Given['filter'], present: number): boolean => {
  const named = ids(filter);
  return (
    !named ||
    named.length === 0 ||
    named.some((id) => holderOf(id) === host || !IDS.slice(0, present).includes(holderOf(id)))
  );
};

/** Hosts that would answer the list: what the filter reads must be granted. */
const lets = (given: Given, at: number): boolean => {
  const scopes = SCOPES[given.hosts[at]?.grants ?? 'none'];
  const needs =
    given.filter && 'place' in given.filter
      ? 'ngo:identifying'
      : given.filter && 'finding' in given.filter
        ? 'ngo:medical'
        : 'ngo:registered';
  return (
    scopes.includes('ngo:registered') &&
    scopes.includes(needs) &&
    concerned(IDS[at] ?? '', given.filter, given.hosts.length)
  );
};

const recordsOf = (given: Given, at: number): LightRecord[] =>
  (given.hosts[at]?.rows ?? [])
    .map((row, number) => ({ ...row, id: `${IDS[at]}:${number}` }))
    .filter(passes(given.filter));

const indexes = (given: Given): number[] => [...given.hosts.keys()];

const PAGE = `query ($first: Int, $after: String, $filter: PhotographFilter) {
  photographs(first: $first, after: $after, filter: $filter) {
    nodes { id place finding custodian }
    found: nodes { key: id }
    edges { cursor at: node { id } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    totalCount
  }
}`;

const check = async <Value>(arbitrary: fc.Arbitrary<Value>, law: (value: Value) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(arbitrary, law), { numRuns: RUNS, seed: SEED });

const isRefused = async (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => false,
    () => true,
  );

test('A walk over any hosts shows what one host with all of their records would, each record once, in pages as long as asked for', async () => {
  await check(Case, async (given) => {
    set(given);
    const answering = indexes(given).filter((at) => lets(given, at) && !given.hosts[at]?.isDown);
    const failing = indexes(given).filter((at) => lets(given, at) && given.hosts[at]?.isDown);
    const unheard = indexes(given).filter(
      (at) => given.hosts[at]?.grants === 'silent' && concerned(IDS[at] ?? '', given.filter, given.hosts.length),
    );
    const expected = answering.flatMap((at) => recordsOf(given, at)).toSorted(inOrder);
    const asking = { says: says(given) };
    const variables = { first: given.first, filter: given.filter };
    if (answering.length === 0) {
      const refused = await isRefused(federation.ask(PAGE, { ...asking, variables }));
      if (refused) return;
      const { data } = await federation.ask(PAGE, { ...asking, variables });
      expect(data?.photographs ?? null).toSatisfy((page) => page === null || page.nodes.length === 0);
      return;
    }
    const seen: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const { data, errors, custodians } = await federation.ask(PAGE, {
        ...asking,
        variables: { ...variables, after },
      });
      expect(errors).toEqual([]);
      const { nodes, found, edges, pageInfo, totalCount } = data.photographs;
      expect(nodes.length).toBe(Math.min(given.first, expected.length - seen.length));
      expect(found.map(({ key }: { key: string }) => key)).toEqual(nodes.map(({ id }: { id: string }) => id));
      expect(edges.map(({ at }: { at: { id: string } }) => at.id)).toEqual(nodes.map(({ id }: { id: string }) => id));
      expect(totalCount).toBe(failing.length + unheard.length > 0 ? null : expected.length);
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.hasNextPage).toBe(seen.length + nodes.length < expected.length);
      for (const node of nodes) {
        const scopes = SCOPES[given.hosts[IDS.indexOf(holderOf(node.id))]?.grants ?? 'none'];
        const record = expected.find(({ id }) => id === node.id);
        expect(node.place).toBe(scopes.includes('ngo:identifying') ? record?.place : null);
        expect(node.finding).toBe(scopes.includes('ngo:medical') ? record?.finding : null);
      }
      const missed = custodians.flatMap(({ custodian, incomplete = [] }) =>
        incomplete.some(({ reason }) => reason === 'MISSED_EARLIER_PAGE') ? [custodian] : [],
      );
      expect(missed.toSorted()).toEqual(after === null ? [] : [...failing, ...unheard].map((at) => IDS[at]).toSorted());
      // Three places each: two lists of nodes, and one of edges.
      const counts = Map.groupBy(nodes, ({ id }: { id: string }) => holderOf(id));
      for (const { custodian, records } of custodians) expect(records).toBe(3 * (counts.get(custodian)?.length ?? 0));
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(seen).toEqual(expected.map(({ id }) => id));
  });
}, 600_000);

test('What is withheld, and asked, is for each host what it would be for that host alone', async () => {
  await check(Case, async (given) => {
    set(given);
    const asked = federation.ask(PAGE, { says: says(given), variables: { first: given.first, filter: given.filter } });
    const { withheld } = await asked.catch(() => ({ withheld: undefined }));
    for (const at of indexes(given)) {
      const host = hosts[at];
      if (!host) continue;
      const scopes = SCOPES[given.hosts[at]?.grants ?? 'none'];
      if (!lets(given, at)) expect(host.asked).toEqual([]);
      for (const { query, variables } of host.asked) {
        if (!scopes.includes('ngo:identifying')) expect(query).not.toMatch(/\bplace\b/u);
        if (!scopes.includes('ngo:medical')) expect(query).not.toMatch(/\bfinding\b/u);
        const names = JSON.stringify({ ...variables, __g_after_11photographs: null }).match(/"[a-h]:\d+"/gu) ?? [];
        const present = names.filter((name) => IDS.slice(0, given.hosts.length).includes(holderOf(name.slice(1))));
        for (const name of present) expect(name.slice(1)).toMatch(new RegExp(`^${host.id}:`, 'u'));
      }
    }
    if (!withheld || given.hosts.some(({ grants: said }) => said === 'silent')) return;
    const all = await Promise.all(
      indexes(given).map(async (at) => {
        federation.hosts.splice(0, Infinity, ...hosts.slice(at, at + 1));
        const alone = federation.ask(PAGE, {
          says: says(given),
          variables: { first: given.first, filter: given.filter },
        });
        return alone.then(
          (answer) => answer.withheld,
          (refusal: { withheld?: typeof withheld }) => refusal.withheld ?? [],
        );
      }),
    );
    const told = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry)).toSorted();
    expect(told(withheld)).toEqual(told(all.flat()));
  });
}, 600_000);
