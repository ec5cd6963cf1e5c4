import { readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CustodianStore, NOW, custodianStore } from './custodian-store.ts';

let stores: CustodianStore[];
beforeEach(() => void (stores = []));
afterEach(async () => {
  for (const store of stores) await store.close();
});

async function opened(custodian: CustodianStore['custodian']): Promise<CustodianStore> {
  const store = await custodianStore(custodian);
  stores.push(store);
  return store;
}

it.each(['ministry', 'missing', 'ngo-a', 'ngo-b'] as const)(
  'changes nothing at all when %s delivers the same again',
  async (custodian) => {
    const store = await opened(custodian);
    await store.deliver();
    const first = await store.import();
    const before = await store.dump();
    const versions = (): Promise<unknown> =>
      store.rows(`select sum(xmin::text::bigint) from ${Object.values(store.delivery.linkable)[0]}`);
    const untouched = await versions();
    const second = await store.import({ now: () => NOW + 86_400_000 });
    expect(await store.dump()).toEqual(before);
    expect(await versions()).toEqual(untouched);
    const plain = ({ files }: typeof first) => files.map((file) => ({ ...file, rowsPerSecond: 0 }));
    expect(plain(second)).toEqual(plain(first));
    expect(
      second.files.every(
        ({ superseded, accepted, rejected, delivered }) => superseded === 0 && accepted + rejected === delivered,
      ),
    ).toBe(true);
  },
);

it('updates the record of a changed row, which keeps its id, and keeps the row before as superseded', async () => {
  const store = await opened('ministry');
  await store.deliver();
  await store.import();
  const record = (): Promise<unknown[]> =>
    store.rows("select id, detainee_number, condition_on_arrival from custody_transfers where reference = 'T-00002'");
  const [before] = await record();
  await store.correct('custody_transfers.csv', '18/03/2015,4844,unconscious', '18/03/2015,4845,weak');
  const later = NOW + 3_600_000;
  const { files } = await store.import({ now: () => later });
  expect(files.map(({ file, accepted, superseded }) => [file, accepted, superseded])).toEqual([
    ['death_certificates.csv', 588, 0],
    ['custody_transfers.csv', 360, 1],
    ['court_files.csv', 222, 0],
  ]);
  expect(await record()).toEqual([{ ...Object(before), detainee_number: '4845', condition_on_arrival: 'weak' }]);
  const rows = await store.rows(
    "select written ->> 'detainee_no' as number, superseded_at, record_id from delivered_rows where reference = 'T-00002' order by id",
  );
  expect(rows).toEqual([
    { number: '4844', superseded_at: new Date(later), record_id: Object(before).id },
    { number: '4845', superseded_at: null, record_id: Object(before).id },
  ]);
});

it('leaves as it was what a delivery does not mention, or now delivers faultily', async () => {
  const store = await opened('ministry');
  await store.deliver();
  await store.import();
  const before = await store.dump();
  const [header, first] = (await readFile(`${store.folder}/custody_transfers.csv`, 'utf8')).split('\n');
  await store.write('custody_transfers.csv', [String(header), String(first).replace('18/03/2015', '31/02/2015')]);
  const { files } = await store.import();
  expect(files[1]).toMatchObject({ delivered: 1, accepted: 0, rejected: 1, superseded: 0 });
  expect(await store.dump()).toEqual(before);
});

it('takes what a facility list knows since into the records, without superseding a row', async () => {
  const store = await opened('ministry');
  await store.write('custody_transfers.csv', [
    'transfer_no,person,from,to,date,detainee_no,condition',
    'T-1,,the old school,HO-601,2014,1,',
  ]);
  await store.import();
  const referenceFolder = dirname(store.folder);
  const [facilities, governorates] = await Promise.all(
    ['facilities.csv', 'governorates.csv'].map((file) => readFile(`${process.cwd()}/data/${file}`, 'utf8')),
  );
  await store.write('../facilities.csv', `${facilities}\nXX-1,Old School,المدرسة,A,K,SY01,the old school\n`);
  await store.write('../governorates.csv', String(governorates));
  expect((await store.import({ referenceFolder })).files[0]).toMatchObject({ accepted: 1, superseded: 0 });
  expect(await store.rows('select from_facility from custody_transfers')).toEqual([{ from_facility: 'XX-1' }]);
});

it('leaves nothing half where it is broken off, not even rejects, and the next run does it all', async () => {
  const store = await opened('ngo-a');
  await store.deliver();
  const before = await store.dump();
  const onProgress = ({ file, rows }: { file: string; rows: number }): void => {
    if (file === 'photographs.csv' && rows >= 2_000) throw new Error('the machine was switched off');
  };
  await expect(store.import({ onProgress })).rejects.toThrow('switched off');
  expect(await store.dump()).toEqual({ ...before });
  expect(await readdir(dirname(store.folder))).toEqual(['delivery']);
  expect((await store.import()).files.map(({ accepted }) => accepted)).toEqual([3, 674, 3008, 40]);
  expect(await readdir(dirname(store.folder))).toEqual(['delivery', 'rejects']);
});

it('leaves nothing half where the connection to the database is lost midway', async () => {
  const store = await opened('ngo-a');
  await store.deliver();
  const before = await store.dump();
  let cut: Promise<unknown> | undefined;
  const onProgress = ({ file }: { file: string }): void => {
    if (file !== 'photographs.csv') return;
    cut ??= store.rows(
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
  };
  await expect(store.import({ onProgress })).rejects.toThrow();
  await cut;
  expect(await store.dump()).toEqual(before);
  expect((await store.import()).files.map(({ accepted }) => accepted)).toEqual([3, 674, 3008, 40]);
});

it('is refused while another import into the same custodian runs, and leaves that one alone', async () => {
  const store = await opened('ngo-a');
  await store.deliver();
  let second: Promise<unknown> | undefined;
  const first = store.import({
    onProgress: ({ file }) => {
      if (file === 'bodies.csv')
        second ??= expect(store.import({ rejectsFolder: `${store.rejectsFolder}.2` })).rejects.toThrow(
          /Another import into this custodian is running/u,
        );
    },
  });
  expect((await first).files.map(({ accepted }) => accepted)).toEqual([3, 674, 3008, 40]);
  expect(second).toBeDefined();
  await second;
});

it('does not hinder reading, which sees the records of before until it is done', async () => {
  const store = await opened('ministry');
  await store.deliver();
  const counted: Promise<unknown>[] = [];
  await store.import({
    // The last questions of an import could be answered only after it.
    onProgress: ({ fraction }) =>
      fraction < 0.8 &&
      counted.push(
        store.storage.read(new Set([1]), { sql: 'select count(*) as n from death_certificates', parameters: [] }),
      ),
  });
  expect(counted).not.toEqual([]);
  expect(await Promise.all(counted)).toEqual(counted.map(() => [{ n: 0 }]));
  expect(
    await store.storage.read(new Set([1]), { sql: 'select count(*) as n from death_certificates', parameters: [] }),
  ).toEqual([{ n: 588 }]);
});

it('tells how far it is, up to the whole', async () => {
  const store = await opened('missing');
  await store.deliver();
  const fractions: number[] = [];
  await store.import({ onProgress: ({ fraction }) => fractions.push(fraction) });
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});
