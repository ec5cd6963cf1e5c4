import {
  Events,
  GuardedBy,
  Related,
  Root,
  Value,
  Where,
  oneAmong,
  partialDate,
  personEvents,
  recordFields,
  recordSource,
  tiers,
} from 'amana/kit';
import { Directive, Field, ID, InputType, ObjectType, Query, Resolver } from 'type-graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAccessLog } from '../../src/subgraphs/kit/access-log.ts';
import { buildSubgraph } from '../../src/subgraphs/kit/build-schema.ts';
import { revoke } from '../../src/subgraphs/kit/grants.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { ministryEvents } from '../../src/subgraphs/ministry/person-events.ts';
import { missingEvents } from '../../src/subgraphs/missing/person-events.ts';
import { ngoEvents } from '../../src/subgraphs/ngo/person-events.ts';
import { FIELDS } from '../federation/printed-schema.ts';
import { type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

let custodian: TemporaryCustodian;
let familyFirst: number;
let sealed: number;
const given: string[] = [];
const grant = async (...scopes: readonly string[]): Promise<void> => {
  given.push(await custodian.grant({ scopes: scopes.map((scope) => `ministry:${scope}`) }));
};
const clearing = async (clears: ('SEALED' | 'FAMILY_FIRST')[], ...scopes: readonly string[]): Promise<void> => {
  const named = scopes.map((scope) => `ministry:${scope}`);
  given.push(await custodian.grant({ scopes: named, clears, organisation: 'missing' }));
};

const date = (name: string, value: string, from: string, to: string) => ({
  ...{ [`${name}_value`]: value, [`${name}_basis`]: 'STATED', [`${name}_from`]: from, [`${name}_to`]: to },
});
const day = (name: string, value: string) => date(name, value, value, value);
const record = (id: string, label_set = 1, labels: string[] = []) => ({
  ...{ id: `ministry:${id}`, reference: id, sort_key: id, label_set, labels, review_status: 'PRELIMINARY' },
});
const link = (record: string, record_type: string, person: string, label_set = 1) => ({
  ...{ record_id: `ministry:${record}`, record_type, person, label_set, source: 'REGISTER' },
});

beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
  familyFirst = await custodian.labelSet('FAMILY_FIRST');
  sealed = await custodian.labelSet('SEALED');
  await custodian.insert('facilities', [
    {
      ...{ code: 'HO-601', name_en: 'Hospital 601', name_ar: 'مشفى ٦٠١' },
      ...{ agency: 'ARMY', kind: 'HOSPITAL', governorate: 'SY01', aliases: [] },
    },
  ]);
  await custodian.insert('death_certificates', [
    {
      ...record('certificate'),
      ...{ disputed: false, stated_place: 'HO-601' },
      ...{ ...date('stated_date', '2014', '2014-01-01', '2014-12-31'), ...day('registered_on', '2016-06-22') },
    },
    { ...record('waiting'), disputed: false, ...day('registered_on', '2013-01-01') },
  ]);
  await custodian.insert('custody_transfers', [
    { ...record('transfer'), to_facility: 'HO-601', ...date('date', '2014-01', '2014-01-01', '2014-01-31') },
    { ...record('undated'), to_as_written: 'somewhere' },
  ]);
  await custodian.insert('court_files', [
    { ...record('sealed', sealed, ['SEALED']), ...day('filed_on', '2013-09-23') },
    { ...record('open'), ...day('filed_on', '2013-09-24') },
  ]);
  await custodian.insert('detention_orders', [{ ...record('order'), ...day('date', '2012-11-03') }]);
  await custodian.insert('links', [
    ...[link('certificate', 'DeathCertificate', 'psn_1'), link('transfer', 'CustodyTransfer', 'psn_1')],
    ...[link('undated', 'CustodyTransfer', 'psn_1'), link('order', 'DetentionOrder', 'psn_2')],
    ...[link('sealed', 'CourtFile', 'psn_1', sealed), link('open', 'CourtFile', 'psn_1')],
    link('waiting', 'DeathCertificate', 'psn_1', familyFirst),
  ]);
});
afterAll(() => custodian?.close());
beforeEach(() => {
  custodian.reads.length = 0;
});
afterEach(async () => {
  for (const id of given.splice(0)) await revoke(custodian.storage, id, 'the test');
});

const about = async (selection: string, persons: readonly string[] = ['psn_1']) =>
  custodian.ask(
    `query ($persons: [_Any!]!) { _entities(representations: $persons) { ... on Person { ${selection} } } }`,
    { variables: { persons: persons.map((id) => ({ __typename: 'Person', id })) } },
  );
