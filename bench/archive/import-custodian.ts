import { giveDemoGrants } from '../../src/demo/give-demo-grants.ts';
import { withCustodian } from '../../src/cli/open-custodian.ts';
import { attachImages } from '../../src/subgraphs/kit/images/attach-images.ts';
import { readImageKeeping } from '../../src/subgraphs/kit/images/open-media.ts';
import { importDelivery } from '../../src/subgraphs/kit/import/import-delivery.ts';
import { runningPostgres } from '../../src/subgraphs/kit/postgres-process.ts';
import { processorSeconds } from './processor-seconds.ts';

/** What one custodian's import came to, as this process prints it when it ends. */
export interface ImportMeasured {
  readonly files: readonly {
    readonly file: string;
    readonly delivered: number;
    readonly rejected: number;
    readonly rowsPerSecond: number;
  }[];
  readonly rows: number;
  readonly rejected: number;
  /** Of the whole import, settling of labels and links and statistics included. */
  readonly seconds: number;
  /** User and system time of the importing process and of its PostgreSQL; undefined where the system does not tell. */
  readonly processor: { readonly importer: number; readonly postgres: number | undefined };
  /** The most memory that the importing process ever had, in bytes, before images. */
  readonly peakMemory: number;
  readonly images: { readonly attached: number; readonly seconds: number } | undefined;
  readonly databaseBytes: number;
}

const DAY = 86_400_000;

// A process of its own, as `amana import` is, so that its memory is that of one import and nothing else.
const [custodian = '', config = '', folder = '', reference = ''] = process.argv.slice(2);
const environment = process.env;
const measured = await withCustodian(custodian, { config, environment }, async (open): Promise<ImportMeasured> => {
  const { storage, definition, configuration } = open;
  const { delivery } = definition;
  if (configuration.storage.kind !== 'embedded') throw new Error('the measurement needs an embedded PostgreSQL');
  const server = runningPostgres(`${configuration.storage.directory}/data`);
  const before = server && processorSeconds([server.pid]);
  const usedBefore = process.cpuUsage();
  const began = performance.now();
  const { files } = await importDelivery({ storage, custodian, delivery, folder, referenceFolder: reference });
  const seconds = secondsSince(began);
  const { user, system } = process.cpuUsage(usedBefore);
  const after = server && processorSeconds([server.pid]);
  const peakMemory = process.resourceUsage().maxRSS * 1_024;
  const sum = (of: 'delivered' | 'rejected') => files.reduce((total, file) => total + file[of], 0);
  const images = await measureImages();
  await giveDemoGrants(open, { until: new Date(Date.now() + DAY), atLeast: new Date() });
  const [size] = await storage.query<{ bytes: number }>({
    sql: 'select pg_database_size(current_database()) as bytes',
    parameters: [],
  });
  return {
    files: files.map(({ file, delivered, rejected, rowsPerSecond }) => ({ file, delivered, rejected, rowsPerSecond })),
    ...{ rows: sum('delivered'), rejected: sum('rejected'), seconds, peakMemory, images },
    processor: {
      importer: (user + system) / 1e6,
      postgres: before === undefined || after === undefined ? undefined : after - before,
    },
    databaseBytes: size?.bytes ?? 0,
  };

  async function measureImages(): Promise<ImportMeasured['images']> {
    const { images: records } = delivery;
    const start = performance.now();
    if (!records) return undefined;
    const { attached } = await attachImages({
      ...{ storage, images: records, folder },
      ...readImageKeeping(configuration),
    });
    return attached === 0 ? undefined : { attached, seconds: secondsSince(start) };
  }
});
process.stdout.write(JSON.stringify(measured));

function secondsSince(start: number): number {
  return (performance.now() - start) / 1_000;
}
