import { chmod, copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'yaml';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImportReport } from '../../src/subgraphs/kit/import/import-delivery.ts';
import { readMapping } from '../../src/subgraphs/kit/import/read-mapping.ts';
import { type CustodianStore, custodianStore } from './custodian-store.ts';

let opened: CustodianStore[] = [];
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
});

async function openStore(custodian: CustodianStore['custodian']): Promise<CustodianStore> {
  const store = await custodianStore(custodian);
  opened.push(store);
  return store;
}

const counts = ({ files }: ImportReport) =>
  files.map(({ file, delivered, accepted, rejected, superseded }) => [file, delivered, accepted, rejected, superseded]);

/** Imports what was rejected, as a clerk left it, in place of a delivery. */
const importRejects = (store: CustodianStore, more: Parameters<CustodianStore['import']>[0] = {}) =>
  store.import({ folder: store.rejectsFolder, rejectsFolder: `${store.rejectsFolder}-2`, ...more });

/** Does to a file of rejected rows what an editor does: replaces texts, each of which must be there. */
async function edit(store: CustodianStore, file: string, ...changes: readonly (readonly [was: string, is: string])[]) {
  const path = join(store.rejectsFolder, file);
  let text = await readFile(path, 'utf8');
  for (const [was, is] of changes) {
    if (!text.includes(was)) throw new Error(`${file} does not hold ${was}: ${text}`);
    text = text.replaceAll(was, is);
  }
  await writeFile(path, text);
}

const table = (text: string, delimiter = ','): Record<string, string>[] =>
  parse(text, { bom: true, columns: true, delimiter });

describe('the rejected rows of a real delivery', () => {
  it('are corrected and imported from where they are, and everything else stays as it was', async () => {
    const store = await openStore('ngo-a');
    await store.deliver();
    await store.import();
    const untouched = await store.rows("select * from delivered_rows where file <> 'photographs.csv' order by id");
    const written = table(await readFile(join(store.rejectsFolder, 'photographs.csv'), 'utf8'));
    expect(written.map((row) => [row['amana_file'], row['amana_line'], row['photo']])).toEqual([
      ['photographs.csv', '27', 'P000011'],
      ['photographs.csv', '62', 'P999999'],
      ['photographs.csv', '92', 'P999998'],
      ['photographs.csv', '132', ''],
    ]);
    const [, wrong, , unsplit] = written;
    expect(unsplit?.['amana_row']).toMatch(/^[^,]+,[^,]+$/u);
    const hash = 'ab'.repeat(32);
    await edit(
      store,
      'photographs.csv',
      ['P000011,', 'P900011,'],
      ['2014-02-30', '2014-02-28'],
      ['C-9', 'C-1'],
      [',nothex,', `,${hash},`],
      // The cells of the last row are filled in from what stands beside them.
      [',,,,,,,,,', ',P900132,C-1,,2014,,,,,,'.slice(0, -1)],
    );
    await edit(store, 'bodies.csv', ['CIVILIAN', 'UNKNOWN'], ['HO-999', 'HO-601']);
    const report = await importRejects(store);
    expect(counts(report)).toEqual([
      ['bodies.csv', 2, 2, 0, 0],
      ['photographs.csv', 4, 4, 0, 0],
    ]);
    expect(await readdir(dirname(store.folder))).toEqual(['delivery', 'rejects']);
    const [held] = await store.rows(
      'select (select count(*) from photographs) as photographs, (select count(*) from depicted_bodies) as bodies, (select count(*) from delivered_rows where superseded_at is not null) as superseded',
    );
    expect(held).toEqual({ photographs: 3012, bodies: 676, superseded: 0 });
    expect(await store.rows("select * from delivered_rows where file <> 'photographs.csv' order by id")).toEqual([
      ...untouched,
      expect.objectContaining({ file: 'bodies.csv' }),
      expect.objectContaining({ file: 'bodies.csv' }),
    ]);
    const [kept] = await store.rows<{ written: Record<string, string> }>(
      "select written from delivered_rows where reference = 'P999999'",
    );
    expect(Object.keys(kept?.written ?? {}).filter((column) => column.startsWith('amana'))).toEqual([]);
    expect(kept?.written).toEqual({
      ...Object.fromEntries(Object.entries(wrong ?? {}).filter(([column]) => !column.startsWith('amana'))),
      ...{ taken: '2014-02-28', collection: 'C-1' },
    });
  });

  it('are rejected again as long as nobody has corrected them, none taking the place of an accepted row', async () => {
    const store = await openStore('ngo-a');
    await store.deliver();
    const first = await store.import();
    const before = await store.dump();
    const again = await importRejects(store);
    expect(counts(again)).toEqual([
      ['bodies.csv', 2, 0, 2, 0],
      ['photographs.csv', 4, 0, 4, 0],
    ]);
    expect(await store.dump()).toEqual(before);
    const kinds = ({ rejects }: ImportReport) => rejects.map(({ file, faults }) => [file, faults]);
    const unsplit = [['photographs.csv', [{ kind: 'UNREADABLE' }]]];
    expect(kinds(again)).toEqual([...kinds(first).slice(0, -1), ...unsplit]);
    // A third round from the second one's rejects finds the same rows, none lost and none grown.
    const rows = async (folder: string) =>
      table(await readFile(join(folder, 'photographs.csv'), 'utf8')).map((row) => ({
        ...row,
        amana_line: '',
        amana_reason: '',
      }));
    const third = await store.import({
      folder: `${store.rejectsFolder}-2`,
      rejectsFolder: `${store.rejectsFolder}-3`,
    });
    expect(kinds(third)).toEqual(kinds(again));
    expect(await rows(`${store.rejectsFolder}-3`)).toEqual(await rows(store.rejectsFolder));
  });

  it('replace an accepted row where a clerk decides so, by taking the reason away', async () => {
    const store = await openStore('ngo-a');
    await store.deliver();
    await store.import();
    const path = join(store.rejectsFolder, 'photographs.csv');
    const text = await readFile(path, 'utf8');
    const [head = '', duplicate = ''] = text.split('\r\n');
    expect(duplicate).toContain('DUPLICATE: ');
    await writeFile(path, [head, duplicate.replace(/DUPLICATE: .*? was taken/u, ''), ''].join('\r\n'));
    expect(counts(await importRejects(store))[1]).toEqual(['photographs.csv', 1, 1, 0, 1]);
  });
});

