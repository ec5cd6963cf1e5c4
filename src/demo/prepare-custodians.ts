import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DEMO_CUSTODIANS } from './demo-custodians.ts';
import { DEMO_GRANTS } from './demo-grants.ts';
import { DASHBOARD, PEOPLE } from './people.ts';

/** Where the federation is prepared, from which data, and who is told and may stop it. */
export interface Preparation {
  readonly directory: string;
  /** The folder with `deliveries/<custodian>` and the reference lists. */
  readonly data: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

const DATA = fileURLToPath(new URL('../../data', import.meta.url));
const DAY = 86_400_000;
const [TERM, RENEWED_BEFORE_ITS_END] = [365 * DAY, 30 * DAY];

const Prepared = z.strictObject({ of: z.string(), renewAt: z.number() });

/**
 * Imports the deliveries, exchanges the links between the Authority and the others, and gives the demo's grants, for a
 * year: while no custodian runs. Left out where that was done and nothing it is made from has changed since.
 */
export async function prepareCustodians(preparation: Omit<Preparation, 'data'>): Promise<void> {
  const file = join(preparation.directory, 'prepared.json');
  const of = digestOfInput();
  const now = Date.now();
  if (isPrepared(file, of, now)) return;
  // The kit takes up 100 MB in this process, which needs it the first time only.
  const { fillCustodians } = await import('./fill-custodians.ts');
  const term = { until: new Date(now + TERM), atLeast: new Date(now + RENEWED_BEFORE_ITS_END) };
  await fillCustodians({ ...preparation, data: DATA }, term);
  writeFileSync(file, JSON.stringify({ of, renewAt: now + TERM - RENEWED_BEFORE_ITS_END }), { mode: 0o600 });
}

/** A digest of all that is prepared: delivered files, reference lists, people and grants. */
function digestOfInput(): string {
  const digest = createHash('sha256').update(JSON.stringify([PEOPLE, DASHBOARD, DEMO_GRANTS]));
  const deliveries = DEMO_CUSTODIANS.map(({ id }) => join('deliveries', id));
  for (const folder of ['.', ...deliveries]) {
    for (const name of readdirSync(join(DATA, folder)).filter((entry) => /\.(?:csv|jsonl)$/u.test(entry))) {
      digest.update(`\0${folder}/${name}\0`).update(readFileSync(join(DATA, folder, name)));
    }
  }
  return digest.digest('base64url');
}

function isPrepared(file: string, of: string, now: number): boolean {
  try {
    const prepared = Prepared.parse(JSON.parse(readFileSync(file, 'utf8')));
    return prepared.of === of && prepared.renewAt > now;
  } catch {
    return false; // not yet, or not to the end
  }
}
