import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

interface Place {
  readonly sortKey: string;
  readonly custodian: string;
  readonly id: string;
}

const OWN = 'ngo-b';
/** Custodians before and after it, some of which one is the beginning of another. */
const OTHERS = ['a', 'ngo', 'ngo-a', 'ngo-b-2', 'ngo-c', 'zz'];
/**
 * Words whose order by code points is neither that of any language nor that of UTF-16, where what lies beyond the basic
 * plane comes before the private use area and the Arabic presentation forms.
 */
const WORDS = ['', ' ', '-', '2014', '2014-03', 'B', 'a', 'é', 'علي', 'عمر', 'ي', '\u{E000}', 'ﭐ', '�', '𐀀', '😀'];
const KEYS = [...WORDS, ...WORDS.map((word) => `علي${word}`)];

const own: readonly Place[] = KEYS.flatMap((sortKey, key) =>
  [0, 1, 2].map((n) => ({ sortKey, custodian: OWN, id: `${OWN}:${(key * 7 + n * 5) % 13}-${key}` })),
);

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const inOrder = (a: Place, b: Place): number =>
  byBytes(a.sortKey, b.sortKey) || byBytes(a.custodian, b.custodian) || byBytes(a.id, b.id);
const ownAfter = (place: Place | undefined): Place[] =>
  own.filter((row) => place === undefined || inOrder(row, place) > 0).toSorted(inOrder);

const anyKey = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'grapheme' })).filter((key) => !key.includes('\0'));
const ofAnother = fc.record({ sortKey: anyKey, custodian: fc.constantFrom(...OTHERS), id: fc.string() });
const anyPlace = fc.oneof(
  ofAnother,
  fc.constantFrom(...own),
  fc.record({ sortKey: anyKey, custodian: fc.constant(OWN), id: fc.constantFrom(...own.map(({ id }) => id)) }),
);

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian(OWN, ngo);
  const row = ({ id, sortKey }: Place) => ({
    ...{ id, reference: id, label_set: 1, labels: [], review_status: 'PRELIMINARY', sort_key: sortKey },
  });
  await custodian.insert(
    'collections',
    own.map((place) => ({ ...row(place), title: place.sortKey })),
  );
  const [collection] = own;
  const photograph = ({ id, sortKey }: Place) => ({
    ...row({ id, sortKey, custodian: OWN }),
    collection: collection?.id,
  });
  await custodian.insert('photographs', own.map(photograph));
  await custodian.insert(
    'depicted_bodies',
    own.slice(0, 5).map((place, n) => ({
      ...row(place),
      ...{ category: 'DETAINEE', photographed_on_value: '2014', photographed_on_basis: 'STATED' },
      ...{ photographed_on_from: n < 3 ? '2014-01-01' : '2014-01-02', photographed_on_to: '2014-12-31' },
    })),
  );
  await custodian.insert(
    'links',
    own.slice(0, 5).map(({ id }) => ({
      ...{ record_id: id, record_type: 'DepictedBody', person: 'psn_1', label_set: 1, source: 'REGISTER' },
    })),
  );
  await custodian.grant({ subject: 'reader', scopes: ['ngo:registered', 'ngo:identifying'] });
  await custodian.grant({ subject: 'unregistered', scopes: ['ngo:identifying'] });
});
afterAll(() => custodian?.close());
beforeEach(() => {
  custodian.reads.length = 0;
});

const PAGE = '(first: $first, after: $after, afterRecord: $place)';
const ROWS = `${PAGE} { edges { sortKey recordId cursor } pageInfo { hasNextPage hasPreviousPage endCursor } }`;
const VARIABLES = { first: 'Int', after: 'String', place: 'ListPosition', persons: '[_Any!]!' };
const PERSON = [{ __typename: 'Person', id: 'psn_1' }];
const OF_PERSON = (selection: string): string =>
  `_entities(representations: $persons) { ... on Person { ${selection} } }`;
const LISTS = {
  root: { query: `collections${ROWS}`, of: (data: Answer['data']) => data.collections },
  'list of a record': {
    query: `collections(filter: { id: ${JSON.stringify([own[0]?.id])} }) { nodes { photographs${ROWS} } }`,
    of: (data: Answer['data']) => data.collections.nodes[0].photographs,
  },
};

interface Asked {
  readonly place?: Place | null;
  readonly after?: string;
  readonly first?: number;
  readonly as?: string;
}

function ask(query: string, { as = 'reader', ...variables }: Asked = {}): Promise<Answer> {
  const used = Object.entries(VARIABLES).filter(([name]) => query.includes(`$${name}`));
  const declared = used.map(([name, type]) => `$${name}: ${type}`).join(', ');
  const document = `query (${declared}) { ${query} }`;
  return custodian.ask(document, { as, variables: { ...variables, persons: PERSON } });
}

async function rows(list: keyof typeof LISTS, asked: Asked): Promise<{ places: Place[]; pageInfo: Answer['data'] }> {
  const answer = await ask(LISTS[list].query, asked);
  expect(answer.errors).toEqual([]);
  const { edges, pageInfo } = LISTS[list].of(answer.data);
  return { places: edges.map(placeOf), pageInfo };
}

