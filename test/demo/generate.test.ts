import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveriesWritten, generateDeliveries } from '../../src/demo/generate/generate-deliveries.ts';
import { attachImages } from '../../src/subgraphs/kit/images/attach-images.ts';
import { runAmana } from '../cli/run-amana.ts';
import { type CustodianStore, custodianStore } from '../import/custodian-store.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';

const SIZE = { people: 200, photographs: 1_400, seed: 1, images: 5 };
const CUSTODIANS = ['ministry', 'missing', 'ngo-a', 'ngo-b'] as const;

let folder: string;
let written: DeliveriesWritten;
let remove: () => Promise<void>;
beforeAll(async () => {
  const temporary = await temporaryDirectory();
  remove = temporary.remove;
  folder = join(temporary.directory, 'deliveries');
  written = await generateDeliveries({ ...SIZE, folder });
});
afterAll(() => remove());

async function withFolder<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const temporary = await temporaryDirectory();
  try {
    return await work(temporary.directory);
  } finally {
    await temporary.remove();
  }
}

/** The digest of each file of a folder, by its path. */
async function digests(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => [
    file.slice(directory.length),
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(pairs));
}

const text = async (file: string): Promise<string> => (await readFile(join(folder, file))).toString('utf8');

describe('generated deliveries', () => {
  it('are the same bytes for the same size and seed, and others for another seed', async () => {
    await withFolder(async (directory) => {
      await generateDeliveries({ ...SIZE, folder: join(directory, 'again') });
      await generateDeliveries({ ...SIZE, folder: join(directory, 'other'), seed: 2 });
      const first = await digests(folder);
      expect(Object.keys(first)).toHaveLength(14 + SIZE.images);
      expect(await digests(join(directory, 'again'))).toEqual(first);
      const other = await digests(join(directory, 'other'));
      const alike = Object.keys(first).filter((file) => other[file] === first[file]);
      expect(alike).toEqual(['/ngo-a/collections.csv']);
    });
  });

  it('have as many photographs and bodies as were asked for, whatever the numbers', async () => {
    for (const [people, photographs] of [
      [1, 0],
      [3, 1],
      [7, 500],
    ] as const) {
      await withFolder(async (directory) => {
        const { files } = await generateDeliveries({
          ...{ people, photographs, seed: 3, images: 0 },
          folder: directory,
        });
        const good = (file: string) =>
          files.filter((one) => one.file === file).reduce((sum, { rows, faulty }) => sum + rows - faulty, 0);
        expect(good('bodies.csv')).toBe(people);
        expect(good('photographs.csv') + good('photographs.jsonl')).toBe(photographs);
      });
    }
  });

  it('are written as the organisations write', async () => {
    const reports = await text('missing/reports.csv');
    expect(reports.startsWith('\uFEFFreport_no,')).toBe(true);
    expect(reports).toContain('\r\n');
    expect(reports).toContain('detainee.\nFamily');
    expect(reports).toMatch(/[٠-٩]{2}\/[٠-٩]{2}\/[٠-٩]{4}/u);
    expect(await text('ministry/death_certificates.csv')).toMatch(/^certificate_no;person;name/u);
    const courts = iconv.decode(await readFile(join(folder, 'ministry/court_files.csv')), 'windows-1256');
    expect(courts).toContain('محكمة الميدان العسكرية');
    expect(await text('ngo-a/bodies.csv')).toMatch(/,[٠-٩]{3,4},/u);
    expect(JSON.parse((await text('ngo-b/photographs.jsonl')).split('\n', 1)[0] ?? '')).toHaveProperty(
      'numbers.detainee',
    );
  });

  it('are refused a folder that is not empty', async () => {
    await expect(generateDeliveries({ ...SIZE, folder })).rejects.toThrow(/is not empty/u);
  });
});

