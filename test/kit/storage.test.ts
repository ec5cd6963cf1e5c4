import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/subgraphs/kit/embedded-postgres.ts';
import { labelSetNumber } from '../../src/subgraphs/kit/label-sets.ts';
import { openStorage } from '../../src/subgraphs/kit/open-storage.ts';
import { loadReferenceData, readFacilities } from '../../src/subgraphs/kit/reference-data.ts';
import type { Statement, Storage } from '../../src/subgraphs/kit/storage.ts';
import { asSuperuser, migrationsOf } from './prepared-postgres.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { type TemporaryStorage, fillTable, temporaryStorage } from './temporary-storage.ts';

const statement = (sql: string, ...parameters: unknown[]): Statement => ({ sql, parameters });
const everyTransfer = statement('select id, label_set from custody_transfers order by id');
const transfers = {
  id: "'ministry:' || lpad(n::text, 4, '0')",
  reference: "'CT-' || n",
  sort_key: 'n::text',
  label_set: '1 + n % 3',
};

let temporary: TemporaryStorage;
let storage: Storage;

beforeAll(async () => {
  temporary = await temporaryStorage({ custodian: 'ministry', subgraph: 'ministry' });
  storage = temporary.storage;
  expect(await labelSetNumber(storage.query, ['SEALED'])).toBe(2);
  expect(await labelSetNumber(storage.query, ['FAMILY_FIRST'])).toBe(3);
  await fillTable(storage, 'custody_transfers', 300, transfers);
  await storage.query(
    statement(`insert into links values ('ministry:0001', 'CustodyTransfer', 'psn_1', 3, 'PENDING', 'REGISTER')`),
  );
});
afterAll(() => temporary.close());

describe('reading under row security', () => {
  it('shows nothing hidden where the WHERE was forgotten', async () => {
    const rows = await storage.read<{ label_set: number }>(new Set([1, 3]), everyTransfer);
    expect(rows).toHaveLength(200);
    expect(new Set(rows.map((row) => row.label_set))).toEqual(new Set([1, 3]));
    expect(await storage.read(new Set([1]), statement('select * from custody_transfers where label_set = 2'))).toEqual(
      [],
    );
    expect(await storage.read(new Set([1]), statement('select count(*) as count from custody_transfers'))).toEqual([
      { count: 100 },
    ]);
    expect(await storage.read(new Set([1]), statement('select person from links'))).toEqual([]);
    expect(await storage.read(new Set([3]), statement('select person from links'))).toEqual([{ person: 'psn_1' }]);
  });

  it('is cancelled where nobody waits for it any more, and its connection serves on', async () => {
    const leaving = new AbortController();
    const sleeping = storage.read(new Set([1]), statement('select pg_sleep(4)'), leaving.signal);
    const running = statement(
      `select pid from pg_stat_activity where query like 'select pg_sleep(%' and state = 'active'`,
    );
    await expect.poll(() => storage.query(running)).toHaveLength(1);
    const began = performance.now();
    leaving.abort();
    await expect(sleeping).rejects.toThrow('canceling statement due to user request');
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await storage.query(running)).toEqual([]);
    const transfersSeen = Array.from({ length: 20 }, () => storage.read(new Set([1, 3]), everyTransfer));
    for (const rows of await Promise.all(transfersSeen)) expect(rows).toHaveLength(200);
    await expect(storage.read(new Set([1]), everyTransfer, leaving.signal)).rejects.toThrow('aborted');
  });

  it('shows nothing, and asks nothing, where no label set may be seen', async () => {
    expect(await storage.read(new Set(), statement('this is not even SQL'))).toEqual([]);
  });

  it.each(['grants', 'access_log', 'delivered_rows', 'label_sets', 'kysely_migration'])(
    'cannot read %s',
    async (table) => {
      await expect(storage.read(new Set([1]), statement(`select * from ${table}`))).rejects.toThrow(
        /permission denied/u,
      );
    },
  );

  it('cannot read a link’s notification', async () => {
    await expect(storage.read(new Set([3]), statement('select notification from links'))).rejects.toThrow(
      /permission denied/u,
    );
  });

  it.each([
    'delete from custody_transfers returning id',
    'update custody_transfers set label_set = 1 returning id',
    'create table elsewhere (n integer)',
    `select nextval('label_sets_id_seq')`,
  ])('cannot write: %s', async (sql) => {
    await expect(storage.read(new Set([1, 2, 3]), statement(sql))).rejects.toThrow(/read-only|permission denied/u);
  });

  it('takes one statement only', async () => {
    await expect(storage.read(new Set([1]), statement('reset role; select * from grants'))).rejects.toThrow(
      /multiple commands/u,
    );
    await expect(storage.read(new Set([1]), statement('commit; select * from grants'))).rejects.toThrow(
      /multiple commands/u,
    );
  });

  it('leaves a connection behind that is clean, after success and after each kind of failure', async () => {
    const state =
      statement(`select current_user as role, nullif(current_setting('amana.label_sets', true), '') as sets, current_setting('statement_timeout') as timeout,
      current_setting('transaction_read_only') as read_only`);
    const clean = { role: 'custodian', sets: null, timeout: '0', read_only: 'off' };
    const within = { role: 'amana_reader', sets: '{1,3}', timeout: '5s', read_only: 'on' };
    for (const failing of [
      'select 1 / (n - n) from generate_series(1, 3) as n',
      'select nonsense',
      'not SQL',
      'select 9223372036854775807',
    ]) {
      expect(await storage.read(new Set([1, 3]), state)).toEqual([within]);
      await expect(storage.read(new Set([1, 3]), statement(failing))).rejects.toThrow(Error);
      await expect(storage.read(new Set([1, 3]), statement(failing))).rejects.toThrow(Error);
      expect(await Promise.all(Array.from({ length: 20 }, () => storage.query(state)))).toEqual(
        Array.from({ length: 20 }, () => [clean]),
      );
    }
    expect(await storage.read(new Set([2]), statement('select count(*) as count from custody_transfers'))).toEqual([
      { count: 100 },
    ]);
  });

  it.each([-1, 0, 1.5, Number.NaN])('refuses %d as the number of a label set', async (number) => {
    await expect(storage.read(new Set([1, number]), everyTransfer)).rejects.toThrow(TypeError);
  });

  it('never mixes sessions that read at the same time', async () => {
    const sets = Array.from({ length: 200 }, (_, index) => 1 + (index % 3));
    const answers = await Promise.all(
      sets.map((set) => storage.read<{ label_set: number }>(new Set([set]), everyTransfer)),
    );
    answers.forEach((rows, index) => {
      expect(rows).toHaveLength(100);
      expect(rows.every((row) => row.label_set === sets[index])).toBe(true);
    });
  });

  it('gives counts as numbers, days as they are written, instants as dates', async () => {
    const sql = `select 12::bigint as count, date '2014-03-05' as day, array[date '2014-03-05', date '2014-03-06'] as days, timestamptz '2024-01-01T00:00:00Z' as at`;
    expect(await storage.read(new Set([1]), statement(sql))).toEqual([
      { count: 12, day: '2014-03-05', days: ['2014-03-05', '2014-03-06'], at: new Date('2024-01-01') },
    ]);
  });
});

