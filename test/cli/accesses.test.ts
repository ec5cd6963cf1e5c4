import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecret } from '../../src/protocol/read-configuration.ts';
import { grant } from '../../src/subgraphs/kit/grants.ts';
import { accessLog } from '../../src/subgraphs/kit/access-log.ts';
import { attachImages } from '../../src/subgraphs/kit/images/attach-images.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { chequered, digestOf } from '../images/pictures.ts';
import { type CustodianProcess, type ServedCustodian, servedCustodian } from '../kit/served-custodian.ts';

const DAY = 86_400_000;
const LIST = '{ photographs { nodes { id image { url } } } }';

let custodian: ServedCustodian;
let running: CustodianProcess;
let link: string;

const give = (subject: string, organisation: string) =>
  grant(custodian.storage, {
    ...{
      subject,
      organisation,
      subjectKind: 'USER',
      recipientKind: 'NAMED_ORGANISATIONS',
      purposes: ['IDENTIFICATION'],
    },
    ...{ scopes: ['ngo:registered', 'ngo:imagery'], until: new Date(Date.now() + DAY), reason: 'a test' },
    grantedBy: 'the test',
  });

/** One photograph with an image, and one that nobody looks at. */
async function fill(): Promise<void> {
  const { storage, directory } = custodian;
  const content = await chequered('jpeg');
  const write = (sql: string, ...parameters: unknown[]) => storage.query({ sql, parameters });
  const record = `'PRELIMINARY', 1, '{}', '1'`;
  await write(
    `insert into collections (id, reference, title, review_status, label_set, labels, sort_key) values ('ngo-a:c', 'C-1', 'C', ${record})`,
  );
  await write(
    `insert into photographs (id, reference, collection, sha256, review_status, label_set, labels, sort_key)
      values ('ngo-a:p1', 'P-1', 'ngo-a:c', $1, ${record})`,
    digestOf(content),
  );
  await write(
    `insert into photograph_originals (id, reference, label_set, labels, path) values ('o', 'P-1', 1, '{}', '1.jpg')`,
  );
  await write(
    `insert into delivered_rows (file, line, reference, digest, written, record_id) values ('photographs.csv', 2, 'P-1', '', '{}', 'ngo-a:p1')`,
  );
  await mkdir(join(directory, 'images'));
  await writeFile(join(directory, 'images', '1.jpg'), content);
  const { images } = ngo.delivery;
  if (!images) throw new Error('photographs have images');
  const secret = readSecret(join(directory, 'image.secret'));
  expect(await attachImages({ storage, images, folder: directory, secret, workers: 1 })).toMatchObject({ attached: 1 });
}

interface Shown {
  readonly id: number;
  readonly at: string;
  readonly viewer: string | null;
  readonly holder: { subject: string; subjectKind: string; organisations: string[] } | null;
  readonly purpose: string | null;
  readonly reference: string | null;
  readonly code: string | null;
  readonly records: string[];
  readonly coordinates: string[];
  readonly image: boolean;
}

