import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessLog, pseudonym, readAccessLog } from '../../src/subgraphs/kit/access-log.ts';
import { openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { type TemporaryStorage, temporaryStorage } from './temporary-storage.ts';

const logKey = randomBytes(32);
let temporary: TemporaryStorage;
beforeAll(async () => {
  temporary = await temporaryStorage({ custodian: 'missing', subgraph: 'missing' });
});
afterAll(() => temporary.close());

it('keeps who read what for what, as pseudonyms under the custodian’s own key', async () => {
  const { storage } = temporary;
  await accessLog(storage, logKey).append({
    requestId: 'r-1',
    viewer: 'analyst',
    subjectKind: 'USER',
    purpose: 'IDENTIFICATION',
    reference: 'A-17/2026',
    outcome: 'ANSWERED',
    coordinates: ['Query.persons', 'Person.id'],
    withheld: ['Link.person'],
    records: ['missing:abc', 'A-17/2026'],
  });
  const [entry] = await readAccessLog(storage);
  expect(entry).toMatchObject({
    requestId: 'r-1',
    subjectKind: 'USER',
    purpose: 'IDENTIFICATION',
    outcome: 'ANSWERED',
    code: null,
    coordinates: ['Query.persons', 'Person.id'],
    withheld: ['Link.person'],
    viewer: pseudonym(logKey, 'viewer', 'analyst'),
    reference: pseudonym(logKey, 'reference', 'A-17/2026'),
    records: [pseudonym(logKey, 'record', 'missing:abc'), pseudonym(logKey, 'record', 'A-17/2026')],
  });
  const [whole] = await storage.query<{ text: string }>({
    sql: 'select string_agg(to_jsonb(access_log)::text, $1) as text from access_log',
    parameters: [' '],
  });
  for (const plain of ['analyst', 'A-17', 'abc']) expect(whole?.text).not.toContain(plain);
});

it('gives one text different pseudonyms as viewer, reference and record, and under another key', () => {
  const all = (['viewer', 'reference', 'record'] as const).flatMap((kind) =>
    [logKey, randomBytes(32)].map((key) => pseudonym(key, kind, 'x')),
  );
  expect(new Set(all).size).toBe(6);
  for (const one of all) expect(one).toMatch(/^[\w-]{43}$/u);
});

it('has the entry committed when it says so, of every request that appends at the same time', async () => {
  const { storage, request } = temporary;
  const log = accessLog(storage, logKey);
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      log.append({ requestId: `many-${index}`, outcome: 'REFUSED', code: 'UNAUTHENTICATED' }),
    ),
  );
  const other = await openStorage(request);
  try {
    const entries = await readAccessLog(other, { limit: 1000 });
    expect(new Set(entries.map(({ requestId }) => requestId).filter((id) => id?.startsWith('many-'))).size).toBe(100);
  } finally {
    await other.close();
  }
});

it.each(['update access_log set viewer = null', 'delete from access_log', 'truncate access_log'])(
  'is only appended to: %s',
  async (sql) => {
    await expect(temporary.storage.query({ sql, parameters: [] })).rejects.toThrow(/only appended to/u);
  },
);

it('refuses with LOG_UNAVAILABLE where the entry cannot be written', async () => {
  const other = await temporaryStorage({ custodian: 'missing', subgraph: 'missing' });
  const log = accessLog(other.storage, logKey);
  await other.storage.query({ sql: 'alter table access_log rename to elsewhere', parameters: [] });
  await expect(log.append({ outcome: 'ANSWERED' })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  await other.close();
  await expect(log.append({ outcome: 'ANSWERED' })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});
