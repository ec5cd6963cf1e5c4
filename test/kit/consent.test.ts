import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecipientKind } from '../../src/protocol/labels.ts';
import { importDelivery } from '../../src/subgraphs/kit/import/import-delivery.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { missing } from '../../src/subgraphs/missing/custodian.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type CustodianStore, DATA, custodianStore } from '../import/custodian-store.ts';
import { type Answer, type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

const LINES = [
  ...['A,,Witness 1,2014,told,AUTHORITY_ONLY', 'G,,Witness 2,2014,told,GOVERNMENT', 'C,,Witness 3,2014,told,COURT'],
  ...['N,,Witness 4,2014,told,NAMED_ORGANISATIONS', 'P,,Witness 5,2014,told,publication'],
  ...['O,,Witness 6,2014,told,GOVERNMENT commission', 'X,,Witness 7,2014,told,'],
];
const LIST = '{ testimonies { totalCount nodes { reference summary consent } edges { node { id } } } }';
const SCOPES = ['ngo:registered', 'ngo:identifying', 'ngo:testimony'];

let archive: TemporaryCustodian;
let folder: CustodianStore;

const deliver = async (lines: readonly string[]): Promise<void> => {
  await folder.write('testimonies.csv', ['testimony,person,witness,taken,summary,consent', ...lines]);
  await importDelivery({
    ...{ storage: archive.storage, custodian: 'ngo-b', delivery: ngo.delivery },
    ...{ folder: folder.folder, referenceFolder: DATA },
  });
};

const given = (as: string, recipientKind: RecipientKind, more: object = {}): Promise<string> =>
  archive.grant({
    ...{ subject: as, organisation: 'somebody', recipientKind, scopes: SCOPES, clears: ['CONSENT_LIMITED'] },
    ...more,
  });

const seen = ({ data, errors }: Answer): string => {
  expect(errors).toEqual([]);
  const { nodes, edges, totalCount } = data.testimonies;
  expect([edges.length, totalCount]).toEqual([nodes.length, nodes.length]);
  return nodes
    .map(({ reference }: { reference: string }) => reference)
    .sort()
    .join('');
};

beforeAll(async () => {
  archive = await temporaryCustodian('ngo-b', ngo);
  folder = await custodianStore('ngo-b');
  await deliver(LINES);
});
afterAll(async () => {
  await archive?.close();
  await folder?.close();
});

describe('a testimony is visible', () => {
  it.each([
    ['AUTHORITY_ONLY', 'ACGNOP'],
    ['GOVERNMENT', 'CGNOP'],
    ['COURT', 'CNP'],
    ['NAMED_ORGANISATIONS', 'NP'],
    ['PUBLICATION', 'P'],
  ] as const)('to a holder of the kind %s where the consent names that kind', async (kind, references) => {
    await given(`holder:${kind}`, kind);
    expect(seen(await archive.ask(LIST, { as: `holder:${kind}` }))).toBe(references);
  });

  it('to an organisation that the consent names, of whatever kind it is', async () => {
    await given('named', 'NAMED_ORGANISATIONS', { organisation: 'commission' });
    expect(seen(await archive.ask(LIST, { as: 'named' }))).toBe('NOP');
  });

  it('under no grant that does not clear CONSENT_LIMITED, whatever kind its holder is of', async () => {
    await given('uncleared', 'AUTHORITY_ONLY', { clears: ['SEALED'] });
    expect(seen(await archive.ask(LIST, { as: 'uncleared' }))).toBe('');
  });

  it('only under one grant that does it all: the kind of one and the clearance of another do not add up', async () => {
    await given('halves', 'AUTHORITY_ONLY', { clears: [] });
    await given('halves', 'PUBLICATION');
    expect(seen(await archive.ask(LIST, { as: 'halves' }))).toBe('P');
  });

  it('to the custodian’s own staff as to others: only as far as the witness consented', async () => {
    await given('staff', 'NAMED_ORGANISATIONS', { organisation: 'ngo-b' });
    expect(seen(await archive.ask(LIST, { as: 'staff' }))).toBe('NP');
  });
});

it('says to whom a witness consented, as a set', async () => {
  await given('reader', 'GOVERNMENT');
  const { data } = await archive.ask('{ testimonies(filter: { reference: "O" }) { nodes { labels consent } } }', {
    as: 'reader',
  });
  expect(data.testimonies.nodes).toEqual([
    { labels: ['CONSENT_LIMITED'], consent: ['AUTHORITY_ONLY', 'GOVERNMENT', 'commission'] },
  ]);
});

it('withdrawn or narrowed consent bites on the next request, a new consent opens', async () => {
  await given('follower', 'NAMED_ORGANISATIONS');
  const ask = async (): Promise<string> => seen(await archive.ask(LIST, { as: 'follower' }));
  expect(await ask()).toBe('NP');
  await deliver(['N,,Witness 4,2014,told,COURT']);
  expect(await ask()).toBe('P');
  await deliver(['P,,Witness 5,2014,told,', 'A,,Witness 1,2014,told,NAMED_ORGANISATIONS']);
  expect(await ask()).toBe('A');
  await deliver(LINES);
  expect(await ask()).toBe('NP');
});

it('bites mid-pagination, and on the edge to the person as well', async () => {
  const person = 'psn_00000000000000000001';
  await given('pager', 'PUBLICATION', { clears: ['CONSENT_LIMITED', 'FAMILY_FIRST'], organisation: 'ngo-b' });
  await deliver([`P,${person},Witness 5,2014,told,PUBLICATION`, 'X,,Witness 7,2015,told,PUBLICATION']);
  const query = `query ($after: String) {
    testimonies(first: 1, after: $after) { nodes { reference person { id } } pageInfo { endCursor hasNextPage } }
    _entities(representations: [{ __typename: "Person", id: "${person}" }]) { ... on Person { testimonies { totalCount } } }
  }`;
  const first = await archive.ask(query, { as: 'pager' });
  expect(first.errors).toEqual([]);
  expect(first.data.testimonies.nodes).toEqual([{ reference: 'P', person: { id: person } }]);
  expect(first.data._entities).toMatchObject([{ testimonies: { totalCount: 1 } }]);
  await deliver([`P,${person},Witness 5,2014,told,`, 'X,,Witness 7,2015,told,']);
  const after = first.data.testimonies.pageInfo.endCursor;
  const second = await archive.ask(query, { as: 'pager', variables: { after } });
  expect(second.data.testimonies).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } });
  expect(second.data._entities).toMatchObject([{ testimonies: { totalCount: 0 } }]);
  await deliver(LINES);
});