describe('every custodian’s row rules', () => {
  it.each([
    ['ministry', 'ministry'],
    ['missing', 'missing'],
    ['ngo-a', 'ngo'],
  ] as const)(
    '%s: whatever the reader may select is under forced row security, or reference data',
    async (custodian, subgraph) => {
      const other = await temporaryStorage({ custodian, subgraph });
      try {
        const open = await other.storage.query<{ relname: string }>(
          statement(`select relname from pg_class
          where relkind in ('r', 'p', 'v', 'm') and relnamespace = 'public'::regnamespace and has_any_column_privilege('amana_reader', oid, 'select')
            and not (relrowsecurity and relforcerowsecurity) order by 1`),
        );
        expect(open.map(({ relname }) => relname)).toEqual(['facilities', 'facility_names', 'governorates']);
        const writable = await other.storage.query(
          statement(`select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
          and (has_table_privilege('amana_reader', oid, 'insert, update, delete, truncate, trigger') or relowner = 'amana_reader'::regrole)`),
        );
        expect(writable).toEqual([]);
      } finally {
        await other.close();
      }
    },
  );
});

it('closes once, however often it is told to, and then answers nothing', async () => {
  const opened = await openStorage(temporary.request);
  await Promise.all([opened.close(), opened.close()]);
  await expect(opened.query(statement('select 1'))).rejects.toThrow(Error);
});

