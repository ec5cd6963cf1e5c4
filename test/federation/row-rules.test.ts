import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Custodian, ask, askCustodian, give, withStorage, withoutRequestId } from './harness.ts';

const UNKNOWN = 'psn_00000000000000000000';

/** Everything at every custodian, and all labels cleared. */
const CLEARED = 'rows:cleared';
/** The same scopes; what is not released is cleared, and families come first. */
const REGISTERED = 'rows:registered';
/** The same scopes, and no label cleared. */
const OUTSIDER = 'rows:outsider';

const SCOPES = {
  ministry: ['registered', 'identifying', 'medical'],
  missing: ['registered', 'identifying', 'circumstances', 'family', 'links'],
  'ngo-a': ['registered', 'identifying', 'medical', 'provenance'],
} as const;
const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;

interface Edge {
  readonly record: string;
  readonly person: string;
}

/** A record in a list, as far as the tests of lists read it. */
interface Listed {
  readonly id: string;
  readonly person?: { readonly id: string } | null;
}

const rows = <Row>(custodian: Custodian, sql: string, ...parameters: unknown[]): Promise<Row[]> =>
  withStorage(custodian, ({ query }) => query<Row>({ sql, parameters }));

/** The persons whose families have been told, or declined to be: by every record that the Authority has of it. */
let settled: Set<string>;
/** All persons of whom the Authority has decided anything. */
let decided: string[];

beforeAll(async () => {
  for (const custodian of CUSTODIANS) {
    const staff = { organisation: 'missing', recipientKind: 'AUTHORITY_ONLY' } as const;
    await give(custodian, CLEARED, SCOPES[custodian], { ...staff, clears: ['COORDINATED', 'FAMILY_FIRST'] });
    await give(custodian, REGISTERED, SCOPES[custodian], { ...staff, clears: ['COORDINATED'] });
    await give(custodian, OUTSIDER, SCOPES[custodian]);
  }
  const states = await rows<{ person: string; status: string }>(
    'missing',
    'select person, status from family_notifications order by person',
  );
  const byPerson = Map.groupBy(states, ({ person }) => person);
  decided = [...byPerson.keys()];
  settled = new Set(
    decided.filter((person) =>
      byPerson.get(person)?.every(({ status }) => status === 'DELIVERED' || status === 'DECLINED'),
    ),
  );
});

/** All records of a root list, by walking its pages. */
async function walk(list: string, selection: string, as: string, { first = 37, filter = '' } = {}): Promise<Listed[]> {
  const nodes: Listed[] = [];
  let after: string | null = null;
  for (;;) {
    const query = `query ($after: String) { ${list}(first: ${first}, after: $after ${filter && `, filter: ${filter}`}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } totalCount } }`;
    const answer: Answer = await ask(query, { as, variables: { after } });
    expect(answer.errors).toEqual([]);
    const page = answer.data[list];
    nodes.push(...page.nodes);
    expect(nodes.length).toBeLessThanOrEqual(page.totalCount);
    if (!page.pageInfo.hasNextPage) {
      expect(nodes.length).toBe(page.totalCount);
      return nodes;
    }
    expect(page.nodes.length).toBe(first);
    after = page.pageInfo.endCursor;
  }
}

const ids = (nodes: readonly { readonly id: string }[]): string[] => nodes.map(({ id }) => id);

