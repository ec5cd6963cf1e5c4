import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionsOf } from '../../src/subgraphs/kit/conditions.ts';
import {
  type Wanted,
  relatedCounts,
  relatedPages,
  rootCount,
  rootPage,
} from '../../src/subgraphs/kit/record-source.ts';
import type { Statement } from '../../src/subgraphs/kit/storage.ts';
import { deathCertificates } from '../../src/subgraphs/ministry/death-certificate.ts';
import { type TemporaryStorage, explainRead, fillTable, temporaryStorage, touched } from './temporary-storage.ts';

const HIDDEN = 2;
const VISIBLE = new Set([1, 3]);
const SEEN = 20_000;
const UNSEEN = 5_000;

let temporary: TemporaryStorage;

const certificates = (rows: number, prefix: string, labelSet: string, columns: Readonly<Record<string, string>>) =>
  fillTable(temporary.storage, 'death_certificates', rows, {
    ...{ id: `'ministry:${prefix}' || n`, reference: `'${prefix}-' || n`, label_set: labelSet, labels: `'{}'::text[]` },
    ...{ sort_key: `(date '2011-01-01' + n % 1000)::text`, disputed: 'false', stated_place: `'F-' || n % 10` },
    ...columns,
  });

beforeAll(async () => {
  temporary = await temporaryStorage({ custodian: 'ministry', subgraph: 'ministry' });
  const { query } = temporary.storage;
  const run = (sql: string) => query({ sql, parameters: [] });
  await run(`insert into label_sets (id, labels) values (${HIDDEN}, '{SEALED}'), (3, '{COORDINATED}')`);
  await run(`insert into facilities (code, name_en, name_ar, agency, kind, governorate)
    select 'F-' || n, 'x', 'x', 'x', 'x', 'SY01' from generate_series(0, 30) as n`);
  const born = (days: string) => ({ born_from: `date '1950-01-01' + ${days}`, born_to: `date '1950-01-01' + ${days}` });
  await certificates(SEEN, 'seen', `case when n % 4 = 0 then 3 else 1 end`, {
    ...{ name_key: `'خالد ' || n`, roman_key: `'arabic xld ' || n`, ...born('n % 9000') },
  });
  // All of one name, one place, one year of birth and one day, between two days on which many are seen.
  await certificates(UNSEEN, 'hidden', `${HIDDEN}`, {
    ...{
      name_key: `'سالم ' || n`,
      roman_key: `'arabic slm ' || n`,
      stated_place: `'F-20'`,
      ...born('20000 + n % 300'),
    },
    ...{ sort_key: `'2012-01-01T'` },
  });
  await fillTable(temporary.storage, 'links', UNSEEN, {
    ...{ record_id: `'ministry:hidden' || n`, record_type: `'DeathCertificate'`, person: `'psn_hidden'` },
    ...{ label_set: `${HIDDEN}`, source: `'REGISTER'` },
  });
  await run('vacuum analyze');
});
afterAll(() => temporary?.close());

const PAGE: Wanted = { conditions: [], inOrder: true, limit: 21 };
const page = (filter: Readonly<Record<string, unknown>>): Statement =>
  rootPage(deathCertificates, { ...PAGE, ...conditionsOf(deathCertificates.filter, filter) });
const count = (filter: Readonly<Record<string, unknown>>): Statement =>
  rootCount(deathCertificates, conditionsOf(deathCertificates.filter, filter).conditions);
const after = (sortKey: string): Statement =>
  rootPage(deathCertificates, { ...PAGE, after: { sortKey, id: 'ministry:' } });
const pageOfPerson = (person: string): Statement =>
  relatedPages(deathCertificates, { through: 'links' }, [person], PAGE);
const countOfPerson = (person: string): Statement =>
  relatedCounts(deathCertificates, { through: 'links' }, [person], []);
const ids = (prefix: string) => ({ id: Array.from({ length: 200 }, (_, n) => `ministry:${prefix}${n + 1}`) });

describe('five thousand hidden records are passed over no more than none at all', () => {
  it.each([
    ['a name', page({ name: 'سالم' }), page({ name: 'بلال' })],
    ['a name that is counted', count({ name: 'سالم' }), count({ name: 'بلال' })],
    ['a name in Latin letters', page({ name: 'Salim' }), page({ name: 'Bilal' })],
    ['a name and a place', page({ name: 'سالم', statedPlace: 'F-1' }), page({ name: 'بلال', statedPlace: 'F-1' })],
    ['a place', page({ statedPlace: 'F-20' }), page({ statedPlace: 'F-21' })],
    ['a place that is counted', count({ statedPlace: 'F-20' }), count({ statedPlace: 'F-21' })],
    [
      'a year of birth',
      page({ bornFrom: '2004-10', bornTo: '2005-08' }),
      page({ bornFrom: '2014-10', bornTo: '2015-08' }),
    ],
    ['the day by which the list is ordered', after('2012-01-01'), after('2012-01-02')],
    ['the person', pageOfPerson('psn_hidden'), pageOfPerson('psn_none')],
    ['the person that is counted', countOfPerson('psn_hidden'), countOfPerson('psn_none')],
  ] as const)('by %s', async (_, hidden, absent) => {
    const options = 'costs off';
    expect(await explainRead(temporary, VISIBLE, hidden, options)).toBe(
      await explainRead(temporary, VISIBLE, absent, options),
    );
    const [one, other] = [await touched(temporary, VISIBLE, hidden), await touched(temporary, VISIBLE, absent)];
    expect(Math.abs(one - other)).toBeLessThanOrEqual(10);
  });

  it('whoever may see all of a name reads them', async () => {
    const all = new Set([1, HIDDEN, 3]);
    expect(await temporary.storage.read(all, page({ name: 'سالم' }))).toHaveLength(21);
    expect(await temporary.storage.read(all, count({ name: 'سالم' }))).toEqual([{ total: UNSEEN }]);
    expect(await temporary.storage.read(all, page(ids('hidden')))).toHaveLength(21);
  });
});
