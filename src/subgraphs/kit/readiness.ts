import { type MigrationPlan, isUpToDate } from './migrate.ts';
import type { ProviderKeys } from './provider-keys.ts';
import type { Storage } from './storage.ts';

/** Whether a custodian can answer: what keeps it from that, and what is wrong without keeping it. */
export interface Readiness {
  readonly failed: readonly string[];
  readonly degraded: readonly string[];
}

/** What readiness is made of; `now` is milliseconds since 1970. */
export interface ReadinessParts {
  readonly storage: Storage;
  readonly plan: MigrationPlan;
  readonly provider: ProviderKeys;
  readonly now: () => number;
}

const REMEMBERED = 1_000;
const PATIENCE = 5_000;

/** Answers whether the custodian is ready, found out once at a time and at most once a second, whoever asks how often. */
export function readinessCheck(parts: ReadinessParts): () => Promise<Readiness> {
  const { now } = parts;
  let last: Promise<Readiness> | undefined;
  let knownAt: number | undefined;
  return () => {
    const isOld = knownAt !== undefined && Math.abs(now() - knownAt) >= REMEMBERED;
    if (last && !isOld) return last;
    knownAt = undefined;
    last = check(parts).finally(() => (knownAt = now()));
    return last;
  };
}

async function check({ storage, plan, provider }: ReadinessParts): Promise<Readiness> {
  const [database, keys] = await Promise.all([
    holds(storage.query({ sql: 'select', parameters: [] }).then(() => true)),
    provider.check(),
  ]);
  const [migrations, log] = database
    ? await Promise.all([holds(isUpToDate(storage.query, plan)), holds(canLog(storage))])
    : [true, true];
  const failed = { database, migrations, 'access log': log, 'provider keys': keys.known };
  const degraded = { 'provider keys': !keys.known || keys.readable };
  return { failed: namesOf(failed), degraded: namesOf(degraded) };
}

const namesOf = (checks: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(checks)
    .filter(([, passed]) => !passed)
    .map(([name]) => name);

const holds = (check: Promise<boolean>): Promise<boolean> =>
  Promise.race([
    check.catch(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE).unref()),
  ]);

/** Whether an entry could be written: it is, and taken back. Its id is none of the log's, which would have gaps otherwise. */
async function canLog({ transaction }: Storage): Promise<boolean> {
  const tried = new Error('tried');
  await transaction(async (query) => {
    await query({
      sql: `insert into access_log (id, outcome) overriding system value values (-1, 'REFUSED')`,
      parameters: [],
    });
    throw tried;
  }).catch((error: unknown) => {
    if (error !== tried) throw error;
  });
  return true;
}
