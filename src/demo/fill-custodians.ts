import { join } from 'node:path';
import { type OpenCustodian, withCustodian } from '../cli/open-custodian.ts';
import { attachImages } from '../subgraphs/kit/images/attach-images.ts';
import { readImageKeeping } from '../subgraphs/kit/images/open-media.ts';
import { readPinnedKeys, readSigningKey } from '../protocol/read-keys.ts';
import { importDelivery } from '../subgraphs/kit/import/import-delivery.ts';
import { heldLinks } from '../subgraphs/kit/links/held-links.ts';
import { importLinks } from '../subgraphs/kit/links/import-links.ts';
import { exportLinks } from '../subgraphs/missing/export-links.ts';
import { DEMO_CUSTODIANS, type DemoCustodian } from './demo-custodians.ts';
import { type DemoTerm, giveDemoGrants } from './give-demo-grants.ts';
import type { Preparation } from './prepare-custodians.ts';
import { configurationFile } from './write-configuration.ts';

const READERS = ['ministry', 'ngo-a', 'ngo-b'] as const;

/**
 * Fills the custodians' databases: imports the deliveries and gives the demo's grants, then brings the
 * Authority's links to the others. Doing it again changes nothing. Nothing else may serve the custodians meanwhile.
 */
export async function fillCustodians(preparation: Preparation, term: DemoTerm): Promise<void> {
  const { directory, environment, signal } = preparation;
  const work = workOn(directory, environment);
  await all(
    DEMO_CUSTODIANS.map(({ id }) =>
      work(id, async (custodian) => {
        signal.throwIfAborted();
        await importFiles(custodian, preparation);
        await giveDemoGrants(custodian, term);
      }),
    ),
  );
  signal.throwIfAborted();
  await exchangeAllLinks(directory, environment);
}

/** Brings the Authority's links to the others. Nothing else may serve the custodians meanwhile. */
export async function exchangeAllLinks(directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const work = workOn(directory, environment);
  await work('missing', (authority) =>
    all(READERS.map((id) => work(id, (reader) => exchangeLinks(authority, reader)))),
  );
}

const workOn =
  (directory: string, environment: NodeJS.ProcessEnv) =>
  <Result>(id: DemoCustodian['id'], step: (custodian: OpenCustodian) => Promise<Result>): Promise<Result> =>
    withCustodian(id, { config: configurationFile(directory, id), environment }, step);

/** Waits for all, so that no database is still open when one has failed. */
async function all(steps: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(steps)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function importFiles(
  { configuration, definition, storage }: OpenCustodian,
  { data, onProgress }: Preparation,
): Promise<void> {
  const { custodian } = configuration;
  const { delivery } = definition;
  const folder = join(data, 'deliveries', custodian);
  const { files } = await importDelivery({ storage, custodian, delivery, folder, referenceFolder: data });
  for (const { file, delivered, accepted, rejected } of files) {
    onProgress(
      `${custodian} imported ${file}: ${delivered} rows delivered, ${accepted} accepted, ${rejected} rejected`,
    );
  }
  const { images } = delivery;
  if (!images) return;
  const { attached, mismatched, missing, refused } = await attachImages({
    ...{ storage, images, folder },
    ...readImageKeeping(configuration),
  });
  onProgress(
    `${custodian} images: ${attached} attached, ${mismatched} mismatched, ${refused} refused, ${missing} not in the delivery`,
  );
}

/** What `amana links held`, `export` and `import` do, one after the other. */
async function exchangeLinks(authority: OpenCustodian, reader: OpenCustodian): Promise<void> {
  const { linkRegister: kept } = authority.configuration;
  const { linkRegister: read, custodian } = reader.configuration;
  if (kept.role !== 'keeper' || read.role !== 'reader')
    throw new Error('The link register is kept by the Authority and read by the others.');
  const { storage, definition } = reader;
  const { delivery } = definition;
  const held = await heldLinks({ storage, custodian, delivery });
  const key = await readSigningKey(kept.signingKeyFile);
  const { jws } = await exportLinks({ storage: authority.storage, custodian, held, signer: { ...key, now: Date.now } });
  await importLinks({ storage, custodian, delivery, keys: readPinnedKeys(read.keysFile), jws, now: Date.now });
}
