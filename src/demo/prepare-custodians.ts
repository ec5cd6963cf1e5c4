import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type OpenCustodian, withCustodian } from '../cli/open-custodian.ts';
import { readPinnedKeys, readSigningKey } from '../cli/read-keys.ts';
import { importDelivery } from '../subgraphs/kit/import/import-delivery.ts';
import { heldLinks } from '../subgraphs/kit/links/held-links.ts';
import { importLinks } from '../subgraphs/kit/links/import-links.ts';
import { exportLinks } from '../subgraphs/missing/export-links.ts';
import { DEMO_CUSTODIANS, type DemoCustodian } from './demo-custodians.ts';
import { DEMO_GRANTS } from './demo-grants.ts';
import { TERM, giveDemoGrants } from './give-demo-grants.ts';
import { DASHBOARD, PEOPLE } from './people.ts';
import { configurationFile } from './write-configuration.ts';

/** Where the federation is prepared, and who is told and may stop it. */
export interface Preparation {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

const DATA = fileURLToPath(new URL('../../data', import.meta.url));
const READERS = ['ministry', 'ngo-a'] as const;
const RENEW_BEFORE = 30 * 86_400_000;

const Prepared = z.strictObject({ of: z.string(), until: z.number() });

/**
 * Imports the deliveries, exchanges the links between the Authority and the others, and gives the demo's grants: while
 * no custodian runs. Doing it again changes nothing, and is left out where nothing it is made from has changed since.
 */
export async function prepareCustodians({ directory, environment, onProgress, signal }: Preparation): Promise<void> {
  const file = join(directory, 'prepared.json');
  const of = digestOfInput();
  if (isPrepared(file, of)) return;
  const work = <Result>(
    id: DemoCustodian['id'],
    step: (custodian: OpenCustodian) => Promise<Result>,
  ): Promise<Result> => withCustodian(id, { config: configurationFile(directory, id), environment }, step);

  await Promise.all(
    DEMO_CUSTODIANS.map(({ id }) =>
      work(id, async (custodian) => {
        signal.throwIfAborted();
        await importFiles(custodian, onProgress);
        await giveDemoGrants(custodian, Date.now());
      }),
    ),
  );
  await work('missing', (authority) =>
    Promise.all(READERS.map((id) => work(id, (reader) => exchangeLinks(authority, reader, signal)))),
  );
  writeFileSync(file, JSON.stringify({ of, until: Date.now() + TERM - RENEW_BEFORE }), { mode: 0o600 });
}

async function importFiles(
  { configuration, definition, storage }: OpenCustodian,
  onProgress: (line: string) => void,
): Promise<void> {
  const { custodian } = configuration;
  const { files } = await importDelivery({
    storage,
    custodian,
    delivery: definition.delivery,
    folder: join(DATA, 'deliveries', custodian),
    referenceFolder: DATA,
  });
  for (const { file, delivered, accepted, rejected } of files) {
    onProgress(
      `${custodian} imported ${file}: ${delivered} rows delivered, ${accepted} accepted, ${rejected} rejected`,
    );
  }
}

/** What `amana links held`, `export` and `import` do, one after the other. */
async function exchangeLinks(authority: OpenCustodian, reader: OpenCustodian, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
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

/** A digest of all that is prepared: delivered files, reference lists, people and grants. */
function digestOfInput(): string {
  const digest = createHash('sha256').update(JSON.stringify([PEOPLE, DASHBOARD, DEMO_GRANTS]));
  const files = DEMO_CUSTODIANS.flatMap(({ id }) =>
    readdirSync(join(DATA, 'deliveries', id)).map((name) => join('deliveries', id, name)),
  );
  for (const name of [...files, 'facilities.csv', 'governorates.csv'].filter((name) => name.endsWith('.csv'))) {
    digest.update(`\0${name}\0`).update(readFileSync(join(DATA, name)));
  }
  return digest.digest('base64url');
}

function isPrepared(file: string, of: string): boolean {
  try {
    const prepared = Prepared.parse(JSON.parse(readFileSync(file, 'utf8')));
    return prepared.of === of && prepared.until > Date.now();
  } catch {
    return false; // not yet, or not to the end
  }
}
