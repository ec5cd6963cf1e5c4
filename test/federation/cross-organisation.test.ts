import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import { dashboardToken, tokenOf } from '../../src/demo/obtain-token.ts';
import { delivered, deliveredRow } from './delivered.ts';
import { type Answer, type Custodian, ask, federation, give, takeBack, withStorage } from './harness.ts';

const QUERY = readFileSync(new URL('../../src/demo/cross-organisation-query.graphql', import.meta.url), 'utf8');
const [TOLD, PENDING, DECLINED] = ASKED_ABOUT.map(({ id }) => id) as [string, string, string];
const CONTACTS = {
  ministry: 'records@ministry.example',
  missing: 'records@missing.example',
  'ngo-a': 'archive@ngo-a.example',
};

/** The demo's people sign in as they would in a browser; others have a token of the test's own. */
async function askAll(viewer: string, purpose: string): Promise<Answer> {
  const token =
    viewer === 'dashboard' ? await dashboardToken(federation, federation.directory) : await tokenOf(federation, viewer);
  return ask(QUERY, { token, purpose, variables: { ids: [TOLD, PENDING, DECLINED] } });
}

/** What each organisation delivered about the person. */
const handedOver = (person: string, body: string) => ({
  report: deliveredRow('missing/reports.csv', 'report_no', reportOf(person)),
  decision: deliveredRow('missing/decisions.csv', 'person', person),
  certificate: deliveredRow('ministry/death_certificates.csv', 'person', person),
  transfer: deliveredRow('ministry/custody_transfers.csv', 'person', person),
  body: deliveredRow('ngo-a/bodies.csv', 'body', body),
  photographs: delivered('ngo-a/photographs.csv').filter((row) => row['body'] === body),
});

const reportOf = (person: string): string =>
  delivered('missing/links.csv').find((row) => row['person'] === person && row['custodian'] === 'missing')?.[
    'record'
  ] ?? '';

const told = handedOver(TOLD, 'B00056');
const pending = handedOver(PENDING, 'B00358');
const declined = handedOver(DECLINED, 'B00613');

/** What `path` (without the list positions) stands for, once for each place. */
function at(data: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (places, key) =>
      places
        .flatMap((place) => (Array.isArray(place) ? place : [place]))
        .filter((place) => place !== null)
        .map((place) => (place as Record<string, unknown>)[key]),
    [data],
  );
}

const reasons = ({ withheld }: Answer) => new Set(withheld.map(({ reason }) => reason));
const coordinates = ({ withheld }: Answer) => withheld.map(({ coordinate }) => coordinate).toSorted();
const everybodyAnswered = ({ custodians }: Answer) =>
  expect(custodians.map(({ custodian, status }) => [custodian, status]).toSorted()).toEqual([
    ['ministry', 'ANSWERED'],
    ['missing', 'ANSWERED'],
    ['ngo-a', 'ANSWERED'],
  ]);

async function count(custodian: Custodian, table: string, condition = 'true'): Promise<number> {
  const [row] = await withStorage(custodian, ({ query }) =>
    query<{ total: number }>({ sql: `select count(*)::int as total from ${table} where ${condition}`, parameters: [] }),
  );
  return row?.total ?? 0;
}

