import { describe, expect, test } from 'vitest';
import { WithheldRefusal } from '../../src/gateway/authorize/authorize-operation.ts';
import { planner } from '../../src/gateway/plan.ts';
import { type Says, authorize, granted } from './authorize.ts';
import { MINISTRY, MISSING, snapshotOf } from './schemas.ts';

const snapshot = snapshotOf();

const registered = ['ministry:registered'];
const identifying = ['ministry:registered', 'ministry:identifying'];
const ALL = {
  ministry: { grants: [granted([...identifying, 'ministry:medical', 'ministry:sealed'])] },
  missing: { grants: [granted(['missing:registered', 'missing:identifying', 'missing:circumstances'])] },
};
const REGISTERED = {
  ministry: { grants: [granted(registered)] },
  missing: { grants: [granted(['missing:registered'])] },
};

const paths = (withheld: readonly { path: readonly string[] }[]): string[] =>
  withheld.map(({ path }) => path.join('.'));

describe('an operation is cut down to what the viewer may ask', () => {
  test('nothing is cut where one grant carries it all', async () => {
    const { document, withheld } = await authorize(
      snapshot,
      '{ certificates(first: 2) { nodes { id name cause } } }',
      ALL,
    );
    expect(document).toBe('query ($literal0: Int) { certificates(first: $literal0) { nodes { id name cause } } }');
    expect(withheld).toEqual([]);
  });

  test('a field without permission is never asked for, and is reported once with whom to ask', async () => {
    const { document, withheld } = await authorize(
      snapshot,
      '{ certificates { nodes { id name cause } } }',
      REGISTERED,
    );
    expect(document).toBe('{ certificates { nodes { id } } }');
    expect(withheld).toEqual([
      {
        path: ['certificates', 'nodes', '@', 'name'],
        coordinate: 'Certificate.name',
        custodian: 'ministry',
        requires: [['ministry:identifying']],
        reason: 'NO_GRANT',
        contact: 'records@ministry.example',
      },
      expect.objectContaining({ coordinate: 'Certificate.cause', requires: [['ministry:medical']] }),
    ]);
  });

  test('aliases and fragments hide nothing, and each place is reported', async () => {
    const { document, withheld } = await authorize(
      snapshot,
      `{ a: certificates { nodes { ...F } } b: certificates { n: nodes { x: name ... on Certificate { y: name } ...F } } }
       fragment F on Certificate { id secret: name ...G } fragment G on Certificate { cause }`,
      REGISTERED,
    );
    expect(document).toBe('{ a: certificates { nodes { id } } b: certificates { n: nodes { id } } }');
    expect(paths(withheld).sort()).toEqual([
      'a.nodes.@.cause',
      'a.nodes.@.secret',
      'b.n.@.cause',
      'b.n.@.secret',
      'b.n.@.x',
      'b.n.@.y',
    ]);
  });

  test('a selection of which nothing is left asks for __typename, so that there is still an object', async () => {
    const { document } = await authorize(snapshot, '{ certificates { nodes { name } } }', REGISTERED);
    expect(document).toBe('{ certificates { nodes { __typename } } }');
    const { document: root } = await authorize(snapshot, '{ persons(ids: ["a"]) { id } }', REGISTERED);
    expect(root).toBe('{ __typename }');
  });

  test('what is cut reports itself and nothing beneath it', async () => {
    const { withheld } = await authorize(
      snapshot,
      '{ certificates { nodes { person { id reports { nodes { name circumstances } } } } } }',
      REGISTERED,
    );
    expect(paths(withheld)).toEqual(['certificates.nodes.@.person']);
  });

  test('what @skip and @include leave out is neither fetched nor reported', async () => {
    const document = `query ($no: Boolean!, $yes: Boolean!) { certificates { nodes {
      id name @skip(if: $yes) cause @include(if: $no) ... @include(if: $yes) { disputed } ...F @skip(if: $yes) } } }
      fragment F on Certificate { cause }`;
    const result = await authorize(snapshot, document, REGISTERED, { no: false, yes: true });
    expect(result.document).toBe('{ certificates { nodes { id disputed } } }');
    expect(result.withheld).toEqual([]);
    const other = await authorize(snapshot, document, REGISTERED, { no: true, yes: false });
    expect(paths(other.withheld)).toEqual(['certificates.nodes.@.name', 'certificates.nodes.@.cause']);
  });

  test('two half grants never add up', async () => {
    const both = snapshotOf(
      MINISTRY.replace('[["ministry:medical"]]', '[["ministry:medical", "ministry:identifying"]]'),
    );
    const halves: Says = { ministry: { grants: [granted([...registered, 'ministry:medical']), granted(identifying)] } };
    const { withheld } = await authorize(both, '{ certificates { nodes { cause } } }', halves);
    expect(withheld).toMatchObject([{ coordinate: 'Certificate.cause', reason: 'NO_GRANT' }]);
  });

  test('the reason says whether another purpose or a lapsed grant would have done', async () => {
    const { withheld } = await authorize(snapshot, '{ certificates { nodes { name cause } } }', {
      ministry: {
        grants: [granted(registered)],
        otherPurpose: ['ministry:identifying'],
        expired: ['ministry:medical'],
      },
    });
    expect(withheld.map(({ reason }) => reason)).toEqual(['PURPOSE', 'EXPIRED']);
  });

  test('an interface field needs what all possible types need', async () => {
    const { document, withheld } = await authorize(
      snapshot,
      '{ papers { id title ... on Certificate { name title } } }',
      REGISTERED,
    );
    expect(document).toBe('{ papers { id ... on Certificate { title } } }');
    expect(withheld).toMatchObject([
      { coordinate: 'Paper.title', requires: [['ministry:registered', 'ministry:sealed']] },
      { coordinate: 'Certificate.name' },
    ]);
  });

  test('a union with a guarded member needs its guard: not even __typename tells that there is one', async () => {
    const asked = '{ things { __typename ... on Certificate { id } ... on Verdict { text } } }';
    const { document, withheld } = await authorize(snapshot, asked, REGISTERED);
    expect(document).toBe('{ __typename }');
    expect(withheld).toMatchObject([{ coordinate: 'Query.things', path: ['things'] }]);
    const { document: whole } = await authorize(snapshot, asked, ALL);
    expect(whole).toBe('{ things { __typename ... on Certificate { id } ... on Verdict { text } } }');
  });

  test('renaming a directive does not switch it off', async () => {
    const rename = (schema: string): string =>
      schema
        .replace('"@requiresScopes"]', '{name: "@requiresScopes", as: "@needs"}]')
        .replaceAll('@requiresScopes(', '@needs(');
    const renamed = snapshotOf(rename(MINISTRY), rename(MISSING));
    const { document } = await authorize(renamed, '{ certificates { nodes { id name } } }', REGISTERED);
    expect(document).toBe('{ certificates { nodes { id } } }');
  });

  test('a custodian that did not say is not asked, and nothing of it counts as withheld', async () => {
    const { document, withheld, authorization } = await authorize(
      snapshot,
      '{ persons(ids: ["a"]) { id certificates { nodes { id } } } certificates { totalCount } }',
      { missing: ALL.missing },
    );
    expect(document).toContain('{ persons(ids: $literal0) { id } }');
    expect(withheld).toEqual([]);
    expect(authorization.unasked).toEqual([
      { path: ['persons', '@', 'certificates'], code: 'CUSTODIAN_UNAVAILABLE' },
      { path: ['certificates'], code: 'CUSTODIAN_UNAVAILABLE' },
    ]);
    expect(authorization.touched.get('ministry')?.status).toBe('UNAVAILABLE');
  });

  test('a custodian whose parts are all cut has refused, also where another was in the way', async () => {
    const { authorization } = await authorize(snapshot, '{ persons(ids: ["a"]) { certificates { totalCount } } }', {
      ...REGISTERED,
      ministry: ALL.ministry,
    });
    expect(authorization.touched.get('missing')?.status).toBe('REFUSED');
    expect(authorization.touched.get('ministry')?.status).toBe('REFUSED');
  });

  test('only custodians that the operation touches are asked', async () => {
    const { authorization } = await authorize(
      snapshot,
      '{ viewer { subject } reports { nodes { reportedOn { value } } } }',
      ALL,
    );
    expect([...authorization.touched.keys()]).toEqual(['missing']);
    expect([...(authorization.touched.get('missing')?.coordinates ?? [])]).toEqual([
      'Query.reports',
      'ReportConnection.nodes',
      'Report.reportedOn',
      'ArchiveDate.value',
    ]);
  });
});

