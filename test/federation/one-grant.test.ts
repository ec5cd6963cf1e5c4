import { beforeAll, describe, expect, it } from 'vitest';
import type { GrantRequest } from '../../src/subgraphs/kit/grants.ts';
import {
  type Answer,
  type Custodian,
  accessToken,
  ask,
  askCustodian,
  custodianAddress,
  custodianHeaders,
  give,
  post,
  withStorage,
} from './harness.ts';

const TOLD = 'psn_03d0cba4e5f2978fb82b';
const PENDING = 'psn_70539857a00d3c26df80';
const HOUR = 3_600_000;

const OFFICER = { organisation: 'ministry', recipientKind: 'GOVERNMENT' } as const;
const UNRELEASED: Partial<GrantRequest> = { ...OFFICER, clears: ['COORDINATED'] };
const AUTHORITY = { organisation: 'missing', recipientKind: 'AUTHORITY_ONLY' } as const;
const FAMILY_FIRST: Partial<GrantRequest> = { ...AUTHORITY, clears: ['FAMILY_FIRST'] };

const codes = ({ errors }: Answer): string[] => errors.map(({ extensions }) => extensions.code);

/** One grant with all of what others hold in halves: that the whole opens it shows that the halves might have. */
async function whole(
  custodian: Custodian,
  viewer: string,
  scopes: readonly string[],
  more: Partial<GrantRequest> = {},
): Promise<string> {
  await give(custodian, viewer, scopes, more);
  return viewer;
}

describe('scopes in one grant and the label’s clearance in another', () => {
  const QUERY = `{ depictedBodies(first: 3) { totalCount nodes { id reference } } photographs(first: 1) { totalCount }
    collections { totalCount nodes { title } } }`;

  beforeAll(async () => {
    await give('ngo-a', 'one:label', ['registered', 'identifying', 'provenance'], OFFICER);
    await give('ngo-a', 'one:label', ['medical'], UNRELEASED);
    await whole('ngo-a', 'one:label-whole', ['registered', 'identifying', 'medical', 'provenance'], UNRELEASED);
  });

  it('show nothing of what has the label', async () => {
    const answer = await ask(QUERY, { as: 'one:label' });
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      depictedBodies: { totalCount: 0, nodes: [] },
      photographs: { totalCount: 0 },
      collections: { totalCount: 1, nodes: [{ title: 'Scanned registers' }] },
    });
    const past = await askCustodian('ngo-a', QUERY, { as: 'one:label' });
    expect(past.data).toEqual(answer.data);
  });

  it('which one grant with both does', async () => {
    const answer = await ask(QUERY, { as: 'one:label-whole' });
    expect(answer.data.depictedBodies.totalCount).toBeGreaterThan(500);
    expect(answer.data.collections.totalCount).toBe(3);
  });
});