describe('the analyst', () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await askAll('analyst', 'IDENTIFICATION');
  });

  it('is answered by everybody, without an error', () => {
    expect(answer.status).toBe(200);
    expect(answer.errors).toEqual([]);
    everybodyAnswered(answer);
  });

  it('gets what the Authority holds about the person whose family was told, as it was delivered', () => {
    const [person] = answer.data.persons;
    expect(person.id).toBe(TOLD);
    const { ism, father, family, circumstances, status, last_seen } = told.report;
    expect(person.missingPersonReports.nodes).toEqual([
      {
        reference: told.report['report_no'],
        status,
        governorate: 'SY01',
        name: { asWritten: [ism, father, family].join(' ') },
        lastSeenOn: { value: last_seen, precision: 'DAY' },
        lastSeenAt: { nameEn: 'Branch 285', nameAr: told.report['last_seen_place'] },
        circumstances,
      },
    ]);
    const { decision_no, method, decided_on } = told.decision;
    expect(person.identificationDecisions.nodes).toEqual([
      { reference: decision_no, method, status: 'CONFIRMED', decidedOn: { value: decided_on }, notification: null },
    ]);
  });

  it('gets the stated cause and all else of the Ministry, as it was delivered', () => {
    const [person, , other] = answer.data.persons;
    const { certificate_no, name, mother, died, cause, registered } = told.certificate;
    expect(person.deathCertificates.nodes).toEqual([
      {
        reference: certificate_no,
        registeredOn: { value: registered },
        name: { asWritten: name },
        mother,
        statedDate: { value: died, precision: 'DAY' },
        statedPlace: { nameEn: 'Tishreen Military Hospital', nameAr: 'مشفى تشرين العسكري' },
        statedCause: cause,
      },
    ]);
    const { transfer_no, date, condition } = told.transfer;
    expect(person.custodyTransfers.nodes).toEqual([
      {
        reference: transfer_no,
        from: { nameEn: 'Branch 285', nameAr: 'فرع 285' },
        to: { nameEn: 'Tishreen Military Hospital', nameAr: 'مشفى تشرين العسكري' },
        date: { value: date },
        conditionOnArrival: condition,
      },
    ]);
    expect(other.deathCertificates.nodes).toMatchObject([
      { reference: declined.certificate['certificate_no'], statedCause: declined.certificate['cause'] },
    ]);
  });

  it('knows nothing of the person whose family is yet to be told, and is not told that there is anything', () => {
    expect(answer.data.persons.map((person: { id: string } | null) => person?.id ?? null)).toEqual([
      TOLD,
      null,
      DECLINED,
    ]);
    const { certificate, report, transfer } = pending;
    for (const text of [
      certificate['name'],
      certificate['certificate_no'],
      report['report_no'],
      transfer['transfer_no'],
    ]) {
      expect(answer.text).not.toContain(text);
    }
  });

  it('sees no body and no photograph of a collection that is not released, and is not told of any', () => {
    expect(at(answer.data, 'persons.depictedBodies')).toEqual([{ nodes: [] }, { nodes: [] }]);
    expect(answer.data.depictedBodies).toEqual({ totalCount: 0, nodes: [] });
    expect(answer.data.collections).toEqual({
      totalCount: 1,
      nodes: [{ custodian: 'ngo-a', title: 'Scanned registers', labels: [], size: 0 }],
    });
    expect(answer.text).not.toContain('B00056');
  });

  it('is told what is withheld by its own tier, by whom, and whom to ask', () => {
    expect(answer.withheld).toContainEqual({
      path: ['persons', '@', 'identificationDecisions', 'nodes', '@', 'notification'],
      coordinate: 'IdentificationDecision.notification',
      custodian: 'missing',
      requires: [['missing:family']],
      reason: 'NO_GRANT',
      contact: CONTACTS.missing,
    });
    expect(coordinates(answer)).toEqual([
      'DepictedBody.observations',
      'IdentificationDecision.notification',
      'Photograph.sha256',
    ]);
  });

  it('gets nothing for a purpose that the grants do not have, and is told that this is why', async () => {
    const other = await askAll('analyst', 'RESEARCH');
    expect(Object.values(other.data)).toEqual([null, null, null, null, null]);
    expect(reasons(other)).toEqual(new Set(['PURPOSE']));
    expect(other.withheld).toContainEqual({
      path: ['persons'],
      coordinate: 'Query.persons',
      custodian: 'missing',
      requires: [['missing:identifying']],
      reason: 'PURPOSE',
      contact: CONTACTS.missing,
    });
    expect(other.custodians.map(({ records }) => records)).toEqual(other.custodians.map(() => 0));
  });
});

