import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CustodianStore, custodianStore } from '../import/custodian-store.ts';

let store: CustodianStore;
beforeEach(async () => {
  store = await custodianStore('ministry');
});
afterEach(() => store?.close());

const ANOTHERS = ['file_no,person,court,accused,filed,charge,verdict,sealed', 'X-1,,CT-MFC,somebody,2016,,,no', ''];

it.each([
  ['a link to what is another’s', (place: string, other: string) => symlinkSync(other, place)],
  ['a pipe', (place: string) => execFileSync('mkfifo', [place])],
  ['a folder', (place: string) => mkdirSync(place)],
])('whoever may write to the delivery tries to swap a file for %s while it is imported', async (_, swap) => {
  await store.deliver();
  const before = await store.dump();
  const [place, other] = [join(store.folder, 'court_files.csv'), join(dirname(store.folder), 'another.csv')];
  await writeFile(other, ANOTHERS.join('\n'));
  let isSwapped = false;
  const imported = store.import({
    onProgress: () => {
      if (isSwapped) return;
      isSwapped = true;
      rmSync(place);
      swap(place, other);
    },
  });
  await expect(imported).rejects.toThrow(/court_files\.csv is not a regular file/u);
  expect(isSwapped).toBe(true);
  expect(await store.dump()).toEqual(before);
});