const codes = (answer: Awaited<ReturnType<typeof about>>) => [
  ...new Set(answer.errors.map(({ extensions }) => extensions.code)),
];
const told = (nodes: readonly { kind: string; record: string }[]): string[] =>
  nodes.map(({ kind, record }) => `${kind} ${record.replace('ministry:', '')}`);

const EVENTS = 'ministryEvents { totalCount nodes { kind record } }';
const COUNTS = 'ministryCounts { deathCertificates custodyTransfers courtFiles detentionOrders }';
const OPEN = [
  ...['COURT_FILE_OPENED open', 'DEATH_STATED certificate', 'TRANSFERRED transfer'],
  ...['DEATH_REGISTERED certificate', 'TRANSFERRED undated'],
];

describe('the events of a person', () => {
  it('come in the order of their earliest possible day, the undated last, as precisely as the record says', async () => {
    await grant('registered', 'identifying');
    const answer = await about(
      'ministryEvents { totalCount nodes { kind at { value precision } facility { nameEn } facilityAsWritten record custodian } }',
    );
    expect(answer.errors).toEqual([]);
    const { nodes, totalCount } = answer.data._entities[0].ministryEvents;
    expect(told(nodes)).toEqual(OPEN);
    expect(totalCount).toBe(5);
    expect(nodes[1]).toEqual({
      ...{ kind: 'DEATH_STATED', at: { value: '2014', precision: 'YEAR' }, record: 'ministry:certificate' },
      ...{ facility: { nameEn: 'Hospital 601' }, facilityAsWritten: null, custodian: 'ministry' },
    });
    expect(nodes[4]).toMatchObject({ at: null, facility: null, facilityAsWritten: 'somewhere' });
  });

  it('are paged, each exactly once, by cursors that are good for this person only', async () => {
    await grant('registered', 'identifying');
    const page = (after: string | null, persons?: string[]): ReturnType<typeof about> =>
      about(
        `ministryEvents(first: 2${after === null ? '' : `, after: "${after}"`}) { nodes { kind record } pageInfo { hasNextPage endCursor } edges { cursor } }`,
        persons,
      );
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const answer = await page(after);
      const { nodes, pageInfo } = answer.data._entities[0].ministryEvents;
      seen.push(...told(nodes));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(OPEN);
    const [{ cursor }] = (await page(null)).data._entities[0].ministryEvents.edges;
    expect(codes(await page(cursor, ['psn_2']))).toEqual(['CURSOR_INVALID']);
    expect((await about('ministryEvents(first: 201) { totalCount }')).status).toBe(400);
  });

  it('and the counts cost as many statements for two hundred persons as for one', async () => {
    await grant('registered', 'identifying');
    const selection = `${EVENTS} ${COUNTS}`;
    await about(selection);
    const forOne = custodian.reads.length;
    custodian.reads.length = 0;
    const persons = Array.from({ length: 200 }, (_, n) => `psn_${n}`);
    const answer = await about(selection, persons);
    expect(custodian.reads.length).toBe(forOne);
    expect(forOne).toBe(6);
    expect(answer.data._entities).toHaveLength(200);
    expect(told(answer.data._entities[1].ministryEvents.nodes)).toEqual(OPEN);
    expect(told(answer.data._entities[2].ministryEvents.nodes)).toEqual(['DETENTION_ORDERED order']);
    expect(answer.data._entities[2].ministryCounts.detentionOrders).toBe(1);
    expect(answer.data._entities[3]).toEqual({
      ministryEvents: { totalCount: 0, nodes: [] },
      ministryCounts: { deathCertificates: 0, custodyTransfers: 0, courtFiles: 0, detentionOrders: 0 },
    });
  });

  it('enter the account as the records that tell them', async () => {
    await grant('registered', 'identifying');
    const read = async (selection: string): Promise<readonly string[]> => {
      await about(selection);
      const [entry] = await readAccessLog(custodian.storage, { limit: 1 });
      return entry?.records.toSorted() ?? [];
    };
    const byRecord = await read(
      'deathCertificates { nodes { id } } custodyTransfers { nodes { id } } courtFiles { nodes { id } }',
    );
    // Four records, and the person who was asked for.
    expect(byRecord).toHaveLength(5);
    expect(await read(EVENTS)).toEqual(byRecord);
  });
});