describe('labels that grants clear differently', () => {
  const asked = '{ certificates { nodes { id cause } } }';

  test('are reported from the grants alone: the field may be withheld on some records', async () => {
    const { document, withheld } = await authorize(snapshot, asked, {
      ministry: { grants: [granted(registered, ['SEALED']), granted([...registered, 'ministry:medical'])] },
    });
    expect(document).toBe('{ certificates { nodes { id cause } } }');
    expect(withheld).toMatchObject([{ coordinate: 'Certificate.cause', partial: true, reason: 'NO_GRANT' }]);
  });

  test('are not reported where the same labels are cleared, or only GRAPHIC differs', async () => {
    const { withheld } = await authorize(snapshot, asked, {
      ministry: {
        grants: [granted(registered, ['SEALED', 'GRAPHIC']), granted([...registered, 'ministry:medical'], ['SEALED'])],
      },
    });
    expect(withheld).toEqual([]);
  });

  test('matter only for records that the list itself can show', async () => {
    const { withheld } = await authorize(snapshot, '{ persons(ids: ["a"]) { certificates { nodes { name } } } }', {
      ...ALL,
      ministry: { grants: [granted(registered, ['SEALED']), granted(identifying)] },
    });
    expect(withheld).toEqual([]);
  });
});

describe('filters are reads', () => {
  const refused = (document: string, says: Says, variables?: Record<string, unknown>) =>
    expect(authorize(snapshot, document, says, variables)).rejects;

  test('a filter by a field without permission refuses the operation, and says which field it is', async () => {
    const error = await authorize(snapshot, '{ certificates(filter: { name: "x" }) { totalCount } }', REGISTERED).catch(
      (cause) => cause,
    );
    expect(error).toBeInstanceOf(WithheldRefusal);
    expect(error.code).toBe('FILTER_WITHHELD');
    expect(error.withheld).toMatchObject([
      { coordinate: 'Certificate.name', path: ['certificates'], reason: 'NO_GRANT' },
    ]);
  });

  test('however it is given: by variable, by default, nested, in a list', async () => {
    const query = 'query ($f: CertificateFilter) { certificates(filter: $f) { totalCount } }';
    await refused(query, REGISTERED, { f: { name: 'x' } }).toThrow(WithheldRefusal);
    await refused(query, REGISTERED, { f: { either: [{ disputed: true }, { either: [{ cause: 'x' }] }] } }).toThrow(
      WithheldRefusal,
    );
    await refused(
      'query ($f: CertificateFilter = { name: "x" }) { certificates(filter: $f) { totalCount } }',
      REGISTERED,
    ).toThrow(WithheldRefusal);
    await refused('query ($n: String = "x") { certificates(filter: { name: $n }) { totalCount } }', REGISTERED).toThrow(
      WithheldRefusal,
    );
  });

  test('a filter with permission, a null and what is skipped refuse nothing', async () => {
    await authorize(snapshot, '{ certificates(filter: { disputed: true, name: null }) { totalCount } }', REGISTERED);
    await authorize(snapshot, 'query ($n: String) { certificates(filter: { name: $n }) { totalCount } }', REGISTERED);
    await authorize(
      snapshot,
      '{ certificates(filter: { name: "x" }) @skip(if: true) { totalCount } reports { pageInfo { endCursor } } }',
      REGISTERED,
    );
    await authorize(snapshot, '{ certificates(filter: { name: "x" }) { totalCount } }', ALL);
  });

  test('list and filter need one grant together', async () => {
    const halves: Says = { ministry: { grants: [granted(registered), granted(['ministry:identifying'])] } };
    await refused('{ certificates(filter: { name: "x" }) { totalCount } }', halves).toThrow(WithheldRefusal);
  });

  test('a schema’s own default is a filter too', async () => {
    const defaulting = snapshotOf(
      MINISTRY.replace('filter: CertificateFilter)', 'filter: CertificateFilter = { name: "x" })'),
    );
    await expect(authorize(defaulting, '{ certificates { totalCount } }', REGISTERED)).rejects.toThrow(WithheldRefusal);
  });
});

