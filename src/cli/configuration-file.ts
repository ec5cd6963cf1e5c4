import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Where the demo keeps its federation, unless told otherwise; relative to where the command runs. */
export const DEMO_DIRECTORY = join('.amana', 'demo');

/** The configuration file named with --config, or the demo's for this process where there is one; throws `UsageError`. */
export function configurationFileFor(name: string, given: string | undefined): string {
  if (given !== undefined) {
    if (!existsSync(given))
      throw new UsageError(`${given}: there is no such file. Name a configuration file with --config.`);
    return resolve(given);
  }
  const demo = join(DEMO_DIRECTORY, `${name}.yaml`);
  if (existsSync(demo)) return resolve(demo);
  throw new UsageError(
    `Which configuration? Name its file with --config; without it the demo's, ${demo}, is used, but here is none ("amana demo" makes it).`,
  );
}