describe('events and counts are guarded as what they tell of', () => {
  it('without a grant nothing is read', async () => {
    const answer = await about(`${EVENTS} ${COUNTS}`);
    expect(answer.data._entities).toEqual([{ ministryEvents: null, ministryCounts: null }]);
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(custodian.reads).toEqual([]);
  });

  it.each([[['registered']], [['identifying', 'medical']]])('%j alone shows no event and no number', async (scopes) => {
    await grant(...scopes);
    const answer = await about(`${EVENTS} ${COUNTS}`);
    expect(JSON.stringify(answer.data)).not.toMatch(/\d|TRANSFERRED/u);
    expect(codes(answer)).toEqual(['FIELD_WITHHELD']);
    expect(custodian.reads).toEqual([]);
  });

  it('two half grants do not add up: the scopes', async () => {
    await grant('registered');
    await grant('identifying');
    const [answer] = (await about(`${EVENTS} ${COUNTS}`)).data._entities;
    expect(answer.ministryEvents).toEqual({ totalCount: null, nodes: null });
    expect(new Set(Object.values(answer.ministryCounts))).toEqual(new Set([null]));
    expect(custodian.reads).toEqual([]);
  });

  it('two half grants do not add up: the scopes in one, the labels in the other', async () => {
    await grant('registered', 'identifying');
    await clearing(['SEALED', 'FAMILY_FIRST'], 'registered');
    await clearing(['SEALED', 'FAMILY_FIRST'], 'identifying', 'medical');
    const [answer] = (await about(`${EVENTS} ${COUNTS}`)).data._entities;
    expect(told(answer.ministryEvents.nodes)).toEqual(OPEN);
    expect(answer.ministryCounts).toEqual({
      ...{ deathCertificates: 1, custodyTransfers: 2, courtFiles: 1, detentionOrders: 0 },
    });
  });

  it('an event whose connection is FAMILY_FIRST, or whose record is SEALED, is there for who clears that only', async () => {
    const records = async () => {
      const [answer] = (await about(`${EVENTS} ${COUNTS}`)).data._entities;
      const { deathCertificates, courtFiles } = answer.ministryCounts;
      return [
        told(answer.ministryEvents.nodes).filter((event) => !OPEN.includes(event)),
        deathCertificates,
        courtFiles,
      ];
    };
    await clearing(['FAMILY_FIRST'], 'registered', 'identifying');
    expect(await records()).toEqual([['DEATH_REGISTERED waiting', 'DEATH_STATED waiting'], 2, 1]);
    await revoke(custodian.storage, given.pop() ?? '', 'the test');
    await clearing(['SEALED'], 'registered', 'identifying');
    expect(await records()).toEqual([['COURT_FILE_OPENED sealed'], 1, 2]);
  });
});

it.each([ministryEvents, missingEvents, ngoEvents])(
  'the events of $name read nothing beyond the tiers R and I',
  ({ reads }) => {
    const scopes = reads.map((read) => FIELDS.find(({ coordinate }) => coordinate === read)?.scope);
    expect(new Set(scopes.map((scope) => scope?.replace(/^.*:/u, '')))).toEqual(new Set(['registered', 'identifying']));
  },
);

describe('a schema whose events tell more than their list needs', () => {
  const { Registered, Identifying, Sensitive } = tiers('partner');

  @ObjectType()
  class Visit extends recordFields('partner') {
    @Registered @Value(partialDate) on?: object;
    @Sensitive('medical') @Value(partialDate) diagnosedOn?: object;
  }
  @InputType()
  class VisitFilter {
    @GuardedBy('Visit.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  }
  const visits = recordSource({ subgraph: 'partner', type: Visit, table: 'visits', filter: VisitFilter });
  const links = { through: 'links' } as const;
  let made = 0;
  const built = (at: string, edge = 'visits') => {
    const event = { kind: 'LAST_SEEN', of: visits, edge, relation: links, at } as const;
    made += 1;
    const events = personEvents({ subgraph: 'partner', name: `Visit${made}`, events: [event] });
    @ObjectType('Person')
    @Directive('@key(fields: "id")')
    class Person {
      @Field(() => ID) id!: string;
    }
    @Resolver(() => Person)
    class Edges {
      @Registered @Root(() => visits, 'All visits.') allVisits?: object;
      @Identifying @Related(() => visits, links, 'Visits.') visits?: object;
      @Identifying @Events(() => events, 'Events.') events?: object;
      @Identifying
      @Query(() => Person, { nullable: true })
      person(): void {}
    }
    return () => buildSubgraph({ subgraph: 'partner', resolvers: [Edges] });
  };

  it('is not served', () => {
    expect(built('on')).not.toThrow();
    expect(built('diagnosedOn')).toThrow(/Person\.events reads Visit\.diagnosedOn, which needs more/u);
    expect(built('on', 'visitations')).toThrow(/Person\.events reads Person\.visitations, which is no guarded field/u);
    expect(() => built('labels')()).toThrow(/Visit\.labels is not declared as this kind of value/u);
  });
});
