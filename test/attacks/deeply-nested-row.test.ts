import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CustodianStore, custodianStore } from '../import/custodian-store.ts';

let store: CustodianStore;
beforeEach(async () => {
  store = await custodianStore('ngo-b');
});
afterEach(() => store?.close());

const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const lists = (depth: number): string => `{"id":"P-2","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

it.each([100, 2_000, 100_000])(
  'one row of a delivery, nested %i times, tries to keep all the others from being imported',
  async (depth) => {
    const good = '{"id":"P-1","collection":"C","taken":"2014"}';
    await store.write('photographs.jsonl', [objects(depth), good, lists(depth)]);
    const { files, rejects } = await store.import({ rejectsFolder: join(dirname(store.folder), 'rejects') });
    expect(files).toMatchObject([{ delivered: 3, accepted: 1, rejected: 2 }]);
    expect(rejects.map(({ line, faults }) => [line, ...faults.map(({ kind }) => kind)])).toEqual([
      [1, 'UNREADABLE'],
      [3, 'UNREADABLE'],
    ]);
  },
);