describe('a list shows the records whose labels are cleared, each exactly once, however it is paged', () => {
  const LISTS: readonly { custodian: Custodian; list: string; table: string; first: number }[] = [
    { custodian: 'ministry', list: 'deathCertificates', table: 'death_certificates', first: 150 },
    { custodian: 'ministry', list: 'custodyTransfers', table: 'custody_transfers', first: 97 },
    { custodian: 'missing', list: 'missingPersonReports', table: 'missing_person_reports', first: 200 },
    { custodian: 'missing', list: 'identificationDecisions', table: 'identification_decisions', first: 11 },
    { custodian: 'missing', list: 'familyNotifications', table: 'family_notifications', first: 23 },
    { custodian: 'missing', list: 'links', table: 'register_links', first: 60 },
    { custodian: 'ngo-a', list: 'collections', table: 'collections', first: 1 },
    { custodian: 'ngo-a', list: 'depictedBodies', table: 'depicted_bodies', first: 120 },
    { custodian: 'ngo-a', list: 'photographs', table: 'photographs', first: 200 },
  ];
  const HIDDEN_FROM: Readonly<Record<string, string>> = {
    [OUTSIDER]: `array['COORDINATED', 'FAMILY_FIRST']`,
    [REGISTERED]: `array['FAMILY_FIRST']`,
    [CLEARED]: `array[]::text[]`,
  };

  it.each(LISTS)('$list', async ({ custodian, list, table, first }) => {
    for (const viewer of [OUTSIDER, REGISTERED, CLEARED]) {
      const visible = await rows<{ id: string }>(
        custodian,
        `select id from ${table} where not labels && ${HIDDEN_FROM[viewer]} order by sort_key collate "C", id collate "C"`,
      );
      const walked = await walk(list, 'id labels', viewer, { first });
      expect(new Set(ids(walked)).size).toBe(walked.length);
      expect(ids(walked).toSorted()).toEqual(ids(visible).toSorted());
    }
  });

  it('and these lists do hide some from those who clear less', async () => {
    const counts = async (as: string) => {
      const answer = await ask(`{ ${LISTS.map(({ list }) => `${list} { totalCount }`).join(' ')} }`, { as });
      return LISTS.map(({ list }) => answer.data[list].totalCount as number);
    };
    const [outsider, registered, cleared] = [await counts(OUTSIDER), await counts(REGISTERED), await counts(CLEARED)];
    const fewer = (some: number[], all: number[]) =>
      LISTS.filter((_, index) => some[index]! < all[index]!).map(({ list }) => list);
    expect(fewer(outsider, registered)).toEqual(['collections', 'depictedBodies', 'photographs']);
    expect(fewer(registered, cleared)).toEqual(['identificationDecisions', 'familyNotifications', 'links']);
    expect(registered[3]).toBeGreaterThan(50);
  });
});