describe('rejected rows of JSON Lines', () => {
  it('are corrected in their lines, also those that were no JSON', async () => {
    const store = await openStore('ngo-b');
    const row = { collection: 'One', facility: 'HO-601', numbers: { detainee: '1' }, name: 'N', person: null };
    const exact = `{ "id": "q-3", "collection": "One", "taken": "2014-02-30", "weight": 1.10, "no": 12345678901234567890 }`;
    await store.write('photographs.jsonl', [
      JSON.stringify({ id: 'q-1', ...row }),
      '{"id": "q-2", "collection": ',
      exact,
      JSON.stringify({ id: 'q-1', ...row, name: 'M' }),
      '[]',
      JSON.stringify({}),
    ]);
    expect(counts(await store.import())).toEqual([['photographs.jsonl', 6, 1, 5, 0]]);
    const lines = (await readFile(join(store.rejectsFolder, 'photographs.jsonl'), 'utf8')).split('\n');
    expect(lines.slice(0, -1).map((line) => JSON.parse(line).amana)).toMatchObject([
      { file: 'photographs.jsonl', line: 2, row: '{"id": "q-2", "collection": ' },
      { line: 3, reason: "NOT_A_DATE: taken: '2014-02-30' is not a date" },
      { line: 4, reason: "DUPLICATE: line 1 has the same number 'q-1'; that one was taken" },
      { line: 5, row: '[]' },
      { line: 6 },
    ]);
    expect(lines[1]).toMatch(/"\},"id": "q-3", .* "weight": 1\.10, "no": 12345678901234567890 \}$/u);
    const before = await store.dump();
    expect(counts(await importRejects(store))).toEqual([['photographs.jsonl', 5, 0, 5, 0]]);
    expect(await store.dump()).toEqual(before);
    const again = await readFile(join(`${store.rejectsFolder}-2`, 'photographs.jsonl'), 'utf8');
    expect(again).toContain('"weight":1.10,"no":12345678901234567890');
    await writeFile(
      join(store.rejectsFolder, 'photographs.jsonl'),
      [
        String(lines[0]).replace(/\}\}$/u, '},"id":"q-2","collection":"One"}'),
        String(lines[1]).replaceAll('02-30', '02-28'),
        String(lines[2]).replace('"id":"q-1"', '"id":"q-4"'),
      ].join('\n'),
    );
    const last = await store.import({ folder: store.rejectsFolder, rejectsFolder: `${store.rejectsFolder}-3` });
    expect(counts(last)).toEqual([['photographs.jsonl', 3, 3, 0, 0]]);
    expect(await store.rows("select written from delivered_rows where reference = 'q-3'")).toEqual([
      { written: expect.objectContaining({ weight: '1.10', no: '12345678901234567890', taken: '2014-02-28' }) },
    ]);
  });
});

