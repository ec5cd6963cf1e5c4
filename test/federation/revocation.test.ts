import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/protocol/errors.ts';
import { type Answer, type Custodian, ask, askCustodian, give, settings, takeBack } from './harness.ts';
import { loggedAtCustodian, loggedAtGateway } from './refusals.ts';

const LISTS = {
  ministry: ['deathCertificates', 'DeathCertificate'],
  missing: ['missingPersonReports', 'MissingPersonReport'],
} as const;

const page = (list: string): string =>
  `query ($after: String) { ${list}(first: 3, after: $after) { nodes { id name { asWritten } } pageInfo { endCursor } } }`;

const CONTACTS = new Map(
  (settings('gateway')['custodians'] as { id: Custodian; contact: string }[]).map(({ id, contact }) => [id, contact]),
);

const firstPage = (answer: Answer, list: string): string => {
  expect([answer.errors, answer.withheld]).toEqual([[], []]);
  expect(answer.data[list].nodes).toHaveLength(3);
  expect(answer.data[list].nodes.some(({ name }: { name: object | null }) => name !== null)).toBe(true);
  return answer.data[list].pageInfo.endCursor;
};

describe.each(['ministry', 'missing'] as const)('a grant of %s that is revoked', (custodian) => {
  const [list, type] = LISTS[custodian];
  const query = page(list);

  it('bites on the next page, whatever the gateway remembers, and is reported as withheld', async () => {
    const as = `revoked-${custodian}`;
    const grant = await give(custodian, as, ['registered', 'identifying']);
    let after = firstPage(await ask(query, { as }), list);
    after = firstPage(await ask(query, { as, variables: { after } }), list);

    await takeBack(custodian, grant);
    const late = await ask(query, { as, variables: { after } });
    expect([late.status, late.errors, late.data]).toEqual([200, [], { [list]: null }]);
    const entry = {
      path: [list],
      coordinate: `Query.${list}`,
      custodian,
      requires: [[`${custodian}:registered`]],
      contact: CONTACTS.get(custodian),
    };
    expect(late.withheld).toEqual([{ ...entry, reason: 'EXPIRED' }]);
    expect(late.custodians).toMatchObject([{ custodian, records: 0 }]);
    expect(loggedAtGateway(late.requestId)).toMatchObject([
      { event: 'OPENED', withheld: [] },
      { event: 'ANSWERED', withheld: [{ coordinate: `Query.${list}`, custodian }] },
    ]);
    expect(await loggedAtCustodian(custodian, late.requestId)).toMatchObject([
      { outcome: 'ANSWERED', withheld: [`Query.${list}`], records: [] },
    ]);

    const later = await ask(query, { as, variables: { after } });
    expect(later.data).toEqual({ [list]: null });
    expect(later.withheld).toEqual([{ ...entry, reason: 'EXPIRED' }]);
    expect(await loggedAtCustodian(custodian, later.requestId)).toEqual([]);
  });

  it('leaves what another grant opens, on the same page', async () => {
    const as = `half-revoked-${custodian}`;
    const [, identifying] = await Promise.all([
      give(custodian, as, ['registered']),
      give(custodian, as, ['registered', 'identifying']),
    ]);
    const after = firstPage(await ask(query, { as }), list);
    await takeBack(custodian, identifying);
    for (let request = 0; request < 2; request += 1) {
      const answer = await ask(query, { as, variables: { after } });
      expect(answer.errors).toEqual([]);
      expect(answer.data[list].nodes).toHaveLength(3);
      for (const { id, name } of answer.data[list].nodes)
        expect([id, name]).toEqual([expect.stringMatching(/:/u), null]);
      expect(answer.withheld).toMatchObject([
        { path: [list, 'nodes', '@', 'name'], coordinate: `${type}.name`, custodian, reason: 'EXPIRED' },
      ]);
    }
  });

  it('bites at the custodian itself on the next page', async () => {
    const as = `revoked-directly-${custodian}`;
    const grant = await give(custodian, as, ['registered', 'identifying']);
    const after = firstPage(await askCustodian(custodian, query, { as }), list);
    firstPage(await askCustodian(custodian, query, { as, variables: { after } }), list);
    await takeBack(custodian, grant);
    const answer = await askCustodian(custodian, query, { as, variables: { after } });
    expect(answer.data).toEqual({ [list]: null });
    expect(answer.errors).toEqual([
      { message: messageOf('FIELD_WITHHELD'), path: [list], extensions: { code: 'FIELD_WITHHELD' } },
    ]);
  });

  it('takes nothing from anybody else', async () => {
    const [as, other] = [`revoked-alone-${custodian}`, `not-revoked-${custodian}`];
    const [grant] = await Promise.all([
      give(custodian, as, ['registered', 'identifying']),
      give(custodian, other, ['registered', 'identifying']),
    ]);
    const [, after] = [firstPage(await ask(query, { as }), list), firstPage(await ask(query, { as: other }), list)];
    await takeBack(custodian, grant);
    expect((await ask(query, { as })).data).toEqual({ [list]: null });
    firstPage(await ask(query, { as: other, variables: { after } }), list);
  });
});

it('a grant bites at one custodian alone, and the rest of the page stays', async () => {
  const as = 'revoked-in-one';
  const [grant] = await Promise.all([give('ministry', as, ['registered']), give('missing', as, ['registered'])]);
  const query = '{ deathCertificates(first: 2) { nodes { id } } missingPersonReports(first: 2) { nodes { id } } }';
  const before = await ask(query, { as });
  await takeBack('ministry', grant);
  const after = await ask(query, { as });
  expect(after.data).toEqual({ ...before.data, deathCertificates: null });
  expect(after.withheld.map(({ custodian }) => custodian)).toEqual(['ministry']);
});

it('a grant that lapses in the middle of a walk bites at its second, at the gateway and at the custodian', async () => {
  const as = 'lapsing';
  const query = page('deathCertificates');
  await give('ministry', as, ['registered', 'identifying'], { until: new Date(Date.now() + 2000) });
  const lapse = Date.now() + 2000;
  const after = firstPage(await ask(query, { as }), 'deathCertificates');
  const own = firstPage(await askCustodian('ministry', query, { as }), 'deathCertificates');
  expect(Date.now()).toBeLessThan(lapse);
  await pause(lapse + 50 - Date.now());

  const answer = await ask(query, { as, variables: { after } });
  expect([answer.errors, answer.data]).toEqual([[], { deathCertificates: null }]);
  expect(answer.withheld).toMatchObject([{ coordinate: 'Query.deathCertificates', reason: 'EXPIRED' }]);
  const direct = await askCustodian('ministry', query, { as, variables: { after: own } });
  expect(direct.data).toEqual({ deathCertificates: null });
  expect(direct.errors.map(({ extensions }) => extensions.code)).toEqual(['FIELD_WITHHELD']);
});

it('a grant of tomorrow opens nothing today', async () => {
  const [from, until] = [new Date(Date.now() + 3_600_000), new Date(Date.now() + 7_200_000)];
  await give('ministry', 'of-tomorrow', ['registered'], { from, until });
  const answer = await ask('{ deathCertificates { totalCount } }', { as: 'of-tomorrow' });
  expect(answer.data).toEqual({ deathCertificates: null });
  expect(answer.withheld).toMatchObject([{ reason: 'NO_GRANT' }]);
});
