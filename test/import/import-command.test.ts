import { execFile } from 'node:child_process';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AMANA, type Outcome, runAmana } from '../cli/run-amana.ts';
import { type CustodianStore, DATA, custodianStore } from './custodian-store.ts';
import { writeMinistrySettings } from './ministry-settings.ts';

let store: CustodianStore;
let config: string;
beforeEach(async () => {
  store = await custodianStore('ministry');
  config = join(dirname(store.folder), 'ministry.yaml');
  await writeMinistrySettings(config);
});
afterEach(() => store.close());

const amana = (folder: string, ...words: string[]): Promise<Outcome> =>
  runAmana(['import', 'ministry', folder, '--config', config, ...words], { env: store.environment });

it('says in JSON of each file how many rows were delivered, accepted, rejected and superseded', async () => {
  await store.deliver();
  const first = await amana(store.folder, '--json');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const { files } = JSON.parse(first.stdout);
  expect(files).toMatchObject([
    { file: 'death_certificates.csv', delivered: 589, accepted: 588, rejected: 1, superseded: 0 },
    { file: 'custody_transfers.csv', delivered: 360, accepted: 360, rejected: 0, superseded: 0 },
    { file: 'court_files.csv', delivered: 222, accepted: 222, rejected: 0, superseded: 0 },
  ]);
  await store.correct('custody_transfers.csv', '18/03/2015,4844,unconscious', '18/03/2015,4845,weak');
  await store.correct('custody_transfers.csv', '\nT-00003,', '\n,');
  const { stdout } = await amana(store.folder, '--json');
  expect(JSON.parse(stdout).files[1]).toMatchObject({ delivered: 360, accepted: 359, rejected: 1, superseded: 1 });
});

describe('by the commands that the README names', () => {
  it('rejected rows are corrected and imported again, and nothing is printed of what they say', async () => {
    await store.deliver();
    const first = await amana(store.folder, '--rejects', store.rejectsFolder);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Rejected: death_certificates.csv, line 22: CONTRADICTION in died');
    expect(first.stdout).toContain(`All rejected rows, with reasons: ${store.rejectsFolder}. Correct them there`);
    const again = await amana(store.folder, '--rejects', store.rejectsFolder);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^amana: .* holds something already, perhaps corrected rows\./u);
    const path = join(store.rejectsFolder, 'death_certificates.csv');
    const lines = (await readFile(path, 'utf8')).split('\r\n');
    const row = lines[1]?.split(';') ?? [];
    row[7] = '';
    await writeFile(path, [lines[0], row.join(';'), ''].join('\r\n'));
    const last = await amana(store.rejectsFolder, '--rejects', `${store.rejectsFolder}-2`, '--json');
    expect(last.stderr).toBe('');
    expect(JSON.parse(last.stdout)).toMatchObject({
      files: [{ file: 'death_certificates.csv', delivered: 1, accepted: 1, rejected: 0 }],
      absent: ['custody_transfers.csv', 'court_files.csv'],
    });
    expect(await store.rows('select count(*) as n from death_certificates')).toEqual([{ n: 589 }]);
    expect((await readdir(dirname(store.folder))).toSorted()).toEqual(['delivery', 'ministry.yaml', 'rejects']);
  });

  it('the mapping that the configuration names is used, and another where the command names one', async () => {
    await copyFile(join(DATA, 'mapping-example.yaml'), join(dirname(config), 'mapping.yaml'));
    await writeMinistrySettings(config, { mapping: 'mapping.yaml' });
    await store.write('transfers.csv', [
      'ID,person,Origin,Destination,Day of transfer,Number,Remarks,Escort',
      'T-1,,,,2015,1,,',
    ]);
    const first = await amana(store.folder, '--json');
    expect(first.stderr).toBe('');
    expect(JSON.parse(first.stdout)).toMatchObject({
      files: [{ file: 'transfers.csv', accepted: 1 }],
      notImported: [],
    });
    const other = join(dirname(config), 'other.yaml');
    await writeFile(other, 'custody_transfers.csv:\n  columns:\n    date: ID\n    form: Origin\n  dates: [never]\n');
    const second = await amana(store.folder, '--mapping', other);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      /^amana: .*other\.yaml: 2 faults\n {2}line 4: custody_transfers\.csv\.columns\.form: .*\n {2}line 5: custody_transfers\.csv\.dates\.0: .*\n$/u,
    );
    expect(await amana(store.folder, '--mapping', 'none.yaml')).toMatchObject({
      code: 1,
      stderr: 'amana: none.yaml: cannot be read. Name a mapping file with --mapping.\n',
    });
  });
});

it.runIf(process.platform === 'linux')('shows on a terminal how far it is, and on none nothing', async () => {
  await store.deliver();
  const words = ['-qec', `"${AMANA}" import ministry "${store.folder}" --config "${config}"`, '/dev/null'];
  const shown = await new Promise<string>((resolve) => {
    execFile('script', words, { env: { ...process.env, ...store.environment } }, (_, stdout) => resolve(stdout));
  });
  expect(shown).toContain('\r\u001B[K');
  expect(shown).toMatch(/\d+ % {2}death_certificates\.csv: 589 rows/u);
  expect(shown).toContain('DELIVERED');
  expect((await amana(store.folder)).stderr).toBe('');
});