describe('the folder of rejected rows', () => {
  const HEADER = 'transfer_no,person,from,to,date,detainee_no,condition';

  it('holds the header and cells as delivered, in UTF-8, whatever they were, also under a mapping', async () => {
    const store = await openStore('ministry');
    const file = join(dirname(store.folder), 'mapping.yaml');
    await writeFile(
      file,
      stringify({
        'custody_transfers.csv': {
          ...{ file: 'نقل.csv', encoding: 'utf-16le', delimiter: 'semicolon' },
          columns: { transfer_no: 'رقم', condition: 'Zustand, "kurz"' },
        },
      }),
    );
    const mapping = readMapping(file, store.delivery, 2026);
    const cells = ['T-1', '', '', '', '31/02/2014', '=1+1', ' a;b "c"\r\nd,e '];
    const line = cells.map((cell) => (/[;"]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(';');
    const head = 'رقم;person;from;to;date;detainee_no;"Zustand, ""kurz"""';
    await store.write('نقل.csv', Buffer.from(`\uFEFF${head}\r\n${line}\r\n7" high;x\r\n`, 'utf16le'));
    expect(counts(await store.import({ mapping }))).toEqual([['نقل.csv', 2, 0, 2, 0]]);
    const bytes = await readFile(join(store.rejectsFolder, 'نقل.csv'));
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [first, second] = table(bytes.toString('utf8'), ';');
    expect(Object.values(first ?? {})).toEqual([
      ...['نقل.csv', '2', "NOT_A_DATE: date: '31/02/2014' is not a date"],
      ...cells,
      '',
    ]);
    expect(second).toMatchObject({ amana_line: '4', amana_row: '7" high;x', رقم: '' });
    await edit(store, 'نقل.csv', ['31/02/2014', '28/02/2014']);
    expect(counts(await importRejects(store, { mapping }))).toEqual([['نقل.csv', 2, 1, 1, 0]]);
    expect(await store.rows('select condition_on_arrival, detainee_number from custody_transfers')).toEqual([
      { condition_on_arrival: cells[6]?.trim(), detainee_number: '=1+1' },
    ]);
  });

  it('can be saved by a spreadsheet in its own delimiter and encoding', async () => {
    const store = await openStore('ministry');
    await store.write('custody_transfers.csv', [HEADER, 'T-1,,,,31/02/2014,1,ضعيف', 'T-2,,,,2014,1,"open']);
    await store.import();
    const path = join(store.rejectsFolder, 'custody_transfers.csv');
    const saved = table(await readFile(path, 'utf8')).map((row) => Object.values(row));
    const names = Object.keys(table(await readFile(path, 'utf8'))[0] ?? {});
    const [first = [], second = []] = saved;
    const cells = second.at(-1)?.replace('"', '').split(',') ?? [];
    const corrected = [
      first.map((cell) => cell.replace('31/02', '28/02')),
      [...second.slice(0, 3), ...cells, second.at(-1)],
    ];
    const text = [names, ...corrected]
      .map((row) => row.map((cell) => `"${cell?.replaceAll('"', '""')}"`).join('\t'))
      .join('\r');
    await writeFile(path, Buffer.from(`\uFEFF${text}`, 'utf16le'));
    expect(counts(await importRejects(store))).toEqual([['custody_transfers.csv', 2, 2, 0, 0]]);
    expect(await store.rows('select reference, condition_on_arrival from custody_transfers order by 1')).toEqual([
      { reference: 'T-1', condition_on_arrival: 'ضعيف' },
      { reference: 'T-2', condition_on_arrival: 'open' },
    ]);
  });

  it('is not there without rejected rows, and holds only files that have some', async () => {
    const store = await openStore('ministry');
    await store.write('custody_transfers.csv', [HEADER, 'T-1,,,,2014,1,']);
    await store.import();
    expect(await readdir(dirname(store.folder))).toEqual(['delivery']);
  });

  it('never takes the place of what is there, and an import that names such a folder changes nothing', async () => {
    const store = await openStore('ministry');
    await store.write('custody_transfers.csv', [HEADER, 'T-1,,,,2014,1,', 'T-2,,,,x,1,']);
    const before = await store.dump();
    const rejectsFolder = `${store.rejectsFolder}-kept`;
    await mkdir(rejectsFolder);
    await copyFile(join(store.folder, 'custody_transfers.csv'), join(rejectsFolder, 'custody_transfers.csv'));
    await expect(store.import({ rejectsFolder })).rejects.toThrow(/holds something already, perhaps corrected rows/u);
    await expect(store.import({ rejectsFolder: store.folder })).rejects.toThrow(/holds something already/u);
    await expect(store.import({ rejectsFolder: join(rejectsFolder, 'custody_transfers.csv') })).rejects.toThrow(
      /is no folder that can be opened/u,
    );
    await expect(store.import({ rejectsFolder: join(store.folder, 'none', 'rejects') })).rejects.toThrow(/ENOENT/u);
    expect(await store.dump()).toEqual(before);
    expect(await readdir(rejectsFolder)).toEqual(['custody_transfers.csv']);
  });

  it('may be an empty one, becomes its owner’s alone, and replaces what a killed import left unfinished', async () => {
    const store = await openStore('ministry');
    await store.write('custody_transfers.csv', [HEADER, 'T-2,,,,x,1,']);
    const rejectsFolder = `${store.rejectsFolder}-empty`;
    await mkdir(rejectsFolder);
    await chmod(rejectsFolder, 0o755);
    await mkdir(`${rejectsFolder}.ministry.unfinished`);
    await writeFile(join(`${rejectsFolder}.ministry.unfinished`, 'custody_transfers.csv'), 'half');
    await store.import({ rejectsFolder });
    expect((await stat(rejectsFolder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(rejectsFolder, 'custody_transfers.csv'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(store.folder))).toEqual(['delivery', 'rejects-empty']);
  });
});