describe('the Authority officer', () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await askAll('authority-officer', 'IDENTIFICATION');
  });

  it('knows all three persons, with how far their families have been told', () => {
    everybodyAnswered(answer);
    expect(answer.errors).toEqual([]);
    expect(at(answer.data, 'persons.id')).toEqual([TOLD, PENDING, DECLINED]);
    expect(at(answer.data, 'persons.identificationDecisions.nodes.notification.status')).toEqual([
      'DELIVERED',
      'PENDING',
      'DECLINED',
    ]);
    expect(at(answer.data, 'persons.missingPersonReports.nodes.reference')).toEqual(
      [told, pending, declined].map(({ report }) => report['report_no']),
    );
  });

  it('sees the bodies of collections that are not released, with their photographs, as they were delivered', () => {
    const [one, other] = answer.data.persons.map(
      (person: { depictedBodies: { nodes: unknown } }) => person.depictedBodies.nodes,
    );
    const { body, detainee_no, branch_no, category, observations } = told.body;
    expect(one).toMatchObject([
      {
        reference: body,
        category,
        labels: ['COORDINATED'],
        facility: { nameEn: 'Tishreen Military Hospital' },
        numbers: [
          { value: detainee_no, series: 'DETAINEE' },
          { value: branch_no, series: 'BRANCH' },
        ],
        observations,
        photographs: { totalCount: told.photographs.length },
      },
    ]);
    const [photograph] = one[0].photographs.nodes;
    const row = told.photographs.find(({ photo }) => photo === photograph.reference);
    expect(photograph).toEqual({
      reference: row?.['photo'],
      capturedOn: { value: '2018-04-21' },
      sha256: row?.['sha256'],
    });
    expect(other).toMatchObject([{ reference: 'B00358', observations: pending.body['observations'] }]);
    expect(answer.data.collections).toMatchObject({ totalCount: 3 });
  });

  it('counts all bodies and all reports', async () => {
    expect(answer.data.depictedBodies.totalCount).toBe(await count('ngo-a', 'depicted_bodies'));
    expect(answer.data.missingPersonReports.totalCount).toBe(await count('missing', 'missing_person_reports'));
    expect(answer.data.depictedBodies.totalCount).toBeGreaterThan(500);
  });

  it('is refused what the Ministry keeps to its own scope', () => {
    for (const path of [
      'persons.deathCertificates.nodes.statedCause',
      'deathCertificates.nodes.statedCause',
      'persons.custodyTransfers.nodes.conditionOnArrival',
    ]) {
      expect(new Set(at(answer.data, path))).toEqual(new Set([null]));
    }
    expect(at(answer.data, 'persons.deathCertificates.nodes.mother')).toEqual(
      [told, pending, declined].map(({ certificate }) => certificate['mother']),
    );
    expect(coordinates(answer)).toEqual([
      'CustodyTransfer.conditionOnArrival',
      'DeathCertificate.statedCause',
      'DeathCertificate.statedCause',
    ]);
    expect(reasons(answer)).toEqual(new Set(['NO_GRANT']));
  });
});

describe('the Ministry officer', () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await askAll('ministry-officer', 'CRIMINAL_INVESTIGATION');
  });

  it('does not get at persons through the Authority', () => {
    expect(answer.data.persons).toBeNull();
    expect(answer.withheld).toContainEqual({
      path: ['persons'],
      coordinate: 'Query.persons',
      custodian: 'missing',
      requires: [['missing:identifying']],
      reason: 'NO_GRANT',
      contact: CONTACTS.missing,
    });
    expect(at(answer.data, 'missingPersonReports.nodes.name')).toEqual([null, null]);
  });

  it('sees its own certificates whole, and bodies of collections that are not released', async () => {
    const [certificate] = answer.data.deathCertificates.nodes;
    const rows = delivered('ministry/death_certificates.csv').filter(({ name }) => name === certificate.name.asWritten);
    expect(rows.map(({ cause }) => cause)).toContain(certificate.statedCause);
    expect(answer.data.depictedBodies.totalCount).toBe(await count('ngo-a', 'depicted_bodies'));
    expect(answer.data.collections.totalCount).toBe(3);
  });
});