describe('a generated delivery is imported', () => {
  const stores = new Map<string, CustodianStore>();
  beforeAll(async () => {
    for (const custodian of CUSTODIANS) stores.set(custodian, await custodianStore(custodian));
  });
  afterAll(async () => {
    for (const store of stores.values()) await store.close();
  });
  const store = (custodian: string): CustodianStore => stores.get(custodian)!;

  it.each(CUSTODIANS)('at %s but for exactly the rows that are said to be faulty', async (custodian) => {
    const { files } = await store(custodian).import({ folder: join(folder, custodian) });
    const told = written.files.filter((file) => file.custodian === custodian);
    const expected = told.map(({ file, rows, faulty }) => ({
      ...{ file, delivered: rows, accepted: rows - faulty, rejected: faulty, superseded: 0 },
    }));
    expect(files).toHaveLength(expected.length);
    expect(files).toMatchObject(
      expected.toSorted((a, b) => order(custodian).indexOf(a.file) - order(custodian).indexOf(b.file)),
    );
    const faulty = told.reduce((sum, file) => sum + file.faulty, 0);
    expect(faulty).toBeGreaterThan(0);
  });

  const order = (custodian: string): string[] => store(custodian).delivery.files.map(({ file }) => file);

  it('with images that are what their lists say', async () => {
    const { storage, delivery } = store('ngo-a');
    const { images } = delivery;
    if (!images) throw new Error('photographs have images');
    const report = await attachImages({
      ...{ storage, images, folder: join(folder, 'ngo-a'), secret: randomBytes(32), workers: 1 },
    });
    expect(report).toMatchObject({ attached: SIZE.images, mismatched: 0, refused: 0 });
  });

  it('and the register speaks of records and persons that the others have', async () => {
    const links = await store('missing').rows<{ record: string; person: string }>(
      "select record_reference as record, person from register_links where linked_custodian = 'ngo-a'",
    );
    const numbers = new Set(
      (await store('ngo-a').rows<{ reference: string }>('select reference from depicted_bodies')).map(
        ({ reference }) => reference,
      ),
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ record }) => !numbers.has(record))).toEqual([]);
    const known = new Set(links.map(({ person }) => person));
    for (const custodian of ['ministry', 'ngo-b']) {
      const persons = await store(custodian).rows<{ person: string }>('select person from links');
      expect(persons.length).toBeGreaterThan(5);
      expect(persons.filter(({ person }) => !known.has(person))).toEqual([]);
    }
  });

  it('and a person’s certificate, transfer and body agree', async () => {
    const [{ together } = { together: 0 }] = await store('ministry').rows<{ together: number }>(
      `select count(*) as together from death_certificates c join custody_transfers t
        on split_part(c.reference, '/', 2) = ltrim(substring(t.reference from 3), '0')`,
    );
    expect(together).toBeGreaterThan(50);
    const transfers = await store('ministry').rows<{ person: string; number: string; place: string }>(
      `select l.person, t.detainee_number as number, t.to_facility as place from custody_transfers t join links l on l.record_id = t.id`,
    );
    const linked = await store('missing').rows<{ person: string; record: string }>(
      "select person, record_reference as record from register_links where linked_custodian = 'ngo-a'",
    );
    const bodies = new Map(
      (
        await store('ngo-a').rows<{ reference: string; number: string; place: string }>(
          'select reference, detainee_number as number, facility as place from depicted_bodies',
        )
      ).map(({ reference, ...body }) => [reference, body]),
    );
    expect(transfers.length).toBeGreaterThan(10);
    for (const { person, ...transfer } of transfers) {
      const record = linked.find((link) => link.person === person)?.record ?? '';
      expect(bodies.get(record)).toEqual(transfer);
    }
  });
});

describe('amana demo generate', () => {
  it('works from any directory, reports in JSON, and refuses to write over what is there', async () => {
    await withFolder(async (directory) => {
      const words = ['demo', 'generate', '--people', '20', '--photographs', '90', '--json', 'here'];
      const { code, stdout, stderr } = await runAmana(words, { cwd: directory });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ people: 20, photographs: 90, seed: 1, images: 0 });
      expect((await readdir(join(directory, 'here'))).sort()).toEqual([...CUSTODIANS]);
      expect(await runAmana(words, { cwd: directory })).toMatchObject({ code: 2, stdout: '' });
    });
  });

  it('says what it does and takes no nonsense', async () => {
    expect((await runAmana(['demo', 'generate', '--help'])).stdout).toContain('--photographs <number>');
    const { code, stderr } = await runAmana(['demo', 'generate', '--people', 'many', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('It is a whole number from 1');
  });
});
