import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import { type LightRecord, inOrder } from './light-archive.ts';
import { type Instead, type LightHost, RawAnswer, startLightHost } from './light-host.ts';

const HONEST = 'a';
const LIAR = 'b';
const OTHER = 'c';

/** A word of the liar's own, which is nowhere to be seen. */
const WORD = 'the-liars-own-words';

/** Five years of a host's, so that the rows of all hosts alternate. */
const recordsOf = (id: string): LightRecord[] =>
  [1, 2, 3, 4, 5].map((year) => ({
    id: `${id}:${year}`,
    sortKey: `201${year}`,
    place: 'x',
    finding: 'm',
    person: `reg:${year}`,
  }));

let hosts: LightHost[];
let federation: GatheredFederation;

beforeAll(async () => {
  hosts = await Promise.all([HONEST, LIAR, OTHER].map((id) => startLightHost(id, recordsOf(id))));
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

// oxlint-disable-next-line typescript/no-explicit-any -- an answer, to be made a lie of
type Answer = any;

/** Changes what the host would have said. */
type Lie = (photographs: Answer, answer: Answer) => void;

/** The host's answer, changed. */
const lying =
  (lie: Lie): Instead =>
  async (_, honest) => {
    const answer = JSON.parse(JSON.stringify(await honest()));
    lie(answer.data.photographs, answer);
    return answer;
  };

const changedRow = (change: (row: Answer) => unknown): Lie => {
  return ({ __g_edges: rows }) => void change(rows[1]);
};

const WORDS = { message: WORD, extensions: { code: WORD, stacktrace: [WORD] } };

/** What contradicts what was asked for, or is no answer at all: nothing else of it counts either. */
const LIES: Readonly<Record<string, Instead>> = {
  'a text for the data': () => ({ data: WORD }),
  'a list for the answer': () => [WORD],
  'null for a sort key': lying(changedRow((row) => (row.__g_sortKey = null))),
  'a sort key that no cursor can hold': lying(({ __g_edges: rows }) => (rows[4].__g_sortKey += 'a'.repeat(20_000))),
  'a sort key that no database can hold': lying(({ __g_edges: rows }) => (rows[4].__g_sortKey += '\0')),
  'a sort key that is no text': lying(({ __g_edges: rows }) => (rows[4].__g_sortKey += '\uD800')),
  'null for where a row stands': lying(changedRow((row) => (row.__g_recordId = null))),
  "another host's record": lying(changedRow((row) => (row.__g_recordId = row.__g_n_nodes.id = `${OTHER}:${WORD}`))),
  "a place of another host's record for its own": lying(changedRow((row) => (row.__g_recordId = `${OTHER}:${WORD}`))),
  "another host's record in a row of its own": lying(changedRow((row) => (row.__g_n_nodes.id = `${OTHER}:${WORD}`))),
  "nobody's record": lying(changedRow((row) => (row.__g_recordId = row.__g_n_nodes.id = WORD))),
  'another custodian': lying(changedRow((row) => (row.__g_n_nodes.custodian = OTHER))),
  'a custodian that is none': lying(changedRow((row) => (row.__g_n_nodes.custodian = WORD))),
  'a row twice': lying(({ __g_edges: rows }) => (rows[1] = rows[0])),
  'more rows than asked for': lying(
    ({ __g_edges: rows }) =>
      void [6, 7, 8].map((year) =>
        rows.push({ ...rows[4], __g_sortKey: `201${year}`, __g_recordId: `${LIAR}:${year}` }),
      ),
  ),
  'rows out of order': lying(({ __g_edges: rows }) => rows.reverse()),
  'more rows to follow, and none at all': lying((photographs) => {
    photographs.__g_edges = [];
    photographs.__g_page.__g_more = true;
  }),
  HTML: () => new RawAnswer(`<!doctype html><title>${WORD}</title>`, 'text/html'),
  'HTML as JSON': () => new RawAnswer(`<!doctype html><title>${WORD}</title>`, 'application/json'),
  'half of its JSON': async (_, honest) =>
    new RawAnswer(JSON.stringify(await honest()).slice(0, -20), 'application/json'),
  'more bytes than an answer may have': async (_, honest) =>
    new RawAnswer(
      JSON.stringify(Object.assign({ extensions: { padding: 'x'.repeat(9_000_000) } }, await honest())),
      'application/json',
    ),
  'errors for everything': () => ({ data: null, errors: [WORDS] }),
  'errors without end': () => ({ data: {}, errors: Array.from({ length: 60_000 }, () => WORDS) }),
  'errors that are none': () => ({ data: {}, errors: { [WORD]: WORD } }),
};

/** What does not fit its type, and the place that it costs. */
const MISFITS: Readonly<Record<string, readonly [place: string, instead: Instead]>> = {
  'a text for the rows': ['photographs', lying((photographs) => (photographs.__g_edges = WORD))],
  'a text for a row': ['photographs', lying(({ __g_edges: rows }) => (rows[1] = WORD))],
  'a text for the list': ['photographs', lying((_, { data }) => (data.photographs = WORD))],
  'a text for a number': ['size', lying((_, { data }) => (data.size = WORD))],
  'a number larger than its type has': ['size', lying((_, { data }) => (data.size = 3e9))],
  'an object for a place': ['places', lying((_, { data }) => (data.places = [{ name: { [WORD]: WORD } }]))],
  'a text for whether more follow': ['photographs', lying((photographs) => (photographs.__g_page.__g_more = WORD))],
  'no information on the page': ['photographs', lying((photographs) => delete photographs.__g_page)],
  'no sort key': ['photographs', lying(changedRow((row) => delete row.__g_sortKey))],
  'null for a row': ['photographs', lying(({ __g_edges: rows }) => (rows[1] = null))],
  'null for the information on the page': ['photographs', lying((photographs) => (photographs.__g_page = null))],
  'null for whether more follow': ['photographs', lying((photographs) => (photographs.__g_page.__g_more = null))],
  'null for the name of a place': ['places', lying((_, { data }) => (data.places = [{ name: null }]))],
};

/** What does not fit its type within a record, and the field of the record that it costs. */
const MISFITS_WITHIN: Readonly<Record<string, readonly [field: string, instead: Instead]>> = {
  'a number for an id': ['id', lying(changedRow((row) => (row.__g_n_nodes.id = 7)))],
  'an object for a text': ['place', lying(changedRow((row) => (row.__g_n_nodes.place = { [WORD]: WORD })))],
};

const ALL = `query ($first: Int, $after: String) {
  photographs(first: $first, after: $after) {
    nodes { id custodian place }
    edges { cursor }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
  places { name }
  size
}`;

const idsIn = ({ data }: GatheredAnswered): string[] => data.photographs.nodes.map(({ id }: { id: string }) => id);

const statusesOf = ({ custodians }: GatheredAnswered): Record<string, string> =>
  Object.fromEntries(custodians.map(({ custodian, status }) => [custodian, status]));

const LIAR_ALONE = { [HONEST]: 'ANSWERED', [LIAR]: 'UNAVAILABLE', [OTHER]: 'ANSWERED' };

const ofHonest = (): string[] => [...recordsOf(HONEST), ...recordsOf(OTHER)].toSorted(inOrder).map(({ id }) => id);

const ofAll = (): string[] =>
  ['a', 'b', 'c']
    .flatMap(recordsOf)
    .toSorted(inOrder)
    .map(({ id }) => id);

const ofLiar = ({ custodians }: GatheredAnswered): GatheredAnswered['custodians'][number] | undefined =>
  custodians.find(({ custodian }) => custodian === LIAR);

const tell = (host: LightHost | undefined, instead: Instead): void => {
  if (host) host.instead = instead;
};

test.each(Object.entries(LIES))('%s costs the host that says so its own part', async (_, instead) => {
  tell(hosts[1], instead);
  const answer = await federation.ask(ALL, { variables: { first: 10 } });
  expect(JSON.stringify(answer)).not.toContain(WORD);
  expect(answer.errors).toEqual([]);
  expect(idsIn(answer)).toEqual(ofHonest());
  expect(answer.data.places).toEqual([{ name: `${HONEST} x` }, { name: `${OTHER} x` }]);
  expect(answer.data.photographs.totalCount).toBeNull();
  expect(answer.data.size).toBeNull();
  expect(statusesOf(answer)).toEqual(LIAR_ALONE);
});

test.each(Object.entries(MISFITS))(
  '%s costs the host that says so what it stands in, and the answer says that',
  async (_, [place, instead]) => {
    tell(hosts[1], instead);
    const answer = await federation.ask(ALL, { variables: { first: 15 } });
    expect(JSON.stringify(answer)).not.toContain(WORD);
    expect(answer.errors).toEqual([]);
    expect(idsIn(answer)).toEqual(place === 'photographs' ? ofHonest() : ofAll());
    expect(answer.data.places.map(({ name }: { name: string }) => name)).toEqual(
      place === 'places' ? ['a x', 'c x'] : ['a x', 'b x', 'c x'],
    );
    expect(answer.data.size).toBe(place === 'size' ? null : 15);
    expect(answer.data.photographs.totalCount).toBe(place === 'photographs' ? null : 15);
    expect(ofLiar(answer)?.incomplete).toContainEqual({ path: [place], reason: 'NOT_ANSWERED' });
  },
);

test.each(Object.entries(MISFITS_WITHIN))(
  '%s within a record costs that field alone, and the answer says whose it is',
  async (_, [field, instead]) => {
    tell(hosts[1], instead);
    const answer = await federation.ask(ALL, { variables: { first: 15 } });
    expect(JSON.stringify(answer)).not.toContain(WORD);
    expect(answer.errors).toEqual([{ path: ['photographs', 'nodes', 4, field], code: 'CUSTODIAN_UNAVAILABLE' }]);
    expect(answer.data.photographs.nodes[4]).toEqual({ id: 'b:2', custodian: 'b', place: 'x', [field]: null });
    expect(idsIn(answer).filter((id) => id !== null)).toEqual(ofAll().filter((id) => field !== 'id' || id !== 'b:2'));
    expect(answer.data.photographs.totalCount).toBe(15);
    expect(ofLiar(answer)?.incomplete).toEqual([
      { path: ['photographs', 'nodes', '@', field], reason: 'NOT_ANSWERED' },
    ]);
  },
);

test('A list for a record leaves that one out of the list, and the answer says whose it is', async () => {
  tell(hosts[1], lying(changedRow((row) => (row.__g_n_nodes = [WORD]))));
  const answer = await federation.ask(ALL, { variables: { first: 15 } });
  expect(JSON.stringify(answer)).not.toContain(WORD);
  expect(answer.errors).toEqual([]);
  expect(idsIn(answer)).toEqual(ofAll().filter((id) => id !== 'b:2'));
  expect(ofLiar(answer)?.incomplete).toEqual([{ path: ['photographs', 'nodes'], reason: 'NOT_ANSWERED' }]);
});

test.each([
  ['A text', WORD],
  ['A number larger than its type has', 3e9],
  ['Less than nothing', -5],
])('%s for the total costs the total alone', async (_, total) => {
  tell(
    hosts[1],
    lying((photographs) => (photographs.totalCount = total)),
  );
  const answer = await federation.ask(ALL, { variables: { first: 15 } });
  expect(JSON.stringify(answer)).not.toContain(WORD);
  expect(answer.errors).toEqual([]);
  expect(idsIn(answer)).toEqual(ofAll());
  expect(answer.data.photographs.totalCount).toBeNull();
  expect(ofLiar(answer)?.incomplete).toEqual([{ path: ['photographs', 'totalCount'], reason: 'NOT_COUNTED' }]);
});

test('Numbers that are too large together are told of each host, and cost nothing else', async () => {
  const largest = 2 ** 31 - 1;
  tell(
    hosts[1],
    lying((photographs, { data }) => (photographs.totalCount = data.size = largest)),
  );
  const answer = await federation.ask(ALL, { variables: { first: 15 } });
  expect(answer.errors).toEqual([]);
  expect(idsIn(answer)).toEqual(ofAll());
  expect(answer.data).toMatchObject({ size: null, photographs: { totalCount: null } });
  for (const { incomplete } of answer.custodians)
    expect(incomplete).toEqual([
      { path: ['photographs', 'totalCount'], reason: 'NOT_COUNTED' },
      { path: ['size'], reason: 'NOT_COUNTED' },
    ]);
});

test.each([
  ['nowhere', [WORD, 0]],
  ['to what was not asked for', ['photographs', '__g_edges', 1, WORD]],
  ['to another shape', ['_entities', 0, 'photographs']],
  ['to a prototype', ['__proto__', 'toString']],
  ['nowhere, as no path', { [WORD]: WORD }],
])('an error whose path leads %s costs the host that reports it all of its part', async (_, path) => {
  for (const code of [WORD, 'FIELD_WITHHELD', 'BAD_USER_INPUT']) {
    tell(
      hosts[1],
      lying((__, answer) => (answer.errors = [{ message: WORD, path, extensions: { code } }])),
    );
    const answer = await federation.ask(ALL, { variables: { first: 10 } });
    expect(JSON.stringify(answer)).not.toContain(WORD);
    expect(answer.errors).toEqual([]);
    expect(idsIn(answer)).toEqual(ofHonest());
    expect(answer.data.places).toEqual([{ name: `${HONEST} x` }, { name: `${OTHER} x` }]);
    expect(answer.data.size).toBeNull();
    expect(ofLiar(answer)?.incomplete).toContainEqual({ path: ['photographs'], reason: 'NOT_ANSWERED' });
  }
});

test('keys that were not asked for, those of prototypes among them, are not there', async () => {
  tell(hosts[1], async (_, honest) => {
    const added = `{"__proto__":{"${WORD}":"${WORD}"},"constructor":{"${WORD}":1},"toString":null,`;
    return new RawAnswer(JSON.stringify(await honest()).replaceAll('{', added), 'application/json');
  });
  const answer = await federation.ask(ALL, { variables: { first: 15 } });
  expect(JSON.stringify(answer)).not.toContain(WORD);
  expect(idsIn(answer)).toEqual(ofAll());
  expect(({} as Record<string, unknown>)[WORD]).toBeUndefined();
  expect(answer.data.photographs.nodes[1][WORD]).toBeUndefined();
});

test.each([
  ['at', 0],
  ['before', -1],
])('a row %s the position that was asked for costs the host that sends it its own part', async (_, back) => {
  const before = await federation.ask(ALL, { variables: { first: 5 } });
  expect(idsIn(before).at(-1)).toBe('b:2');
  tell(
    hosts[1],
    lying(({ __g_edges: rows }) => {
      const year = 2 + back;
      rows.pop();
      rows.unshift({ ...rows[0], __g_sortKey: `201${year}`, __g_recordId: `b:${year}` });
    }),
  );
  const after = before.data.photographs.pageInfo.endCursor;
  const answer = await federation.ask(ALL, { variables: { first: 5, after } });
  expect(idsIn(answer)).toEqual(['c:2', 'a:3', 'c:3', 'a:4', 'c:4']);
  expect(statusesOf(answer)).toEqual(LIAR_ALONE);
});

const PERSONS = `{
  persons(ids: ["reg:1", "reg:2"]) { id photographs(first: 10) { nodes { id } } counts { photographs } }
}`;

test.each<[string, (answer: Answer) => void]>([
  ["entities in each other's places", ({ data }) => data._entities.reverse()],
  ["one entity's key in another's place", ({ data }) => (data._entities[1].__g_k_id = 'reg:1')],
  ['an entity of a key that is no text', ({ data }) => (data._entities[1].__g_k_id = [WORD])],
  ['fewer entities than asked for', ({ data }) => data._entities.pop()],
  ['more entities than asked for', ({ data }) => data._entities.push(data._entities[0])],
])('%s cost the host that sends them what it knows of them', async (_, lie) => {
  tell(hosts[1], async (__, honest) => {
    const answer = JSON.parse(JSON.stringify(await honest()));
    lie(answer);
    return answer;
  });
  const answer = await federation.ask(PERSONS);
  const idsOf = (at: number) => answer.data.persons[at].photographs.nodes.map(({ id }: { id: string }) => id);
  expect(JSON.stringify(answer)).not.toContain(WORD);
  expect([0, 1].map(idsOf)[1]).toEqual(['a:2', 'c:2']);
  expect(answer.data.persons.map(({ counts }: Answer) => counts.photographs)[1]).toBeNull();
  expect(answer.data.persons.map(({ id }: { id: string }) => id)).toEqual(['reg:1', 'reg:2']);
});

test.each<[string, Lie]>([
  ['its first rows again', ({ __g_edges: rows }) => rows.unshift({ ...rows.pop(), __g_sortKey: '00' })],
  ['rows out of order', ({ __g_edges: rows }) => rows.reverse()],
  ["another host's record", changedRow((row) => (row.__g_n_nodes.id = `${OTHER}:${WORD}`))],
  ['more rows than asked for', ({ __g_edges: rows }) => rows.push(...rows, ...rows, ...rows)],
  [
    'more rows to follow, and fewer than asked for',
    (page) => void (page.__g_edges.pop(), (page.__g_page.__g_more = true)),
  ],
  ['null for the list', (_, { data }) => (data.photographs = null)],
  ['errors alone', (_, answer) => Object.assign(answer, { data: null, errors: [WORDS] })],
])('a host that sends %s only when asked once more loses those rows alone, and later pages say so', async (_, lie) => {
  const [honest, liar, other] = hosts;
  if (!honest || !liar || !other) return;
  liar.records = Array.from({ length: 20 }, (__, at) => ({
    ...recordsOf(LIAR)[0],
    id: `${LIAR}:${at + 10}`,
    sortKey: `20${at + 10}`,
    place: 'x',
    finding: 'm',
    person: 'reg:1',
  }));
  for (const host of [honest, other]) host.records = [{ ...recordsOf(host.id)[0], sortKey: '3' } as LightRecord];
  liar.instead = (question, said) => (liar.asked.length === 2 ? lying(lie)(question, said) : said());
  const first = await federation.ask(ALL, { variables: { first: 12 } });
  expect(liar.asked).toHaveLength(2);
  expect(JSON.stringify(first)).not.toContain(WORD);
  expect(first.errors).toEqual([]);
  const whole = liar.records.slice(0, 8).map(({ id }) => id);
  expect(idsIn(first)).toEqual([...whole, 'a:1', 'c:1']);
  expect(ofLiar(first)?.incomplete).toContainEqual({ path: ['photographs'], reason: 'NOT_ANSWERED' });
  const after = first.data.photographs.pageInfo.endCursor;
  const second = await federation.ask(ALL, { variables: { first: 12, after } });
  expect(ofLiar(second)?.incomplete).toContainEqual({ path: ['photographs'], reason: 'MISSED_EARLIER_PAGE' });
  expect(idsIn(second)).toEqual([]);
});