describe('a grant that clears the label for the record, and one without it for a field', () => {
  const QUERY =
    '{ collections { nodes { title reference } } depictedBodies(first: 5) { nodes { category reference numbers { value } } } }';

  beforeAll(async () => {
    await give('ngo-a', 'one:field', ['registered'], UNRELEASED);
    await give('ngo-a', 'one:field', ['registered', 'identifying']);
  });

  it('show the field on records without the label alone', async () => {
    for (const answer of [
      await ask(QUERY, { as: 'one:field' }),
      await askCustodian('ngo-a', QUERY, { as: 'one:field' }),
    ]) {
      const collections = answer.data.collections.nodes as { title: string; reference: string | null }[];
      expect(collections).toHaveLength(3);
      for (const { title, reference } of collections)
        expect(reference).toBe(title === 'Scanned registers' ? 'C-3' : null);
      expect(answer.data.depictedBodies.nodes).toHaveLength(5);
      for (const body of answer.data.depictedBodies.nodes) {
        expect(body).toEqual({ category: expect.any(String), reference: null, numbers: null });
      }
    }
  });

  it('and are told of it as partly withheld, once for each field and not for each record', async () => {
    const answer = await ask(QUERY, { as: 'one:field' });
    const entry = (path: string[], coordinate: string) => ({
      path,
      coordinate,
      custodian: 'ngo-a',
      requires: [['ngo:identifying']],
      reason: 'NO_GRANT',
      contact: 'archive@ngo-a.example',
      partial: true,
    });
    expect(answer.withheld).toEqual([
      entry(['collections', 'nodes', '@', 'reference'], 'Collection.reference'),
      entry(['depictedBodies', 'nodes', '@', 'reference'], 'DepictedBody.reference'),
      entry(['depictedBodies', 'nodes', '@', 'numbers'], 'DepictedBody.numbers'),
    ]);
  });

  it('in the same words where there is no such record, since the report follows from the grants alone', async () => {
    const some = await ask('{ collections { nodes { reference } } }', { as: 'one:field' });
    const none = await ask('{ collections(filter: { id: ["ngo-a:none"] }) { nodes { reference } } }', {
      as: 'one:field',
    });
    expect(none.data.collections.nodes).toEqual([]);
    expect(none.withheld).toEqual(some.withheld);
  });

  it('make no oracle of a filter by that field: it finds only records that the one grant opens', async () => {
    const bodies = await withStorage('ngo-a', ({ query }) =>
      query<{ number: string }>({
        sql: `select detainee_number as number from depicted_bodies where 'COORDINATED' = any (labels) and detainee_number is not null order by id limit 3`,
        parameters: [],
      }),
    );
    for (const { number } of bodies) {
      const query =
        'query ($number: String) { depictedBodies(filter: { number: $number }) { totalCount nodes { id } pageInfo { hasNextPage } } }';
      const found = await ask(query, { as: 'one:field', variables: { number } });
      expect(found.data.depictedBodies).toEqual({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
      const past = await askCustodian('ngo-a', query, { as: 'one:field', variables: { number } });
      expect(past.data).toEqual(found.data);
      const open = await ask(query, { as: 'one:label-whole', variables: { number } });
      expect(open.data.depictedBodies.totalCount).toBeGreaterThan(0);
    }
    const byCategory = await ask('{ depictedBodies(filter: { category: DETAINEE }) { totalCount } }', {
      as: 'one:field',
    });
    expect(byCategory.data.depictedBodies.totalCount).toBeGreaterThan(100);
  });
});

describe('a list’s scope in one grant and its filter’s in another', () => {
  beforeAll(async () => {
    await give('ministry', 'one:filter', ['registered']);
    await give('ministry', 'one:filter', ['identifying']);
    await whole('ministry', 'one:filter-whole', ['registered', 'identifying']);
    await give('missing', 'one:filter', ['identifying']);
    await give('missing', 'one:filter', ['registered', 'links']);
    await whole('missing', 'one:filter-whole', ['registered', 'identifying', 'links']);
  });

  it.each([
    {
      custodian: 'ministry',
      list: 'deathCertificates',
      filter: '{ name: "ق" }',
      guard: 'DeathCertificate.name',
      scope: 'ministry:identifying',
    },
    {
      custodian: 'ministry',
      list: 'deathCertificates',
      filter: '{ disputed: false, reference: "2018/43" }',
      guard: 'DeathCertificate.reference',
      scope: 'ministry:identifying',
    },
    {
      custodian: 'missing',
      list: 'identificationDecisions',
      filter: '{ id: ["x"] }',
      guard: 'IdentificationDecision.id',
      scope: 'missing:registered',
    },
    {
      custodian: 'missing',
      list: 'links',
      filter: `{ person: "${TOLD}" }`,
      guard: 'Link.person',
      scope: 'missing:identifying',
    },
  ] as const)('do not open $list by $guard', async ({ custodian, list, filter, guard, scope }) => {
    const query = `{ ${list}(filter: ${filter}) { totalCount } }`;
    const refused = await ask(query, { as: 'one:filter' });
    expect(refused.status).toBe(403);
    expect(codes(refused)).toEqual(['FILTER_WITHHELD']);
    expect(refused.withheld).toContainEqual(
      expect.objectContaining({ coordinate: guard, custodian, requires: [[scope]], reason: 'NO_GRANT' }),
    );
    const past = await askCustodian(custodian, query, { as: 'one:filter' });
    expect(past.status).toBe(403);
    expect(codes(past)).toEqual(['FILTER_WITHHELD']);

    const open = await ask(query, { as: 'one:filter-whole' });
    expect(open).toMatchObject({ status: 200, errors: [], withheld: [] });
  });

  it('open the list without the filter', async () => {
    const answer = await ask('{ deathCertificates { totalCount } }', { as: 'one:filter' });
    expect(answer.data.deathCertificates.totalCount).toBeGreaterThan(500);
  });
});

describe('an edge’s scope in one grant and its records’ in another', () => {
  const QUERY = `{ person(id: "${TOLD}") { deathCertificates { totalCount nodes { id } edges { node { id } } } } }`;

  beforeAll(async () => {
    await give('missing', 'one:edge', ['identifying']);
    await give('ministry', 'one:edge', ['identifying']);
    await give('ministry', 'one:edge', ['registered']);
    await give('missing', 'one:edge-whole', ['identifying']);
    await whole('ministry', 'one:edge-whole', ['registered', 'identifying']);
  });

  it('show no record of the person, nor how many there are, and say what is withheld', async () => {
    const answer = await ask(QUERY, { as: 'one:edge' });
    expect(answer.status).toBe(200);
    expect(answer.errors).toEqual([]);
    expect(answer.data.person.deathCertificates).toEqual({ totalCount: null, nodes: null, edges: null });
    const entry = (field: string) => ({
      path: ['person', 'deathCertificates', field],
      coordinate: `DeathCertificateConnection.${field}`,
      custodian: 'ministry',
      requires: [['ministry:identifying', 'ministry:registered']],
      reason: 'NO_GRANT',
      contact: 'records@ministry.example',
    });
    expect(answer.withheld).toEqual(['totalCount', 'nodes', 'edges'].map(entry));

    const entities = `{ _entities(representations: [{ __typename: "Person", id: "${TOLD}" }]) { ... on Person { deathCertificates { totalCount nodes { id } } } } }`;
    const past = await askCustodian('ministry', entities, { as: 'one:edge' });
    expect(past.data._entities).toEqual([{ deathCertificates: { totalCount: null, nodes: null } }]);
    expect(new Set(codes(past))).toEqual(new Set(['FIELD_WITHHELD']));
  });

  it('which one grant with both does', async () => {
    const answer = await ask(QUERY, { as: 'one:edge-whole' });
    expect(answer.data.person.deathCertificates).toMatchObject({ totalCount: 1, nodes: [{ id: expect.any(String) }] });
    expect(answer.withheld).toEqual([]);
  });
});

describe('an edge’s scope with the label’s clearance in one grant, and its records’ without it in another', () => {
  const QUERY = `{ person(id: "${TOLD}") { depictedBodies { totalCount nodes { __typename } edges { cursor } pageInfo { hasNextPage endCursor } } } }`;

  beforeAll(async () => {
    for (const viewer of ['one:cleared-edge', 'one:cleared-edge-whole']) await give('missing', viewer, ['identifying']);
    await give('ngo-a', 'one:cleared-edge', ['identifying'], UNRELEASED);
    await give('ngo-a', 'one:cleared-edge', ['registered', 'identifying']);
    await whole('ngo-a', 'one:cleared-edge-whole', ['registered', 'identifying'], UNRELEASED);
  });

  it('neither list nor count a record with the label', async () => {
    const answer = await ask(QUERY, { as: 'one:cleared-edge' });
    const none = { totalCount: 0, nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
    expect(answer.data).toEqual({ person: { depictedBodies: none } });
    const both = await ask(QUERY, { as: 'one:cleared-edge-whole' });
    expect(both.data.person.depictedBodies).toMatchObject({ totalCount: 1, nodes: [{ __typename: 'DepictedBody' }] });
  });
});

describe('the family’s clearance in one grant and the scope in another', () => {
  const QUERY = `{ persons(ids: ["${PENDING}", "${TOLD}"]) { id } identificationDecisions { totalCount nodes { id } } familyNotifications { totalCount } }`;

  beforeAll(async () => {
    await give('missing', 'one:family', ['registered', 'identifying', 'family'], AUTHORITY);
    await give('missing', 'one:family', ['registered', 'links', 'circumstances'], FAMILY_FIRST);
    await whole('missing', 'one:family-whole', ['registered', 'identifying', 'family'], FAMILY_FIRST);
  });

  it('show no person, decision or notification of whom the family is yet to be told', async () => {
    const [halves, both] = [await ask(QUERY, { as: 'one:family' }), await ask(QUERY, { as: 'one:family-whole' })];
    expect(halves.data.persons).toEqual([null, { id: TOLD }]);
    expect(both.data.persons).toEqual([{ id: PENDING }, { id: TOLD }]);
    const [hidden] = await withStorage('missing', ({ query }) =>
      query<{ decisions: number; notifications: number }>({
        sql: `select (select count(*)::int from identification_decisions where 'FAMILY_FIRST' = any (labels)) as decisions,
          (select count(*)::int from family_notifications where 'FAMILY_FIRST' = any (labels)) as notifications`,
        parameters: [],
      }),
    );
    expect(both.data.identificationDecisions.totalCount - halves.data.identificationDecisions.totalCount).toBe(
      hidden?.decisions,
    );
    expect(both.data.familyNotifications.totalCount - halves.data.familyNotifications.totalCount).toBe(
      hidden?.notifications,
    );
    expect(hidden?.decisions).toBeGreaterThan(50);
  });

  it('show the notification on no decision that only the other opens', async () => {
    await give('missing', 'one:notification', ['registered', 'identifying'], FAMILY_FIRST);
    await give('missing', 'one:notification', ['registered', 'identifying', 'family'], AUTHORITY);
    const query = '{ identificationDecisions(first: 200) { nodes { labels notification { status } } } }';
    const answer = await ask(query, { as: 'one:notification' });
    const decisions = answer.data.identificationDecisions.nodes as { labels: string[]; notification: object | null }[];
    for (const { labels, notification } of decisions)
      expect(notification === null).toBe(labels.includes('FAMILY_FIRST'));
    expect(decisions.some(({ notification }) => notification === null)).toBe(true);
    expect(decisions.some(({ notification }) => notification !== null)).toBe(true);
    expect(answer.withheld).toMatchObject([{ coordinate: 'IdentificationDecision.notification', partial: true }]);
    expect(answer.errors).toEqual([]);
  });
});

describe('the purpose in one grant and the scope in another', () => {
  const QUERY = '{ deathCertificates(first: 2) { totalCount nodes { reference } } }';

  beforeAll(async () => {
    await give('ministry', 'one:purpose', ['registered']);
    await give('ministry', 'one:purpose', ['registered', 'identifying'], { purposes: ['RESEARCH', 'STATISTICS'] });
    await give('ngo-a', 'one:purpose', ['registered', 'identifying']);
    await give('ngo-a', 'one:purpose', ['registered', 'identifying'], { ...UNRELEASED, purposes: ['COORDINATION'] });
  });

  it('withhold the field, and say that it is for the purpose', async () => {
    const declared = await ask(QUERY, { as: 'one:purpose' });
    expect(declared.data.deathCertificates.nodes).toEqual([{ reference: null }, { reference: null }]);
    expect(declared.withheld).toMatchObject([{ coordinate: 'DeathCertificate.reference', reason: 'PURPOSE' }]);
    const other = await ask(QUERY, { as: 'one:purpose', purpose: 'RESEARCH' });
    expect(other.withheld).toEqual([]);
    expect(other.data.deathCertificates.nodes).toEqual([
      { reference: expect.any(String) },
      { reference: expect.any(String) },
    ]);
  });

  it('refuse the filter, and say that it is for the purpose', async () => {
    const query = '{ deathCertificates(filter: { reference: "2018/43" }) { totalCount } }';
    const refused = await ask(query, { as: 'one:purpose' });
    expect(codes(refused)).toEqual(['FILTER_WITHHELD']);
    expect(refused.withheld).toMatchObject([{ coordinate: 'DeathCertificate.reference', reason: 'PURPOSE' }]);
    expect((await ask(query, { as: 'one:purpose', purpose: 'STATISTICS' })).data.deathCertificates.totalCount).toBe(1);
  });

  it('hide what has a label that is cleared for the other purpose only', async () => {
    const query = '{ collections { totalCount } depictedBodies { totalCount } }';
    const declared = await ask(query, { as: 'one:purpose' });
    expect(declared.data).toEqual({ collections: { totalCount: 1 }, depictedBodies: { totalCount: 0 } });
    const other = await ask(query, { as: 'one:purpose', purpose: 'COORDINATION' });
    expect(other.data.collections.totalCount).toBe(3);
  });
});

describe('a grant that is in force and one that is not', () => {
  const QUERY = '{ deathCertificates(first: 1) { nodes { reference } } }';
  const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR);

  it.each([
    { when: 'has lapsed', term: { from: ago(2), until: ago(1) }, reason: 'EXPIRED' },
    { when: 'has not begun', term: { from: ago(-1), until: ago(-2) }, reason: 'NO_GRANT' },
  ])('do not add up where the other $when', async ({ when, term, reason }) => {
    const viewer = `one:${when}`;
    await give('ministry', viewer, ['registered']);
    await give('ministry', viewer, ['registered', 'identifying'], term);
    const answer = await ask(QUERY, { as: viewer });
    expect(answer.data.deathCertificates.nodes).toEqual([{ reference: null }]);
    expect(answer.withheld).toMatchObject([{ coordinate: 'DeathCertificate.reference', reason }]);
    const past = await askCustodian('ministry', QUERY, { as: viewer });
    expect(past.data).toEqual(answer.data);
  });
});

describe('whatever grants somebody has', () => {
  const HELD: Readonly<Partial<Record<Custodian, readonly string[]>>> = {
    ministry: ['registered', 'identifying', 'medical'],
    missing: ['registered', 'identifying', 'circumstances', 'family', 'links'],
    'ngo-a': ['registered', 'identifying', 'medical', 'provenance'],
  };
  const ABOUT = `query ($id: ID!) { person(id: $id) { id
    missingPersonReports { totalCount nodes { id name { ism } circumstances person { id } } edges { node { id } } pageInfo { hasNextPage } }
    identificationDecisions { nodes { id method notification { id status person { id } } } }
    deathCertificates { totalCount nodes { id name { ism } statedCause person { id } } edges { cursor node { mother } } }
    depictedBodies { nodes { id reference observations photographs(first: 2) { totalCount nodes { id sha256 collection { title reference } } } } } } }`;
  const LISTS: readonly { custodian: Custodian; query: string }[] = [
    {
      custodian: 'ministry',
      query: '{ deathCertificates(first: 5) { totalCount nodes { id mother statedCause person { id } } } }',
    },
    {
      custodian: 'missing',
      query:
        '{ identificationDecisions(first: 9) { totalCount nodes { id labels method notification { status } } } links(first: 9) { nodes { state person { id } } } }',
    },
    {
      custodian: 'ngo-a',
      query:
        '{ collections { nodes { title size reference } } depictedBodies(first: 5) { totalCount nodes { reference observations photographs(first: 1) { nodes { id body { id } } } } } }',
    },
  ];

  /** Grants drawn at random, the same in every run: up to three at each custodian, each of some scopes and labels. */
  async function giveSome(viewer: string, draw: (share: number) => boolean): Promise<void> {
    for (const [custodian, scopes] of Object.entries(HELD) as [Custodian, readonly string[]][]) {
      for (const wanted of [true, draw(0.6), draw(0.3)]) {
        const some = scopes.filter(() => draw(0.6));
        const clears = (['COORDINATED', 'FAMILY_FIRST'] as const).filter(() => draw(0.5));
        if (wanted && some.length > 0) await give(custodian, viewer, some, { ...AUTHORITY, clears });
      }
    }
  }

  it.each(Array.from({ length: 24 }, (_, index) => `one:drawn-${index}`))(
    'the report follows from them alone, and the custodians hold to it (%s)',
    async (viewer) => {
      let state = Number(viewer.replace(/\D/gu, '')) * 7919 + 13;
      await giveSome(viewer, (share) => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647 < share;
      });
      const about = (id: string) => ask(ABOUT, { as: viewer, variables: { id } });
      const [there, unknown] = [await about(TOLD), await about('psn_00000000000000000000')];
      expect(there).toMatchObject({ status: 200, errors: [] });
      expect(there.withheld).toEqual(unknown.withheld);
      for (const { custodian, query } of LISTS) {
        const [through, past] = [
          await ask(query, { as: viewer }),
          await askCustodian(custodian, query, { as: viewer }),
        ];
        expect(through.errors).toEqual([]);
        expect(past.data).toEqual(through.data);
      }
    },
  );
});

describe('a user and a client of the same name', () => {
  const QUERY = '{ deathCertificates(first: 1) { totalCount nodes { reference } } }';
  const asUser = (subject: string) => ask(QUERY, { as: subject });
  const asClient = async (subject: string) => ask(QUERY, { token: await accessToken(subject, { client_id: subject }) });
  const past = async (subject: string, subjectKind: 'USER' | 'CLIENT') =>
    post(
      custodianAddress('ministry'),
      { query: QUERY },
      await custodianHeaders('ministry', { subject, subjectKind, purpose: 'IDENTIFICATION' }),
    );
  const CLIENT = { subjectKind: 'CLIENT' } as const;

  it('do not have each other’s grants', async () => {
    await give('ministry', 'one:person', ['registered', 'identifying']);
    await give('ministry', 'one:program', ['registered', 'identifying'], CLIENT);
    const nothing = { deathCertificates: null };
    const open = { deathCertificates: { totalCount: expect.any(Number), nodes: [{ reference: expect.any(String) }] } };

    expect((await asUser('one:person')).data).toEqual(open);
    expect((await asClient('one:person')).data).toEqual(nothing);
    expect((await asUser('one:program')).data).toEqual(nothing);
    expect((await asClient('one:program')).data).toEqual(open);

    expect((await past('one:person', 'USER')).data).toEqual(open);
    expect((await past('one:person', 'CLIENT')).data).toEqual(nothing);
    expect((await past('one:program', 'USER')).data).toEqual(nothing);
    expect((await past('one:program', 'CLIENT')).data).toEqual(open);
  });

  it('do not add up', async () => {
    await give('ministry', 'one:namesake', ['registered']);
    await give('ministry', 'one:namesake', ['registered', 'identifying'], { ...CLIENT, purposes: ['STATISTICS'] });
    const answer = await asUser('one:namesake');
    expect(answer.data.deathCertificates.nodes).toEqual([{ reference: null }]);
    // Not for another purpose either: the other's grants are nothing to this one.
    expect(answer.withheld).toMatchObject([{ coordinate: 'DeathCertificate.reference', reason: 'NO_GRANT' }]);
    expect((await asClient('one:namesake')).data).toEqual({ deathCertificates: null });
  });
});

describe('a grant cannot be given', () => {
  it.each([
    {
      what: 'of another custodian’s scopes',
      custodian: 'ministry',
      more: { scopes: ['ministry:registered', 'missing:identifying'] },
    },
    {
      what: 'to the press, clearing what is not released',
      custodian: 'ngo-a',
      more: { organisation: 'press', clears: ['COORDINATED'] },
    },
    {
      what: 'to another archive, clearing what is not released',
      custodian: 'ngo-a',
      more: { organisation: 'ngo-b', clears: ['COORDINATED'] },
    },
    {
      what: 'to the Ministry, clearing what families must hear first',
      custodian: 'missing',
      more: { ...OFFICER, clears: ['FAMILY_FIRST'] },
    },
    { what: 'without an end', custodian: 'ministry', more: { until: new Date(0) } },
  ] as const)('$what', async ({ custodian, more }) => {
    const { clears = [], ...rest }: { clears?: readonly string[] } & Record<string, unknown> = more;
    const request = { ...rest, clears: [...clears] } as Partial<GrantRequest>;
    await expect(give(custodian, 'one:never', ['registered'], request)).rejects.toThrow(/grant|cleared/u);
    const answer = await ask('{ viewer { accesses { custodian scopes } } }', { as: 'one:never' });
    expect(new Set(answer.data.viewer.accesses.flatMap(({ scopes }: { scopes: string[] }) => scopes))).toEqual(
      new Set(),
    );
  });
});
