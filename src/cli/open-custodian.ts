import { type CustodianConfiguration, loadCustodianConfiguration } from '../subgraphs/kit/configuration.ts';
import type { CustodianDefinition } from '../subgraphs/kit/custodian-definition.ts';
import { openStorage } from '../subgraphs/kit/open-storage.ts';
import type { Storage } from '../subgraphs/kit/storage.ts';
import { configurationFileFor } from './configuration-file.ts';
import { UsageError } from './usage-error.ts';

/** A custodian whose database is open for one command of its operator. */
export interface OpenCustodian {
  readonly configuration: CustodianConfiguration;
  readonly definition: CustodianDefinition;
  readonly storage: Storage;
}

/** The configuration file, the demo's by default, and the environment variables (`DATABASE_URL`, `PATH`). */
export interface CustodianOptions {
  readonly config?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Does something with a custodian's database, beside the process that serves it or without one, and closes it again. */
export async function withCustodian<Result>(
  id: string,
  { config, environment = process.env }: CustodianOptions,
  work: (custodian: OpenCustodian) => Promise<Result>,
): Promise<Result> {
  const configuration = configurationOf(id, config);
  const definition = await definitionOf(id);
  const { subgraph, migrations } = definition;
  const storage = await openStorage({
    configuration,
    subgraphs: [subgraph],
    migrations,
    use: 'administer',
    environment,
  });
  try {
    return await work({ configuration, definition, storage });
  } finally {
    await storage.close();
  }
}

/** A custodian's configuration; throws `UsageError` where the file is another custodian's. */
export function configurationOf(id: string, config: string | undefined): CustodianConfiguration {
  const file = configurationFileFor(id, config);
  const configuration = loadCustodianConfiguration(file);
  if (configuration.custodian !== id) {
    throw new UsageError(`${file} is the configuration of ${configuration.custodian}, not of ${id}.`);
  }
  return configuration;
}

/** What a custodian hosts: the Ministry's and the Authority's own subgraphs, or the one that every NGO hosts. */
export async function definitionOf(id: string): Promise<CustodianDefinition> {
  if (id === 'ministry') return (await import('../subgraphs/ministry/custodian.ts')).ministry;
  if (id === 'missing') return (await import('../subgraphs/missing/custodian.ts')).missing;
  return (await import('../subgraphs/ngo/custodian.ts')).ngo;
}