describe('plans', () => {
  test('are shared by viewers who may ask the same, whatever the values, and by nobody else', async () => {
    const plan = planner();
    const planned = async (document: string, says: Says) =>
      plan(snapshot, (await authorize(snapshot, document, says)).authorization.document);
    const ask = (first: number, name: string) =>
      `{ certificates(first: ${first}, filter: { id: ["${name}"] }) { nodes { id name } } }`;
    const one = await planned(ask(1, 'a'), ALL);
    expect(await planned(ask(7, 'b'), ALL)).toBe(one);
    const other = await planned(ask(1, 'a'), REGISTERED);
    expect(other).not.toBe(one);
    expect(JSON.stringify(other)).toContain('{nodes{id}}');
    expect(await planned(ask(9, 'c'), REGISTERED)).toBe(other);
  });

  test('belong to one version of the supergraph', async () => {
    const plan = planner();
    const { authorization } = await authorize(snapshot, '{ certificates { totalCount } }', ALL);
    const later = snapshotOf(`${MINISTRY} enum Unused { A }`);
    expect(plan(later, authorization.document)).not.toBe(plan(snapshot, authorization.document));
  });

  test('of which the oldest unused leave first', async () => {
    const plan = planner({ most: 2 });
    const [a, b, c] = await Promise.all(
      ['id', 'name', 'cause'].map(
        async (field) =>
          (await authorize(snapshot, `{ certificates { nodes { ${field} } } }`, ALL)).authorization.document,
      ),
    );
    const first = plan(snapshot, a!);
    plan(snapshot, b!);
    expect(plan(snapshot, a!)).toBe(first);
    plan(snapshot, c!);
    expect(plan(snapshot, a!)).toBe(first);
  });

  test('fetch each custodian once for a level, however many records there are', async () => {
    const { authorization } = await authorize(
      snapshot,
      '{ persons(ids: ["a"]) { id reports { nodes { name } } certificates { nodes { name person { id reports { nodes { id } } } } } } }',
      ALL,
    );
    const plan = JSON.stringify(planner()(snapshot, authorization.document));
    expect(plan.match(/"kind":"Fetch"/gu)).toHaveLength(3);
  });
});
