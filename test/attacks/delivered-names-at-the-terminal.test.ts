import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAmana } from '../cli/run-amana.ts';
import { type CustodianStore, custodianStore } from '../import/custodian-store.ts';
import { writeMinistrySettings } from '../import/ministry-settings.ts';

let store: CustodianStore;
let config: string;
beforeAll(async () => {
  store = await custodianStore('ministry');
  config = join(dirname(store.folder), 'ministry.yaml');
  await writeMinistrySettings(config);
  await store.deliver();
});
afterAll(() => store?.close());

it.each([
  ['the name of a file', 'court_files.csv: { file: "a\\e[2J\\u202Eb.csv" }'],
  ['the name of a column', 'court_files.csv: { columns: { court: "a\\e[2Jb" } }'],
  ['a key', '"court\\e[2J\\u202E.csv": { file: "b.csv" }'],
  ['a key of several lines', '"a\\n  line 9: it is fine": { file: "b.csv" }'],
  ['a word', 'court_files.csv: { values: { sealed: { "x\\e[2J": "y\\e[2J\\u202E" } } }'],
  ['what is no YAML', 'court_files.csv: !\u001B[2J "x'],
])('a mapping file tries to write to the operator’s terminal as it likes: %s', async (_, mapping) => {
  const file = join(dirname(store.folder), 'mapping.yaml');
  await writeFile(file, mapping);
  const { code, stdout, stderr } = await runAmana(
    ['import', 'ministry', store.folder, '--config', config, '--mapping', file],
    { env: store.environment },
  );
  expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u);
  expect(stderr).not.toMatch(/^ {2}line 9: it is fine/mu);
  expect([code, stdout]).toEqual([1, '']);
});
