import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RejectsFolder } from '../../src/subgraphs/kit/import/rejects-folder.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'amana-rejects-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('another custodian’s import into the same folder tries to remove rejected rows, or to have its own published as them', async () => {
  const path = join(directory, 'rejects');
  const [mine, theirs] = [await RejectsFolder.open(path, 'ngo-a'), await RejectsFolder.open(path, 'ngo-b')];
  await mine.write('photographs.csv', '', 'mine');
  await theirs.write('photographs.csv', '', 'theirs');
  await mine.finish();
  const third = await RejectsFolder.open(path, 'ngo-c');
  await third.write('photographs.csv', '', 'a third one’s');
  await third.finish();
  await theirs.finish();
  await third.discard();
  await mine.publish();
  expect(await readFile(join(path, 'photographs.csv'), 'utf8')).toBe('mine');
  await expect(theirs.publish()).rejects.toThrow(/it is .*rejects\.ngo-b\.unfinished\.$/u);
  expect((await readdir(directory)).toSorted()).toEqual(['rejects', 'rejects.ngo-b.unfinished']);
  expect(await readFile(join(`${path}.ngo-b.unfinished`, 'photographs.csv'), 'utf8')).toBe('theirs');
});