const placeOf = ({ sortKey, recordId }: { sortKey: string; recordId: string }): Place => ({
  ...{ sortKey, custodian: OWN, id: recordId },
});

describe.each(['root', 'list of a record'] as const)('the page of a %s after a place', (list) => {
  it('holds the rows that come after it in the order of all custodians, whoever’s place it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlace, fc.integer({ min: 1, max: 200 }), async (place, first) => {
        const { places, pageInfo } = await rows(list, { place, first });
        const following = ownAfter(place);
        expect(places).toEqual(following.slice(0, first));
        expect(pageInfo).toMatchObject({ hasNextPage: following.length > first, hasPreviousPage: true });
      }),
      { numRuns: 60 },
    );
  });

  it('goes on by its cursor', async () => {
    const place = { sortKey: 'B', custodian: 'ngo-a', id: 'ngo-a:1' };
    const { pageInfo } = await rows(list, { place, first: 2 });
    const next = await rows(list, { after: pageInfo.endCursor, first: 3 });
    expect(next.places).toEqual(ownAfter(place).slice(2, 5));
  });
});

describe('a walk through what several custodians hold', () => {
  it.each(['root', 'list of a record'] as const)('gets each record of a %s once', async (list) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ofAnother, { maxLength: 40 }),
        fc.integer({ min: 5, max: 60 }),
        async (others, first) => {
          const seen: Place[] = [];
          let place: Place | undefined;
          while (seen.length <= own.length + others.length) {
            const { places } = await rows(list, { place: place ?? null, first });
            const last = place;
            const theirs = others.filter((other) => last === undefined || inOrder(other, last) > 0);
            const page = [...places, ...theirs].toSorted(inOrder).slice(0, first);
            if (page.length === 0) break;
            seen.push(...page);
            place = page.at(-1);
          }
          expect(seen.filter((row) => row.custodian === OWN)).toEqual(own.toSorted(inOrder));
        },
      ),
      { numRuns: 8 },
    );
  });

  it('gets each event of a person once, also where events of several records begin on one day', async () => {
    const seen: Place[] = [];
    const events = OF_PERSON(`ngoEvents${ROWS}`);
    let place: Place | null = null;
    while (seen.length <= own.length) {
      const answer: Answer = await ask(events, { place, first: 2 });
      expect(answer.errors).toEqual([]);
      const places: Place[] = answer.data._entities[0].ngoEvents.edges.map(placeOf);
      seen.push(...places);
      if (places.length === 0) break;
      place = places.at(-1) ?? null;
    }
    expect(seen.map(({ id }) => id)).toEqual(
      own
        .slice(0, 5)
        .toSorted((a, b) => Number(isLate(a)) - Number(isLate(b)) || byBytes(a.id, b.id))
        .map(({ id }) => id),
    );
    expect(new Set(seen.map(({ sortKey }) => sortKey)).size).toBe(2);
  });
});

const isLate = (place: Place): boolean => own.indexOf(place) > 2;

describe('a place is refused', () => {
  const place = { sortKey: 'B', custodian: 'ngo-a', id: 'ngo-a:1' };

  const query = LISTS['list of a record'].query;
  const expectRefused = (answer: Answer): void => {
    expect(answer.status).toBe(400);
    expect(answer.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(custodian.reads).toEqual([]);
  };

  it('beside a cursor', async () => {
    const { pageInfo } = await rows('list of a record', { first: 1 });
    custodian.reads.length = 0;
    expectRefused(await ask(query, { place, after: pageInfo.endCursor }));
  });

  it.each(['', 'NGO-A', 'ngo_a', 'x'.repeat(32)])('of %j, which is no custodian', async (name) => {
    expectRefused(await ask(query, { place: { ...place, custodian: name } }));
  });

  it.each([
    { ...place, sortKey: 'a\0b' },
    { ...place, custodian: OWN, id: 'a\0b' },
  ])('that no database can hold', async (impossible) => {
    const answer = await ask(LISTS.root.query, { place: impossible });
    expect(answer.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(custodian.reads).toEqual([]);
  });

  it('to whoever may not see what the list is ordered by', async () => {
    for (const list of [LISTS.root.query, OF_PERSON(`depictedBodies${ROWS}`), OF_PERSON(`ngoEvents${ROWS}`)]) {
      const answer = await ask(list, { place, as: 'unregistered' });
      expect(answer.status).toBe(403);
      expect(answer.data).toBeUndefined();
      expect(answer.errors[0]?.extensions.code).toBe('FILTER_WITHHELD');
    }
    expect(custodian.reads).toEqual([]);
  });
});

it('where a row stands is withheld from whoever may not see the rows', async () => {
  const bare = `depictedBodies { edges { sortKey recordId } }`;
  const answer = await ask(OF_PERSON(bare), { as: 'unregistered' });
  expect(answer.data._entities[0].depictedBodies).toEqual({ edges: null });
  expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['FIELD_WITHHELD']);
});
