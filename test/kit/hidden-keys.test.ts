import { afterAll, beforeAll, expect, it } from 'vitest';
import { conditionsOf } from '../../src/subgraphs/kit/conditions.ts';
import { linkedPersons, recordsBy, rootCount, rootPage } from '../../src/subgraphs/kit/record-source.ts';
import type { Statement } from '../../src/subgraphs/kit/storage.ts';
import { deathCertificates } from '../../src/subgraphs/ministry/death-certificate.ts';
import { type TemporaryStorage, explainRead, fillTable, temporaryStorage } from './temporary-storage.ts';

const HIDDEN = 2;
const VISIBLE = new Set([1, 3]);
const SEEN = 20_000;
const UNSEEN = 5_000;

/** By the index of a key a hidden row would be come upon, and then removed. */
const COMES_UPON_HIDDEN = /\b(?!facilit)\w+_pkey\b|_reference_key\b|Rows Removed/u;

const HUNDREDS = Array.from({ length: 200 }, (_, n) => n + 1);
const numbers = (suffix: string): string[] => HUNDREDS.map((n) => `${n}${suffix}`);
const ids = (suffix: string): string[] => numbers(suffix).map((number) => `ministry:${number}`);

let temporary: TemporaryStorage;

/** Hidden ones lie among those that are seen. */
const certificates = (rows: number, suffix: string, labelSet: string): Promise<void> =>
  fillTable(temporary.storage, 'death_certificates', rows, {
    ...{ id: `'ministry:' || n || '${suffix}'`, reference: `n || '${suffix}'`, label_set: labelSet },
    ...{ labels: `'{}'::text[]`, sort_key: `(date '2011-01-01' + n % 1000)::text`, disputed: 'false' },
  });
const links = (rows: number, record: string, labelSet: string): Promise<void> =>
  fillTable(temporary.storage, 'links', rows, {
    ...{ record_id: `'ministry:' || ${record}`, record_type: `'DeathCertificate'`, person: `'psn_' || n` },
    ...{ label_set: labelSet, source: `'REGISTER'` },
  });

beforeAll(async () => {
  temporary = await temporaryStorage({ custodian: 'ministry', subgraph: 'ministry' });
  const run = (sql: string) => temporary.storage.query({ sql, parameters: [] });
  await run(`insert into label_sets (id, labels) values (${HIDDEN}, '{SEALED}'), (3, '{COORDINATED}')`);
  await certificates(SEEN, 'seen', 'case when n % 4 = 0 then 3 else 1 end');
  await certificates(UNSEEN, 'hidden', `${HIDDEN}`);
  await links(UNSEEN, `n || 'hidden'`, `${HIDDEN}`);
  // Of each three records that are seen the first has a link that is hidden, the second one that is seen, the third none.
  await links((SEEN / 3) * 2, `n + (n - 1) / 2 || 'seen'`, `case when n % 2 = 1 then ${HIDDEN} else 1 end`);
  await run('vacuum analyze');
});
afterAll(() => temporary?.close());

const page = (filter: Readonly<Record<string, unknown>>): Statement =>
  rootPage(deathCertificates, { ...conditionsOf(deathCertificates.filter, filter), limit: 201 });
const count = (filter: Readonly<Record<string, unknown>>): Statement =>
  rootCount(deathCertificates, conditionsOf(deathCertificates.filter, filter).conditions);
const edges = (column: string, values: readonly string[]): Statement => recordsBy(deathCertificates, column, values);
const persons = (records: readonly string[]): Statement => linkedPersons('DeathCertificate', records);

/** The plan and what it took, pages touched and searches of each index included, once all of it is in memory. */
async function taken(statement: Statement): Promise<string> {
  const options = 'analyze, buffers, costs off, timing off, summary off';
  await explainRead(temporary, VISIBLE, statement, options);
  return explainRead(temporary, VISIBLE, statement, options);
}

// What would follow directly on a hidden key is looked for at the same place.
it.each([
  ['two hundred ids', (suffix: string) => page({ id: ids(`hidden${suffix}`) })],
  ['two hundred ids that are counted', (suffix: string) => count({ id: ids(`hidden${suffix}`) })],
  [
    'two hundred ids and what is not disputed',
    (suffix: string) => page({ id: ids(`hidden${suffix}`), disputed: false }),
  ],
  ['a number', (suffix: string) => page({ reference: `17hidden${suffix}` })],
  ['the ids of two hundred edges', (suffix: string) => edges('id', ids(`hidden${suffix}`))],
  ['the numbers of two hundred edges', (suffix: string) => edges('reference', numbers(`hidden${suffix}`))],
  ['two hundred links', (suffix: string) => persons(ids(`hidden${suffix}`))],
] as const)('what is hidden is not come upon by %s', async (_, lookUp) => {
  expect(await temporary.storage.read(new Set([1, HIDDEN, 3]), lookUp(''))).not.toEqual([]);
  const plan = await taken(lookUp(''));
  expect(plan).toBe(await taken(lookUp('-')));
  expect(plan).toMatch(/Index Cond: \(\(label_set = ANY [^\n]* AND \([^]*Buffers/u);
  expect(plan).not.toMatch(COMES_UPON_HIDDEN);
});

it.each([
  ['linked', true, 0],
  ['not linked', false, 200],
] as const)('a hidden link is not come upon by whether records are %s', async (_, linked, total) => {
  const linksOf = async (rest: number): Promise<string> => {
    const statement = count({ id: HUNDREDS.map((n) => `ministry:${n * 3 + rest}seen`), linked });
    expect(await temporary.storage.read(VISIBLE, statement)).toEqual([{ total }]);
    const plan = await taken(statement);
    // The records themselves are others, and found elsewhere.
    return plan.slice(plan.indexOf('links_by_record_id'));
  };
  const plan = await linksOf(1);
  expect(plan).toBe(await linksOf(0));
  expect(plan).toMatch(/Index Cond: [^]*Buffers/u);
  expect(plan).not.toMatch(COMES_UPON_HIDDEN);
});