describe.each([
  { viewer: 'journalist', purpose: 'RESEARCH' },
  { viewer: 'dashboard', purpose: 'STATISTICS' },
])('the $viewer', ({ viewer, purpose }) => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await askAll(viewer, purpose);
  });

  it('counts what is open to those who are registered', async () => {
    everybodyAnswered(answer);
    expect(answer.errors).toEqual([]);
    expect(answer.data.missingPersonReports.totalCount).toBe(await count('missing', 'missing_person_reports'));
    expect(answer.data.deathCertificates.totalCount).toBe(await count('ministry', 'death_certificates'));
    expect(answer.data.depictedBodies.totalCount).toBe(0);
    expect(answer.data.collections.totalCount).toBe(1);
    expect(answer.data.deathCertificates.nodes[0]).toMatchObject({
      disputed: false,
      registeredOn: { value: expect.any(String) },
    });
  });

  it('gets no name, no cause and no person, and is told by whom they are withheld, why, and whom to ask', () => {
    expect(answer.data.persons).toBeNull();
    expect(at(answer.data, 'missingPersonReports.nodes.name')).toEqual([null, null]);
    expect(at(answer.data, 'deathCertificates.nodes.name')).toEqual([null, null]);
    expect(at(answer.data, 'deathCertificates.nodes.statedCause')).toEqual([null, null]);
    const entry = (custodian: 'ministry' | 'missing', path: string[], coordinate: string, requires: string) => ({
      path,
      coordinate,
      custodian,
      requires: [[requires]],
      reason: 'NO_GRANT',
      contact: CONTACTS[custodian],
    });
    expect(answer.withheld.toSorted((one, other) => (one.coordinate < other.coordinate ? -1 : 1))).toEqual([
      entry('ministry', ['deathCertificates', 'nodes', '@', 'name'], 'DeathCertificate.name', 'ministry:identifying'),
      entry(
        'ministry',
        ['deathCertificates', 'nodes', '@', 'statedCause'],
        'DeathCertificate.statedCause',
        'ministry:medical',
      ),
      entry(
        'missing',
        ['missingPersonReports', 'nodes', '@', 'name'],
        'MissingPersonReport.name',
        'missing:identifying',
      ),
      entry('missing', ['persons'], 'Query.persons', 'missing:identifying'),
    ]);
  });

  it('gets no other answer where a person is hidden than where nobody has that id', async () => {
    const asked = (id: string) =>
      ask('query ($id: ID!) { person(id: $id) { id } }', { as: viewer, purpose, variables: { id } });
    const [hidden, unknown] = await Promise.all([asked(PENDING), asked('psn_00000000000000000000')]);
    expect(hidden.data).toEqual(unknown.data);
    expect(hidden.withheld).toEqual(unknown.withheld);
  });
});

describe('somebody whose grant has ended', () => {
  const cause = `query { deathCertificates(filter: { reference: "${told.certificate['certificate_no']}" }) { nodes { statedCause } } }`;

  it('loses what it opened with the very next request, and is told that it is expired', async () => {
    const scopes = ['registered', 'identifying'];
    await give('ministry', 'cross:ended', scopes);
    const ended = await give('ministry', 'cross:ended', [...scopes, 'medical']);
    const before = await ask(cause, { as: 'cross:ended' });
    expect(before.data.deathCertificates.nodes).toEqual([{ statedCause: told.certificate['cause'] }]);
    expect(before.withheld).toEqual([]);

    await takeBack('ministry', ended);
    const after = await ask(cause, { as: 'cross:ended' });
    expect(after.data.deathCertificates.nodes).toEqual([{ statedCause: null }]);
    expect(after.withheld).toMatchObject([{ coordinate: 'DeathCertificate.statedCause', custodian: 'ministry' }]);

    const later = await ask(cause, { as: 'cross:ended' });
    expect(later.data.deathCertificates.nodes).toEqual([{ statedCause: null }]);
    expect(later.withheld).toEqual([
      {
        path: ['deathCertificates', 'nodes', '@', 'statedCause'],
        coordinate: 'DeathCertificate.statedCause',
        custodian: 'ministry',
        requires: [['ministry:medical']],
        reason: 'EXPIRED',
        contact: CONTACTS.ministry,
      },
    ]);
  });
});
