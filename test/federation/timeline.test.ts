import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import { type Answer, ask, askCustodian, give, withStorage } from './harness.ts';

/** The query that the README gives. */
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, TIMELINE = ''] = /```graphql\n(query Timeline[^]*?)```/u.exec(README) ?? [];
const [TOLD, PENDING] = ASKED_ABOUT.map(({ id }) => id) as [string, string];
const CUSTODIANS = ['missing', 'ministry', 'ngo-a'] as const;

interface Event {
  readonly kind: string;
  readonly at: { readonly value: string } | null;
  readonly record: string;
  readonly custodian: string;
}

const timeline = (as: string, id: string): Promise<Answer> => ask(TIMELINE, { as, variables: { id } });
const eventsIn = ({ data }: Answer): Event[] =>
  [data.person.missingEvents, data.person.ministryEvents, data.person.ngoEvents].flatMap(({ nodes }) => nodes);
const coordinates = ({ withheld }: Answer) => withheld.map(({ coordinate }) => coordinate).toSorted();

const COUNTS = [
  ...['MinistryCounts.courtFiles', 'MinistryCounts.custodyTransfers', 'MinistryCounts.deathCertificates'],
  ...['MinistryCounts.detentionOrders', 'MissingCounts.identificationDecisions', 'MissingCounts.missingPersonReports'],
  ...['NgoCounts.depictedBodies', 'NgoCounts.testimonies'],
];

beforeAll(async () => {
  const staff = { organisation: 'missing', recipientKind: 'AUTHORITY_ONLY' } as const;
  for (const custodian of CUSTODIANS) {
    const scopes = ['registered', 'identifying'];
    await give(custodian, 'timeline:cleared', scopes, { ...staff, clears: ['COORDINATED', 'FAMILY_FIRST'] });
    await give(custodian, 'timeline:waiting', scopes, { ...staff, clears: ['COORDINATED'] });
    await give(custodian, 'timeline:halves', ['registered'], staff);
    await give(custodian, 'timeline:halves', ['identifying'], staff);
  }
});

describe('the timeline of a person over all organisations', () => {
  it('holds what each of them states, in one shape', async () => {
    const answer = await timeline('timeline:waiting', TOLD);
    expect(answer).toMatchObject({ status: 200, errors: [], withheld: [] });
    expect(answer.custodians.map(({ status }) => status)).toEqual(['ANSWERED', 'ANSWERED', 'ANSWERED']);
    const events = eventsIn(answer);
    expect(new Set(events.map(({ custodian }) => custodian))).toEqual(new Set(CUSTODIANS));
    for (const { record, custodian } of events) expect(record.startsWith(`${custodian}:`)).toBe(true);
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ['LAST_SEEN', 'REPORTED_MISSING', 'TRANSFERRED', 'DEATH_STATED', 'BODY_PHOTOGRAPHED'])
      expect(kinds).toContain(kind);
    for (const { nodes } of [answer.data.person.missingEvents, answer.data.person.ministryEvents]) {
      // A date known to the year or month only stands at its beginning.
      const days = nodes.map(({ at }: Event) => at && `${at.value}-01-01`.slice(0, 10));
      expect(days).toEqual(days.toSorted());
      expect(days.length).toBeGreaterThan(1);
    }
  });

  it('agrees with the records that it is read from, dates and numbers', async () => {
    const { data } = await timeline('timeline:waiting', TOLD);
    const records = await ask(
      `query ($id: ID!) { person(id: $id) {
        missingPersonReports { totalCount nodes { id lastSeenOn { value } } } identificationDecisions { totalCount }
        deathCertificates { totalCount nodes { id statedDate { value } registeredOn { value } } }
        detentionOrders { totalCount } custodyTransfers { totalCount } courtFiles { totalCount }
        depictedBodies { totalCount nodes { id photographedOn { value } } } testimonies { totalCount } } }`,
      { as: 'timeline:waiting', variables: { id: TOLD } },
    );
    const { person } = records.data;
    const seen = (kind: string, list: string) =>
      data.person[list].nodes
        .filter((event: Event) => event.kind === kind)
        .map(({ record, at }: Event) => [record, at?.value ?? null])
        .toSorted();
    const stated = (edge: string, field: string) =>
      person[edge].nodes
        .map((node: Record<string, { value: string } | null>) => [node['id'], node[field]?.value ?? null])
        .toSorted();
    expect(seen('LAST_SEEN', 'missingEvents')).toEqual(stated('missingPersonReports', 'lastSeenOn'));
    expect(seen('DEATH_STATED', 'ministryEvents')).toEqual(stated('deathCertificates', 'statedDate'));
    expect(seen('DEATH_REGISTERED', 'ministryEvents')).toEqual(stated('deathCertificates', 'registeredOn'));
    expect(seen('BODY_PHOTOGRAPHED', 'ngoEvents')).toEqual(stated('depictedBodies', 'photographedOn'));
    for (const counts of ['missingCounts', 'ministryCounts', 'ngoCounts'])
      for (const [kind, count] of Object.entries(data.person[counts])) expect(count).toBe(person[kind].totalCount);
    expect(data.person.ministryCounts.deathCertificates).toBeGreaterThan(0);
  });

  it('has no event and no number of what the family must hear first', async () => {
    const [hidden] = await withStorage('ngo-a', ({ query }) =>
      query<{ bodies: number }>({
        sql: `select count(*)::int as bodies from links where person = $1 and record_type = 'DepictedBody'`,
        parameters: [PENDING],
      }),
    );
    const query = `{ _entities(representations: [{ __typename: "Person", id: "${PENDING}" }]) {
      ... on Person { ngoEvents { totalCount nodes { kind } } ngoCounts { depictedBodies testimonies } } } }`;
    const about = async (as: string) => (await askCustodian('ngo-a', query, { as })).data._entities[0];
    const cleared = await about('timeline:cleared');
    expect(cleared.ngoCounts.depictedBodies).toBe(hidden?.bodies);
    expect(cleared.ngoEvents.nodes).toContainEqual({ kind: 'BODY_PHOTOGRAPHED' });
    expect(await about('timeline:waiting')).toEqual({
      ...{ ngoEvents: { totalCount: 0, nodes: [] }, ngoCounts: { depictedBodies: 0, testimonies: 0 } },
    });
    expect((await timeline('timeline:waiting', PENDING)).data).toEqual({ person: null });
  });

  it('is withheld, and says so, from who has no one grant for it', async () => {
    const halves = await timeline('timeline:halves', TOLD);
    expect(halves.errors).toEqual([]);
    const nodes = ['MinistryEventConnection.nodes', 'MissingEventConnection.nodes', 'NgoEventConnection.nodes'];
    expect(coordinates(halves)).toEqual([...COUNTS, ...nodes].toSorted());
    for (const { nodes: events } of [halves.data.person.missingEvents, halves.data.person.ngoEvents])
      expect(events).toBeNull();
    for (const counts of ['missingCounts', 'ministryCounts', 'ngoCounts'])
      expect(new Set(Object.values(halves.data.person[counts]))).toEqual(new Set([null]));
    const unknown = await timeline('timeline:halves', 'psn_00000000000000000000');
    expect(unknown.withheld).toEqual(halves.withheld);
  });
});