describe('what is not released', () => {
  let body: { id: string; facility: string; number: string; person: string };
  let photograph: { id: string; reference: string; collection: string };
  let released: string;

  beforeAll(async () => {
    [body] = (await rows<typeof body>(
      'ngo-a',
      `select b.id, b.facility, b.detainee_number as number, l.person from depicted_bodies b join links l on l.record_id = b.id
        where 'COORDINATED' = any (b.labels) and b.detainee_number is not null and b.facility is not null and l.person = any ($1::text[]) order by b.id limit 1`,
      [...settled],
    )) as [typeof body];
    [photograph] = (await rows<typeof photograph>(
      'ngo-a',
      `select id, reference, collection from photographs where body = $1 order by id limit 1`,
      body.id,
    )) as [typeof photograph];
    [{ id: released }] = (await rows<{ id: string }>('ngo-a', `select id from collections where labels = '{}'`)) as [
      { id: string },
    ];
  });

  const found = async (query: string, as: string): Promise<unknown> => {
    const answer = await ask(query, { as });
    expect(answer).toMatchObject({ status: 200, errors: [], withheld: [] });
    return answer.data;
  };

  it('is found by no filter, and no filter says that there is something to find', async () => {
    const filters = [
      `depictedBodies(filter: { id: ["${body.id}"] })`,
      `depictedBodies(filter: { facility: "${body.facility}" })`,
      `depictedBodies(filter: { number: "${body.number}" })`,
      `photographs(filter: { id: ["${photograph.id}"] })`,
      `photographs(filter: { reference: "${photograph.reference}" })`,
      `photographs(filter: { collection: "${photograph.collection}" })`,
      `collections(filter: { id: ["${photograph.collection}"] })`,
    ];
    for (const filter of filters) {
      const query = `{ list: ${filter} { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } } }`;
      const nothing = { totalCount: 0, nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
      expect(await found(query, OUTSIDER)).toEqual({ list: nothing });
      const { list } = (await found(query, REGISTERED)) as { list: { totalCount: number } };
      expect(list.totalCount).toBeGreaterThan(0);
    }
  });

  it('is no part of what is released, in lists and in numbers', async () => {
    const query = `{ collections(filter: { id: ["${released}", "${photograph.collection}"] }) { nodes { id size photographs { totalCount nodes { id } } } } }`;
    expect(await found(query, OUTSIDER)).toEqual({
      collections: { nodes: [{ id: released, size: 0, photographs: { totalCount: 0, nodes: [] } }] },
    });
    const { collections } = (await found(query, REGISTERED)) as {
      collections: { nodes: { id: string; size: number }[] };
    };
    expect(collections.nodes.find(({ id }) => id === photograph.collection)?.size).toBeGreaterThan(100);
  });

  it('is not reached from the person, nor the person from it, even where the family has been told', async () => {
    const query = `{ person(id: "${body.person}") { id depictedBodies { totalCount nodes { id person { id } } } } }`;
    expect(await found(query, OUTSIDER)).toEqual({
      person: { id: body.person, depictedBodies: { totalCount: 0, nodes: [] } },
    });
    const there = expect.arrayContaining([{ id: body.id, person: { id: body.person } }]);
    expect(await found(query, REGISTERED)).toMatchObject({ person: { depictedBodies: { nodes: there } } });
    const direct = `{ _entities(representations: [{ __typename: "Person", id: "${body.person}" }]) { ... on Person { depictedBodies { totalCount } } } }`;
    const [outsider, registered] = await Promise.all(
      [OUTSIDER, REGISTERED].map((as) => askCustodian('ngo-a', direct, { as })),
    );
    expect(outsider?.data._entities).toEqual([{ depictedBodies: { totalCount: 0 } }]);
    expect(registered?.data._entities[0].depictedBodies.totalCount).toBeGreaterThan(0);
  });
});

describe('the family comes first', () => {
  /** Where edges between records and persons are, by custodian. */
  const EDGES: readonly { custodian: Custodian; list: string; type: string }[] = [
    { custodian: 'ministry', list: 'deathCertificates', type: 'DeathCertificate' },
    { custodian: 'ministry', list: 'custodyTransfers', type: 'CustodyTransfer' },
    { custodian: 'missing', list: 'missingPersonReports', type: 'MissingPersonReport' },
    { custodian: 'ngo-a', list: 'depictedBodies', type: 'DepictedBody' },
  ];

  /** The edges of a type that the custodian holds, whoever may see them. */
  const held = async (custodian: Custodian, type: string): Promise<Edge[]> =>
    rows<Edge>(custodian, 'select record_id as record, person from links where record_type = $1', type);

  const sorted = (edges: readonly Edge[]): string[] =>
    edges.map(({ record, person }) => `${record} ${person}`).toSorted();

  it.each(EDGES)(
    '$type records show the person exactly where the family has been told or declined to be',
    async ({ custodian, list, type }) => {
      const edges = await held(custodian, type);
      const open = edges.filter(({ person }) => settled.has(person));
      expect(open.length).toBeGreaterThan(20);
      expect(edges.length).toBeGreaterThan(open.length + 20);

      const seenBy = async (as: string): Promise<Edge[]> =>
        (await walk(list, 'id person { id }', as, { first: 200 })).flatMap(({ id, person }) =>
          person ? [{ record: id, person: person.id }] : [],
        );
      expect(sorted(await seenBy(REGISTERED))).toEqual(sorted(open));
      expect(sorted(await seenBy(CLEARED))).toEqual(sorted(edges));
    },
  );

  it.each(EDGES)(
    'persons lead to their $type records exactly where the family has been told or declined to be',
    async ({ custodian, list, type }) => {
      const edges = await held(custodian, type);
      const persons = [...new Set(edges.map(({ person }) => person))];
      const seenBy = async (as: string): Promise<Edge[]> => {
        const found: Edge[] = [];
        for (let from = 0; from < persons.length; from += 150) {
          const query = `query ($ids: [ID!]!) { persons(ids: $ids) { id ${list}(first: 5) { totalCount nodes { id } edges { node { id } } } } }`;
          const answer = await ask(query, { as, variables: { ids: persons.slice(from, from + 150) } });
          expect(answer).toMatchObject({ status: 200, errors: [], withheld: [] });
          for (const person of answer.data.persons) {
            if (!person) continue;
            const { totalCount, nodes, edges: wrapped } = person[list];
            expect(totalCount).toBe(nodes.length);
            expect(wrapped.map(({ node }: { node: object }) => node)).toEqual(nodes);
            found.push(...ids(nodes).map((record) => ({ record, person: person.id })));
          }
        }
        return found;
      };
      expect(sorted(await seenBy(REGISTERED))).toEqual(sorted(edges.filter(({ person }) => settled.has(person))));
      expect(sorted(await seenBy(CLEARED))).toEqual(sorted(edges));

      // Past the gateway, where nobody asks first whether the person may be known.
      const representations = persons.map((id) => ({ __typename: 'Person', id }));
      const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Person { id ${list} { totalCount } } } }`;
      const direct = await askCustodian(custodian, query, { as: REGISTERED, variables: { representations } });
      for (const { id, [list]: connection } of direct.data._entities)
        expect(connection.totalCount > 0).toBe(settled.has(id));
    },
  );

  it('persons are known to those who may know of them, and one who is hidden is answered as one who is unknown', async () => {
    expect(settled.size).toBeGreaterThan(40);
    expect(decided.length).toBeGreaterThan(settled.size + 40);
    const query = 'query ($ids: [ID!]!) { persons(ids: $ids) { id } }';
    const asked = [...decided, UNKNOWN];
    const known = async (as: string) => {
      const answer = await ask(query, { as, variables: { ids: asked } });
      return answer.data.persons.map((person: { id: string } | null) => person?.id ?? null);
    };
    expect(await known(REGISTERED)).toEqual(asked.map((id) => (settled.has(id) ? id : null)));
    expect(await known(CLEARED)).toEqual(asked.map((id) => (id === UNKNOWN ? null : id)));
  });

  it('to the byte, by whatever way a person is asked for', async () => {
    const hidden = decided.find((person) => !settled.has(person)) ?? '';
    const selection =
      'id missingPersonReports { totalCount } identificationDecisions { totalCount } deathCertificates { totalCount nodes { id } } custodyTransfers { edges { cursor } } depictedBodies { totalCount }';
    const both = async (query: string, as: string) => {
      const [one, other] = await Promise.all(
        [hidden, UNKNOWN].map(async (id) => {
          const answer = await ask(query, { as, variables: { id, ids: [id, UNKNOWN] } });
          return {
            ...answer,
            said: withoutRequestId(answer).replaceAll(id, ''),
            header: [...answer.headers.keys()].toSorted(),
          };
        }),
      );
      return [one!, other!] as const;
    };
    for (const query of [
      `query ($id: ID!) { person(id: $id) { ${selection} } }`,
      `query ($ids: [ID!]!) { persons(ids: $ids) { ${selection} } }`,
    ]) {
      const [one, other] = await both(query, REGISTERED);
      expect(one.status).toBe(200);
      expect(one.said).toBe(other.said);
      expect(one.header).toEqual(other.header);
      expect(one.headers.get('content-length')).toBe(other.headers.get('content-length'));
      const [known, unknown] = await both(query, CLEARED);
      expect(known.said).not.toBe(unknown.said);
    }
    for (const filter of [`{ person: "${hidden}" }`, `{ person: "${UNKNOWN}" }`]) {
      const answer = await ask(`{ links(filter: ${filter}) { totalCount nodes { id } } }`, { as: REGISTERED });
      expect(answer.data).toEqual({ links: { totalCount: 0, nodes: [] } });
    }
  });

  it('decisions, their notifications and the register’s links are absent with their persons, in filters and counts too', async () => {
    const lists = [
      {
        list: 'identificationDecisions',
        table: 'identification_decisions',
        filters: ['CONFIRMED', 'PROBABLE', 'HYPOTHESIS', 'REVOKED'].map((status) => `status: ${status}`),
      },
      {
        list: 'familyNotifications',
        table: 'family_notifications',
        filters: ['NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED'].map(
          (status) => `status: ${status}`,
        ),
      },
      {
        list: 'links',
        table: 'register_links',
        filters: ['CANDIDATE', 'CONFIRMED', 'REJECTED', 'SPLIT'].map((state) => `state: ${state}`),
      },
    ];
    for (const { list, table, filters } of lists) {
      const all = await rows<{ id: string; person: string; status: string }>(
        'missing',
        `select id, person, ${table === 'register_links' ? 'state' : 'status'} as status from ${table}`,
      );
      const open = all.filter(({ person }) => settled.has(person));
      expect(ids(await walk(list, 'id person { id }', REGISTERED, { first: 200 })).toSorted()).toEqual(
        ids(open).toSorted(),
      );
      const query = `{ ${filters.map((filter, index) => `f${index}: ${list}(filter: { ${filter} }) { totalCount }`).join(' ')} }`;
      for (const [viewer, visible] of [
        [REGISTERED, open],
        [CLEARED, all],
      ] as const) {
        const { data } = await ask(query, { as: viewer });
        const counted = filters.map((_, index) => data[`f${index}`].totalCount);
        expect(counted).toEqual(
          filters.map((filter) => visible.filter(({ status }) => filter.endsWith(` ${status}`)).length),
        );
      }
    }
    const pendingOnes = await ask('{ familyNotifications(filter: { status: PENDING }) { totalCount } }', {
      as: REGISTERED,
    });
    expect(pendingOnes.data.familyNotifications.totalCount).toBe(0);
  });

  /** What the whole federation says of a record and of its person, to one viewer. */
  async function said(as: string, list: string, { record, person }: Edge): Promise<string[]> {
    const fields: Readonly<Record<string, string>> = {
      deathCertificates:
        'id custodian labels reviewStatus registeredOn { value } disputed reference name { asWritten } mother statedCause person { id }',
      custodyTransfers:
        'id custodian labels reviewStatus from { code } to { code } date { value } reference detaineeNumber conditionOnArrival person { id }',
      missingPersonReports:
        'id custodian labels reviewStatus status governorate reference name { asWritten } circumstances person { id }',
      depictedBodies:
        'id custodian labels reviewStatus category facility { code } reference numbers { value } observations person { id } photographs { totalCount }',
    };
    const selection = `totalCount nodes { ${fields[list]} } edges { node { id person { id } } } pageInfo { hasNextPage }`;
    const answers = [
      await ask(`{ ${list}(filter: { id: ["${record}"] }) { ${selection} } }`, { as }),
      await ask(`{ ${list} { totalCount } }`, { as }),
      await ask(`{ person(id: "${person}") { id ${list} { ${selection} } } }`, { as }),
    ];
    return answers.map(withoutRequestId);
  }

  it.each(EDGES)(
    'a $type that has been linked looks, as does the person, to the byte as before linking',
    async ({ custodian, list, type }) => {
      const edges = await held(custodian, type);
      const edge = edges.find(
        ({ person }) => decided.includes(person) && !settled.has(person) && person !== 'psn_70539857a00d3c26df80',
      )!;
      const direct = `{ _entities(representations: [{ __typename: "Person", id: "${edge.person}" }]) { ... on Person { id ${list} { totalCount nodes { id } } } } }`;
      const all = async (as: string) => [
        ...(await said(as, list, edge)),
        withoutRequestId(await askCustodian(custodian, direct, { as })),
      ];

      const linked = { registered: await all(REGISTERED), cleared: await all(CLEARED) };
      const unlinked = await withStorage(custodian, async ({ query }) => {
        const [link] = await query<Record<string, unknown>>({
          sql: 'delete from links where record_id = $1 returning *',
          parameters: [edge.record],
        });
        const columns = Object.keys(link ?? {});
        try {
          return { registered: await all(REGISTERED), cleared: await all(CLEARED) };
        } finally {
          const places = columns.map((_, index) => `$${index + 1}`);
          await query({
            sql: `insert into links (${columns.join(', ')}) values (${places.join(', ')})`,
            parameters: Object.values(link ?? {}),
          });
        }
      });
      expect(unlinked.registered).toEqual(linked.registered);
      expect(linked.registered[0]).toContain(edge.record);
      expect(unlinked.cleared[0]).not.toBe(linked.cleared[0]);
      expect(unlinked.cleared[3]).not.toBe(linked.cleared[3]);
      expect(await all(CLEARED)).toEqual(linked.cleared);
    },
  );

  it('an edge appears in both directions once the notification is recorded as delivered, and not while it is attempted', async () => {
    const edge = (await held('ministry', 'DeathCertificate')).findLast(
      ({ person }) => decided.includes(person) && !settled.has(person),
    )!;
    const setLabels = (labels: string): Promise<unknown> =>
      rows(
        'ministry',
        'update links set label_set = (select id from label_sets where labels = $2::text[]) where record_id = $1',
        edge.record,
        labels,
      );
    const record = `{ deathCertificates(filter: { id: ["${edge.record}"] }) { nodes { person { id } } } }`;
    const direct = `{ _entities(representations: [{ __typename: "Person", id: "${edge.person}" }]) { ... on Person { deathCertificates { nodes { id } } } } }`;
    const seen = async () => {
      const [one, other] = await Promise.all([
        ask(record, { as: REGISTERED }),
        askCustodian('ministry', direct, { as: REGISTERED }),
      ]);
      return [one.data.deathCertificates.nodes[0].person, other.data._entities[0].deathCertificates.nodes];
    };
    expect(await seen()).toEqual([null, []]);
    await setLabels('{}');
    try {
      expect(await seen()).toEqual([{ id: edge.person }, [{ id: edge.record }]]);
    } finally {
      await setLabels('{FAMILY_FIRST}');
    }
    expect(await seen()).toEqual([null, []]);
  });
});