it('a consent that cannot be understood rejects the row, and what stood before stays', async () => {
  await given('doubter', 'PUBLICATION');
  await deliver(['P,,Witness 5,2014,told,EVERYBODY', 'N,,Witness 4,2014,told,COURT PUBLICATION']);
  expect(seen(await archive.ask(LIST, { as: 'doubter' }))).toBe('P');
});

describe('at the Authority', () => {
  let authority: TemporaryCustodian;
  beforeAll(async () => {
    authority = await temporaryCustodian('missing', missing);
    const reports = await custodianStore('missing');
    await reports.deliver('reports.csv', 'relatives.csv', 'ante_mortem.csv');
    const { storage } = authority;
    const { folder: from } = reports;
    await importDelivery({
      storage,
      custodian: 'missing',
      delivery: missing.delivery,
      folder: from,
      referenceFolder: DATA,
    });
    await reports.close();
  });
  afterAll(() => authority?.close());
  const QUERY = `{ missingPersonReports(filter: { reference: "R-2015-00003" }) { nodes {
    relatives { totalCount nodes { reference kinship name { asWritten } wantsNews wantsImages report { reference } } } } } }`;

  it('a report shows the relatives who consented to the viewer’s kind', async () => {
    const scopes = ['missing:registered', 'missing:identifying', 'missing:family'];
    await authority.grant({ subject: 'court', recipientKind: 'COURT', scopes, clears: ['CONSENT_LIMITED'] });
    await authority.grant({ subject: 'press', recipientKind: 'PUBLICATION', scopes, clears: ['CONSENT_LIMITED'] });
    const shown = async (as: string): Promise<unknown> => {
      const { data, errors } = await authority.ask(QUERY, { as });
      expect(errors).toEqual([]);
      return data.missingPersonReports.nodes[0].relatives;
    };
    expect(await shown('press')).toEqual({ totalCount: 0, nodes: [] });
    expect(await shown('court')).toMatchObject({
      totalCount: 3,
      nodes: [
        { reference: 'F-00003-1', kinship: 'FATHER', name: { asWritten: 'إبراهيم السيد' }, wantsNews: true },
        { reference: 'F-00003-2', wantsNews: false, wantsImages: false, report: { reference: 'R-2015-00003' } },
        { reference: 'F-00003-3' },
      ],
    });
  });

  it('family and medical scopes open their own edges only', async () => {
    const scopes = ['missing:registered', 'missing:identifying', 'missing:medical'];
    await authority.grant({ subject: 'physician', scopes, clears: ['CONSENT_LIMITED'] });
    const { data, errors } = await authority.ask(
      `{ missingPersonReports(filter: { reference: "R-2022-00046" }) { nodes {
          anteMortem { heightCm heightAsWritten dental reference } dnaReferences { totalCount } relatives { totalCount } } } }`,
      { as: 'physician' },
    );
    expect(data.missingPersonReports.nodes).toEqual([
      {
        anteMortem: { heightCm: 183, heightAsWritten: '6 ft', dental: 'two molars missing', reference: 'R-2022-00046' },
        dnaReferences: { totalCount: 0 },
        relatives: null,
      },
    ]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FIELD_WITHHELD']);
  });
});

describe('court files', () => {
  let court: TemporaryCustodian;
  beforeAll(async () => {
    court = await temporaryCustodian('ministry', ministry);
    const files = await custodianStore('ministry');
    await files.deliver('court_files.csv');
    const { storage } = court;
    const { folder: from } = files;
    await importDelivery({
      storage,
      custodian: 'ministry',
      delivery: ministry.delivery,
      folder: from,
      referenceFolder: DATA,
    });
    await files.close();
  });
  afterAll(() => court?.close());
  const scopes = ['ministry:registered', 'ministry:identifying', 'ministry:sealed'];
  const counted = async (as: string, filter = '{}'): Promise<unknown> => {
    const { data, errors } = await court.ask(`{ courtFiles(filter: ${filter}) { totalCount } }`, { as });
    expect(errors).toEqual([]);
    return data.courtFiles.totalCount;
  };

  it('that are sealed are absent from lists, counts and filters under a grant that does not clear SEALED', async () => {
    await court.grant({ subject: 'outsider', scopes });
    await court.grant({ subject: 'insider', scopes, clears: ['SEALED'] });
    expect([await counted('outsider'), await counted('insider')]).toEqual([154, 222]);
    const sealed = '{ reference: "1/2016/4" }';
    expect([await counted('outsider', sealed), await counted('insider', sealed)]).toEqual([0, 1]);
    const query = '{ courtFiles(filter: { name: "طارق يحيى الحلبي" }) { nodes { reference verdict labels } } }';
    expect((await court.ask(query, { as: 'outsider' })).data.courtFiles.nodes).toEqual([]);
    expect((await court.ask(query, { as: 'insider' })).data.courtFiles.nodes).toEqual([
      { reference: '1/2016/4', verdict: 'إعدام', labels: ['SEALED'] },
    ]);
  });

  it('show charge and verdict under their scope only', async () => {
    await court.grant({ subject: 'clerk', scopes: scopes.slice(0, 2) });
    const { data, errors } = await court.ask('{ courtFiles(first: 1) { nodes { accused { asWritten } charge } } }', {
      as: 'clerk',
    });
    expect(data.courtFiles.nodes).toMatchObject([{ accused: { asWritten: expect.any(String) }, charge: null }]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FIELD_WITHHELD']);
  });

  it('are found by court in either language, by date, and by whether they are linked', async () => {
    await court.grant({ subject: 'finder', organisation: 'missing', scopes, clears: ['SEALED', 'FAMILY_FIRST'] });
    await court.grant({ subject: 'registered', scopes: scopes.slice(0, 1), clears: ['SEALED'] });
    const by = (filter: string): Promise<unknown> => counted('finder', filter);
    const field = 98;
    for (const name of ['CT-MFC', 'Field Court', 'military field court', 'محكمة الميدان العسكريه']) {
      expect([name, await by(`{ court: "${name}" }`)]).toEqual([name, field]);
    }
    expect(await by('{ court: "no such court" }')).toBe(0);
    expect(await by('{ filedFrom: "2015-01-08", filedTo: "2015-01-08" }')).toBe(2);
    expect([await by('{ linked: true }'), await by('{ linked: false }')]).toEqual([57, 165]);
    expect([await counted('outsider', '{ linked: true }'), await counted('outsider', '{ linked: false }')]).toEqual([
      0, 154,
    ]);
    const { data, errors } = await court.ask('{ courtFiles(filter: { linked: true }) { totalCount } }', {
      as: 'registered',
    });
    expect([data?.courtFiles ?? null, errors.map(({ extensions }) => extensions.code)]).toEqual([
      null,
      ['FILTER_WITHHELD'],
    ]);
  });
});