describe('transactions', () => {
  it('hold together or not at all', async () => {
    const count = async (): Promise<unknown> =>
      storage.query(statement(`select count(*) as count from governorates where code like 'T%'`));
    const add = (code: string): Statement => statement('insert into governorates values ($1, $2, $3)', code, 'x', 'y');
    await storage.transaction(async (query) => {
      await query(add('T1'));
      expect(await count()).toEqual([{ count: 0 }]);
    });
    expect(await count()).toEqual([{ count: 1 }]);
    const given = storage.transaction(async (query) => {
      await query(add('T2'));
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    expect(await count()).toEqual([{ count: 1 }]);
    const swallowed = storage.transaction(async (query) => {
      await query(add('T3'));
      await query(add('T3')).catch(() => {});
    });
    await expect(swallowed).rejects.toThrow(/none of it was kept/u);
    expect(await count()).toEqual([{ count: 1 }]);
  });
});

describe('opening', () => {
  it('asks for DATABASE_URL where it is missing, and says so where nothing answers there', async () => {
    const { request } = temporary;
    await expect(openStorage({ ...request, environment: {} })).rejects.toThrow(
      /set the environment variable DATABASE_URL/u,
    );
    const nowhere = { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' };
    await expect(openStorage({ ...request, environment: nowhere })).rejects.toThrow(
      /cannot be reached: .*ECONNREFUSED/u,
    );
  });

  it('runs each migration once, also where two open at once, and lets a failing one leave nothing behind', async () => {
    const again = await Promise.all([1, 2, 3].map(() => openStorage(temporary.request)));
    await Promise.all(again.map((opened) => opened.close()));
    const { directory, remove } = await temporaryDirectory();
    try {
      await cp(migrationsOf('ministry'), directory, { recursive: true });
      // Those in code find the kit from where they are; they have been run.
      for (const code of ['005-roman-names.ts', '030-label-set-first.ts', '040-keys-by-label-set.ts'])
        await writeFile(join(directory, code), 'export const up = async () => {};');
      await writeFile(join(directory, '003-good.sql'), 'create table kept (n integer)');
      await writeFile(join(directory, '004-bad.sql'), 'create table half (n integer); select nonsense');
      const opening = openStorage({ ...temporary.request, migrations: pathToFileURL(directory) });
      await expect(opening).rejects.toThrow(/migration 1-own\/004-bad\): column "nonsense" does not exist/u);
      expect(await storage.query(statement(`select to_regclass('kept') as kept, to_regclass('half') as half`))).toEqual(
        [{ kept: null, half: null }],
      );
    } finally {
      await remove();
    }
  });

  it('gives the keys of a database of an earlier version an index that begins with the label set, and a new one no other', async () => {
    const indexes = () =>
      storage.query<{ indexname: string; indexdef: string }>(
        statement(`select indexname, indexdef from pg_indexes where schemaname = 'public' order by indexname`),
      );
    const now = await indexes();
    const ofKeys = now.filter(({ indexdef }) => indexdef.endsWith('COLLATE "C")')).map(({ indexname }) => indexname);
    expect(ofKeys).toEqual(expect.arrayContaining(['custody_transfers_by_reference', 'links_by_record_id']));
    await storage.query(statement(`drop index ${ofKeys.join(', ')}`));
    await storage.query(
      statement(`alter table links drop constraint links_pkey,
        add primary key (record_id) include (label_set, person, record_type)`),
    );
    await storage.query(statement(`delete from kysely_migration where name = '1-own/040-keys-by-label-set'`));
    await (await openStorage(temporary.request)).close();
    expect(await indexes()).toEqual(now);
  });

  it('fills nothing into its migrations that is not an id', async () => {
    const configuration = { ...temporary.request.configuration, custodian: "x'); drop table grants --" };
    await expect(openStorage({ ...temporary.request, configuration })).rejects.toThrow(/lower-case letters/u);
  });
});

describe('on a server of its own', () => {
  let server: EmbeddedPostgres;
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;

  beforeAll(async () => {
    place = await temporaryDirectory();
    server = await openEmbeddedPostgres(place.directory, 'serve', process.env['PATH'] ?? '');
  });
  afterAll(async () => {
    await server.close();
    await place.remove();
  });

  const open = (user: string, database: string): Promise<Storage> => {
    const { host, port, password } = server.connection;
    const DATABASE_URL = `postgres://${user}:${password}@${host}:${port}/${database}`;
    const configuration = { custodian: 'ministry', storage: { kind: 'database' as const } };
    return openStorage({
      configuration,
      subgraphs: ['ministry'],
      migrations: migrationsOf('ministry'),
      use: 'serve',
      environment: { DATABASE_URL },
    });
  };

  it('makes the reading role where its own may make roles, gives up clearly where it may not, and reads nothing where it cannot take it', async () => {
    await asSuperuser(server, [
      `create role maker login createrole password '${server.connection.password}'`,
      `create role poor login password '${server.connection.password}'`,
      'create database made owner maker',
      'create database unmade owner poor',
    ]);
    await expect(open('poor', 'unmade')).rejects.toThrow(/permission denied to (create|grant) role/u);
    const made = await open('maker', 'made');
    try {
      await fillTable(made, 'custody_transfers', 3, { ...transfers, label_set: '1' });
      expect(await made.read(new Set([1]), everyTransfer)).toHaveLength(3);
      expect(await made.read(new Set([2]), everyTransfer)).toHaveLength(0);
      await asSuperuser(server, ['revoke amana_reader from maker cascade']);
      await expect(made.read(new Set([1]), everyTransfer)).rejects.toThrow(/permission denied to set role/u);
    } finally {
      await made.close();
    }
  });

  it('migrates three fresh databases at once', async () => {
    const names = ['first', 'second', 'third'];
    await asSuperuser(
      server,
      names.map((name) => `create database ${name}`),
    );
    const opened = await Promise.all(names.map((name) => open(server.connection.user, name)));
    for (const each of opened) expect(await each.read(new Set([1]), everyTransfer)).toEqual([]);
    await Promise.all(opened.map((each) => each.close()));
  });

  it('does not let a superuser’s login past row security, nor past the reader’s rights', async () => {
    await asSuperuser(server, ['create database super']);
    const made = await open(server.connection.user, 'super');
    try {
      expect(await made.query(statement('select rolsuper from pg_roles where rolname = current_user'))).toEqual([
        { rolsuper: true },
      ]);
      await labelSetNumber(made.query, ['SEALED']);
      await fillTable(made, 'custody_transfers', 10, { ...transfers, label_set: '1 + n % 2' });
      expect(await made.query(everyTransfer)).toHaveLength(10);
      expect(await made.read(new Set([1]), everyTransfer)).toHaveLength(5);
      const prepared = statement('select id from custody_transfers where id >= $1', '');
      for (let repeated = 0; repeated < 10; repeated += 1) {
        expect(await made.query(prepared)).toHaveLength(10);
        expect(await made.read(new Set([1]), prepared)).toHaveLength(5);
      }
      await expect(made.read(new Set([1]), statement('select * from grants'))).rejects.toThrow(/permission denied/u);
    } finally {
      await made.close();
    }
  });

  it('refuses a database that cannot search Arabic text', async () => {
    await asSuperuser(server, [
      `create database mute template template0 encoding 'UTF8' locale_provider libc locale 'C'`,
    ]);
    await expect(open(server.connection.user, 'mute')).rejects.toThrow(/cannot search Arabic text.*C\.UTF-8/u);
  });

  it('refuses a database that orders text otherwise than other custodians do', async () => {
    await asSuperuser(server, [
      `create database english template template0 encoding 'UTF8' locale_provider icu icu_locale 'en' locale 'C.UTF-8'`,
    ]);
    await expect(open(server.connection.user, 'english')).rejects.toThrow(/orders text as a language.*C\.UTF-8/u);
  });
});

describe('label sets', () => {
  it('are one number per distinct set of hiding labels, whoever asks and however often', async () => {
    const asked = Array.from({ length: 30 }, (_, index) =>
      labelSetNumber(
        storage.query,
        index % 2 ? ['CONSENT_LIMITED', 'COORDINATED'] : ['COORDINATED', 'GRAPHIC', 'CONSENT_LIMITED', 'COORDINATED'],
      ),
    );
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(await labelSetNumber(storage.query, [])).toBe(1);
    expect(await labelSetNumber(storage.query, ['GRAPHIC'])).toBe(1);
  });
});

describe('reference data', () => {
  it('is loaded from the files, and loading it again changes nothing', async () => {
    const folder = new URL('../../data', import.meta.url).pathname;
    await loadReferenceData(storage.query, folder);
    const once = await readFacilities(storage);
    await loadReferenceData(storage.query, folder);
    expect(await readFacilities(storage)).toEqual(once);
    expect(once).toHaveLength(19);
    expect(once.find(({ code }) => code === 'BR-235')).toEqual({
      code: 'BR-235',
      nameEn: 'Branch 235',
      nameAr: 'فرع 235',
      agency: 'MILITARY_INTELLIGENCE',
      kind: 'SECURITY_BRANCH',
      governorate: 'SY01',
      aliases: ['Palestine Branch', 'فرع فلسطين'],
    });
  });
});
