import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameKeys } from '../../src/subgraphs/kit/name-keys.ts';
import { openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';
import { temporaryStorage } from './temporary-storage.ts';

const NAMES = [
  'محمد خالد الحسن',
  'محمّد علي',
  'محمود علي',
  'Mohammed Khalid Alhasan',
  'Elias Ali Alkassem',
  'الياس علي القاسم',
];

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ngo-a', ngo);
  await custodian.insert(
    'depicted_bodies',
    NAMES.map((name, n) => ({
      ...{ id: `ngo-a:${n}`, reference: `${n}`, sort_key: `${n}`, label_set: 1, labels: [], category: 'UNKNOWN' },
      ...{ review_status: 'PRELIMINARY', name_on_ledger: name, ...nameKeys(name) },
    })),
  );
  await custodian.grant({ scopes: ['ngo:registered', 'ngo:identifying'] });
});
afterAll(() => custodian?.close());

const found = async (name: string): Promise<string[]> => {
  const query =
    'query ($name: String) { depictedBodies(filter: { name: $name }) { totalCount nodes { nameOnLedger } } }';
  const { data, errors } = await custodian.ask(query, { variables: { name } });
  expect(errors).toEqual([]);
  expect(data.depictedBodies.totalCount).toBe(data.depictedBodies.nodes.length);
  return data.depictedBodies.nodes.map(({ nameOnLedger }: { nameOnLedger: string }) => nameOnLedger);
};

describe('a name is found', () => {
  it.each([
    // In Arabic script by its normal form, and what is written in Latin letters by its consonants.
    ['محمد', [NAMES[0], NAMES[1], NAMES[3]]],
    ['مُحمّد خالد', [NAMES[0], NAMES[3]]],
    ['محمود', [NAMES[2], NAMES[3]]],
    ['الياس علي', [NAMES[4], NAMES[5]]],
    // In Latin letters by its consonants, which other names may share.
    ['Muhammad', [NAMES[0], NAMES[1], NAMES[2], NAMES[3]]],
    ['MOHAMAD KHALED', [NAMES[0], NAMES[3]]],
    ['Ilyas Aly al-Qasim', [NAMES[4], NAMES[5]]],
    // From its beginning only, and in the order in which it is written.
    ['Khalid', []],
    ['Alkassem', []],
    ['…', []],
    ['мухаммед', []],
  ])('%s', async (name, names) => {
    expect(await found(name)).toEqual(names);
  });
});

it('records that were imported before are found as well, once the database has been brought up to date', async () => {
  const { storage, request, close } = await temporaryStorage({ custodian: 'ngo-a', subgraph: 'ngo' });
  const run = (sql: string) => storage.query<{ name: string; roman_key: string | null }>({ sql, parameters: [] });
  try {
    await run('alter table depicted_bodies drop column roman_key');
    await run(`delete from kysely_migration where name like '%roman-names'`);
    await run(`insert into depicted_bodies (id, reference, label_set, labels, sort_key, category, name_on_ledger)
      select 'ngo-a:' || n, n::text, 1, '{}', 'x', 'UNKNOWN', case when n % 3 = 0 then null else 'محمد ' || n end from generate_series(1, 12000) n`);
    const upgraded = await openStorage(request);
    await upgraded.close();
    const rows = await run('select name_on_ledger as name, roman_key from depicted_bodies');
    expect(rows).toHaveLength(12_000);
    for (const { name, roman_key } of rows) expect(roman_key).toBe(nameKeys(name).roman_key);
    expect(nameKeys('محمد 7').roman_key).toBe('arabic mhmd 7');
  } finally {
    await close();
  }
});
