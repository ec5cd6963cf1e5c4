import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Delivery } from '../../src/subgraphs/kit/import/delivery.ts';
import {
  type ImportReport,
  type ImportRequest,
  importDelivery,
} from '../../src/subgraphs/kit/import/import-delivery.ts';
import type { Storage } from '../../src/subgraphs/kit/storage.ts';
import { delivery as ministryDelivery } from '../../src/subgraphs/ministry/delivery.ts';
import { delivery as missingDelivery } from '../../src/subgraphs/missing/delivery.ts';
import { delivery as ngoDelivery } from '../../src/subgraphs/ngo/delivery.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';
import { temporaryStorage } from '../kit/temporary-storage.ts';

export const DATA = fileURLToPath(new URL('../../data', import.meta.url));

/** The clock of these tests, in milliseconds since 1970. */
export const NOW = Date.UTC(2026, 10, 23);

const CUSTODIANS = {
  ministry: { subgraph: 'ministry', delivery: ministryDelivery },
  missing: { subgraph: 'missing', delivery: missingDelivery },
  'ngo-a': { subgraph: 'ngo', delivery: ngoDelivery },
  'ngo-b': { subgraph: 'ngo', delivery: ngoDelivery },
} as const;

/** A custodian with an empty database, and a folder of its own to deliver from. */
export interface CustodianStore {
  readonly custodian: keyof typeof CUSTODIANS;
  readonly delivery: Delivery;
  readonly storage: Storage;
  /** The environment variables with which another process reaches the same database. */
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Where the last import's rejected rows are, a file for each delivered one. */
  readonly rejectsFolder: string;
  /** Copies the files that the custodian really delivered, all or those named. */
  deliver(...files: string[]): Promise<void>;
  /** Writes a file of the delivery: a text, or lines. */
  write(file: string, content: string | Buffer | readonly string[]): Promise<void>;
  /** Replaces a text in a delivered file, which must be there. */
  correct(file: string, was: string, is: string): Promise<void>;
  import(options?: Partial<ImportRequest>): Promise<ImportReport>;
  rows<Row = Record<string, unknown>>(sql: string, ...parameters: unknown[]): Promise<Row[]>;
  /** Everything that is in the database. */
  dump(): Promise<Record<string, unknown[]>>;
  close(): Promise<void>;
}

/** Opens a custodian's store for a test. */
export async function custodianStore(custodian: keyof typeof CUSTODIANS): Promise<CustodianStore> {
  const { subgraph, delivery } = CUSTODIANS[custodian];
  const { directory, remove } = await temporaryDirectory();
  const { storage, request, close } = await temporaryStorage({ custodian, subgraph });
  const { environment } = request;
  const folder = join(directory, 'delivery');
  const rejectsFolder = join(directory, 'rejects');
  await mkdir(folder);
  const rows = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => storage.query<Row>({ sql, parameters });
  const write: CustodianStore['write'] = (file, content) =>
    writeFile(join(folder, file), Array.isArray(content) ? `${content.join('\n')}\n` : String(content));
  return {
    ...{ custodian, delivery, storage, environment, folder, rejectsFolder, rows },
    write: async (file, content) =>
      Buffer.isBuffer(content) ? writeFile(join(folder, file), content) : write(file, content),
    deliver: async (...files) => {
      const from = join(DATA, 'deliveries', custodian);
      const delivered = await readdir(from);
      const known = delivery.files.map(({ file }) => file).filter((file) => delivered.includes(file));
      for (const file of files.length > 0 ? files : known) await copyFile(join(from, file), join(folder, file));
    },
    correct: async (file, was, is) => {
      const text = await readFile(join(folder, file), 'utf8');
      if (!text.includes(was)) throw new Error(`${file} does not hold ${was}`);
      await writeFile(join(folder, file), text.replace(was, is));
    },
    import: async (options = {}) => {
      if (!('rejectsFolder' in options)) await rm(rejectsFolder, { recursive: true, force: true });
      return importDelivery({
        storage,
        custodian,
        delivery,
        folder,
        referenceFolder: DATA,
        rejectsFolder,
        now: () => NOW,
        ...options,
      });
    },
    dump: async () => {
      const tables = await rows<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = 'public' order by 1",
      );
      const dumped = tables.map(async ({ name }) => [
        name,
        await rows(`select to_jsonb(t) as row from "${name}" t order by to_jsonb(t)::text`),
      ]);
      return Object.fromEntries(await Promise.all(dumped));
    },
    close: async () => {
      await close();
      await remove();
    },
  };
}