const asked = async (...words: string[]): Promise<Shown[]> => {
  const { code, stdout, stderr } = await custodian.amana('accesses', '--json', ...words);
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

beforeAll(async () => {
  custodian = await servedCustodian('ngo-a', 'ngo');
  await fill();
  await give('analyst', 'commission');
  await give('ياسمين', 'لجنة');
  running = await custodian.start();
  const { body } = await running.ask(LIST, { reference: 'A-17/2026' });
  link = new URL(body.data.photographs.nodes[0].image.url).pathname;
  expect((await fetch(`${running.url}${link}`)).status).toBe(200);
  await running.ask(LIST, { as: 'ياسمين' });
  await running.ask('{ photographs(first: 1000) { totalCount } }');
  await running.ask('{ collections { totalCount } }', { as: 'a stranger' });
});
afterAll(() => custodian?.close());

describe('who looked', () => {
  it('is told by name where the viewer holds a grant, and never otherwise', async () => {
    const { code, stdout, stderr } = await custodian.amana('accesses');
    expect([code, stderr]).toEqual([0, '']);
    const [headings, ...lines] = stdout.trimEnd().split('\n');
    expect(headings).toMatch(/^ENTRY +TIME +WHO +FOR +PURPOSE +FILE +OUTCOME +RECORDS +FIELDS +WITHHELD$/u);
    const cells = lines.slice(0, -1).map((line) => line.split(/ {2,}/u));
    expect(
      cells.map(([, , who, organisation, purpose, , outcome, records]) => [
        who,
        organisation,
        purpose,
        outcome,
        records,
      ]),
    ).toEqual([
      [expect.stringMatching(/^[\w-]{10}…$/u), '-', 'IDENTIFICATION', 'ANSWERED', '0'],
      ['analyst', 'commission', 'IDENTIFICATION', 'PAGE_TOO_LARGE', '0'],
      ['ياسمين', 'لجنة', 'IDENTIFICATION', 'ANSWERED', '1'],
      ['analyst', 'commission', 'IDENTIFICATION', 'ANSWERED (image)', '1'],
      ['analyst', 'commission', 'IDENTIFICATION', 'ANSWERED', '1'],
    ]);
    expect(lines.at(-1)).toMatch(/^5 entries, from \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ to .*Z\.$/u);
    expect(stdout).not.toMatch(/stranger|A-17/u);
  });

  it('is found by a record’s id and by the custodian’s own reference for it', async () => {
    const byId = await asked('--record', 'ngo-a:p1');
    expect(byId.map(({ holder }) => holder?.subject)).toEqual(['ياسمين', 'analyst', 'analyst']);
    expect(await asked('--record', 'P-1')).toEqual(byId);
    expect(await asked('--record', 'ngo-a:never-read')).toEqual([]);
    expect((await custodian.amana('accesses', '--record', 'ngo-a:never-read')).stdout).toBe(
      'There are no such entries.\n',
    );
  });

  it('is found by a subject, who may hold no grant', async () => {
    expect(await asked('--viewer', 'analyst')).toHaveLength(3);
    const [stranger, ...others] = await asked('--viewer', 'a stranger');
    expect([stranger?.holder, others]).toEqual([null, []]);
    expect(stranger?.viewer).toMatch(/^[\w-]{43}$/u);
  });

  it('is found by refusals and by downloads of images', async () => {
    expect((await asked('--refusals')).map(({ code }) => code)).toEqual(['PAGE_TOO_LARGE']);
    const downloads = await asked('--images');
    expect(downloads.map(({ image, coordinates }) => [image, coordinates])).toEqual([[true, ['Photograph.image']]]);
    expect((await asked()).filter(({ image }) => image)).toEqual(downloads);
  });

  it('is found by when, of which both ends may be left open', async () => {
    const all = await asked();
    const today = new Date().toISOString().slice(0, 10);
    for (const words of [
      ['--since', '1d'],
      ['--since', today],
      ['--until', today],
      ['--since', '2020-01-01T00:00Z'],
    ])
      expect(await asked(...words)).toEqual(all);
    expect(await asked('--until', '1d')).toEqual([]);
    const middle = all[2]!.at;
    expect([...(await asked('--since', middle)), ...(await asked('--until', middle))]).toEqual(all);
  });

  it('is shown page by page, whatever is logged meanwhile', async () => {
    const all = await asked();
    const first = await custodian.amana('accesses', '--limit', '2');
    const next = /5 entries, .* 2 shown; for older ones, if any: --before (\d+)\n$/u.exec(first.stdout)?.[1];
    expect(next).toBe(String(all[1]!.id));
    await running.ask('{ photographs(first: 0) { totalCount } }');
    expect(await asked('--before', next!)).toEqual(all.slice(2));
    expect(await asked('--before', next!, '--limit', '2')).toEqual(all.slice(2, 4));
  });

  it('can be asked for under an earlier log key, too', async () => {
    const before = await asked('--record', 'ngo-a:p1');
    const old = readSecret(join(custodian.directory, 'log.secret'));
    const fresh = randomBytes(32);
    custodian.writeSecrets('log', fresh, old);
    await accessLog(custodian.storage, fresh).append({ viewer: 'analyst', outcome: 'ANSWERED', records: ['ngo-a:p1'] });
    const after = await asked('--record', 'ngo-a:p1');
    expect(after.slice(1)).toEqual(before);
    expect(after[0]).toMatchObject({ holder: { subject: 'analyst' } });
    expect(after[0]?.viewer).not.toBe(before[1]?.viewer);
    custodian.writeSecrets('log', old);
  });
});

describe('what cannot be asked is refused with a sentence that says what to do', () => {
  it.each([
    [
      ['--since', 'yesterday'],
      'Give a day such as 2026-11-01, a moment such as 2026-11-01T10:00Z, or how long ago, such as 7d',
    ],
    [['--since', '2026-02-30'], 'Give a day such as 2026-11-01'],
    [['--since', '2026-02-30T10:00Z'], 'Give a day such as 2026-11-01'],
    [['--since', '0d'], 'Give a day such as 2026-11-01'],
    [['--since', '2999-01-01'], '--since lies in the future'],
    [['--since', '1d', '--until', '2d'], '--since is not before --until'],
    [['--limit', '0'], 'Give a number from 1'],
    [['--before', 'x'], 'Give a number from 1'],
    [['--record', 'ngo-b:p1'], 'this is neither an id of ngo-a'],
    [['--viewer', ' '], 'It must not be empty'],
  ])('%j', async (words, sentence) => {
    const { code, stdout, stderr } = await custodian.amana('accesses', ...words);
    expect(stderr).toContain(sentence);
    expect([code, stdout]).toEqual([2, '']);
  });
});

it('a long log is read through to its end, and as far as somebody reads', async () => {
  const { storage } = custodian;
  // All in the same moment, as rows of one statement are.
  await storage.query({
    sql: `insert into access_log (outcome, viewer) select 'ANSWERED', 'somebody' from generate_series(1, 2500)`,
    parameters: [],
  });
  const ids = (await asked()).map(({ id }) => id);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(ids.length).toBeGreaterThan(2500);
  const file = join(custodian.directory, 'head');
  const { runAmana, AMANA } = await import('./run-amana.ts');
  const script = `"${AMANA}" accesses ngo-a --json --config "${custodian.configuration}" | head -1 > "${file}"`;
  const { stderr } = await runAmana(['-c', script], { command: '/bin/sh', env: custodian.environment });
  expect(stderr).toBe('');
  expect(readFileSync(file, 'utf8')).toMatch(/^\{.*\}\n$/u);
});
