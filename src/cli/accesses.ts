import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { PERSON_ID } from '../protocol/links-export.ts';
import { readSecrets } from '../protocol/read-configuration.ts';
import type { AccessLogQuestion } from '../subgraphs/kit/access-log-question.ts';
import type { Storage } from '../subgraphs/kit/storage.ts';
import { accessesAsJson, describeAccesses } from './describe-accesses.ts';
import { withExamples } from './describe-command.ts';
import { count, custodianId, since, text, until } from './parse-arguments.ts';
import type { OpenCustodian } from './open-custodian.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly record?: string;
  readonly viewer?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly refusals?: boolean;
  readonly images?: boolean;
  readonly before?: number;
  readonly limit?: number;
  readonly config?: string;
  readonly json?: boolean;
}

const SHOWN = 50;

/** `amana accesses`: who looked at a custodian's records, out of its own access log. */
export function addAccessesCommand(program: Command): void {
  const command = program
    .command('accesses')
    .description(
      "Shows who looked, out of the custodian's own access log, newest first. Viewers, references and records stand there " +
        'under pseudonyms; who holds or held a grant here is shown by name.',
    )
    .argument('<custodian>', 'the custodian whose records they are', custodianId)
    .option(
      '--record <id>',
      "entries with this record: its id, your own reference as delivered, or a person's link id",
      text,
    )
    .option('--viewer <subject>', 'entries of this subject (sub) of an access token', text)
    .option('--since <when>', 'from a day (UTC), a moment, or so long ago: 2026-11-01, 2026-11-01T10:00Z, 7d', since)
    .option('--until <when>', 'up to the end of a day, to before a moment, or to so long ago', until)
    .option('--refusals', 'only what was refused')
    .option('--images', 'only downloads of images')
    .option('--limit <n>', `at most so many entries; ${SHOWN} in a table, all of them with --json`, count)
    .option('--before <entry>', 'only entries older than this one: the next page', count)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print one JSON object a line, with whole pseudonyms and coordinates')
    .action(async (custodian: string, options: Options) => {
      refuseEmptySpan(options);
      const { accessLogPages, summariseAccessLog } = await import('../subgraphs/kit/access-log.ts');
      const { holdersByPseudonym } = await import('../subgraphs/kit/holders.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      await withCustodian(custodian, options, async (opened) => {
        const { storage, configuration, definition } = opened;
        const logKeys = readSecrets(configuration.secrets.logKeyFile);
        const question = await questionOf(opened, options, logKeys);
        const surroundings = {
          holders: await holdersByPseudonym(storage, logKeys),
          downloads: definition.delivery.images?.coordinate,
        };
        const { before, json = false, limit = json ? Infinity : SHOWN } = options;
        const entries = accessLogPages(storage, { ...question, ...(before !== undefined && { before }) }, limit);
        await print(
          json
            ? accessesAsJson(entries, surroundings)
            : describeAccesses(entries, surroundings, await summariseAccessLog(storage, question)),
        );
      });
    });
  withExamples(
    command,
    'accesses ngo-a --since 7d',
    'accesses ngo-a --record ngo-a:0b9c6a1e-5f0d-4b51-9d8e-0c5a3f1b7e42',
    'accesses ministry --viewer analyst --since 2026-11-01 --json > november.jsonl',
  );
}

/** What is asked for, by the pseudonyms that stand for it in the log. */
async function questionOf(
  { storage, configuration: { custodian }, definition: { delivery } }: OpenCustodian,
  { record, viewer, since, until, refusals = false, images = false }: Options,
  logKeys: readonly Buffer[],
): Promise<AccessLogQuestion> {
  const { pseudonym } = await import('../subgraphs/kit/access-log.ts');
  const under = (kind: 'viewer' | 'record', texts: readonly string[]): string[] =>
    logKeys.flatMap((key) => texts.map((text) => pseudonym(key, kind, text)));
  const downloads = delivery.images?.coordinate;
  if (images && downloads === undefined) throw new UsageError(`--images: ${custodian} has no images.`);
  return {
    ...(record !== undefined && { records: under('record', await idsOf(storage, custodian, record)) }),
    ...(viewer !== undefined && { viewer: under('viewer', [viewer]) }),
    ...(since && { since }),
    ...(until && { until }),
    refusals,
    ...(images && downloads !== undefined && { downloads }),
  };
}

/** As fast as it is read, to its end or for as long as somebody reads. */
async function print(lines: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(lines, process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

function refuseEmptySpan({ since, until }: Options): void {
  if (since && since.getTime() > Date.now()) throw new UsageError('--since lies in the future: nobody has looked yet.');
  if (since && until && since >= until)
    throw new UsageError('--since is not before --until: between them there is no time.');
}

/** The ids that a record is logged under: itself, or those of the records delivered under a reference of the custodian's. */
async function idsOf(storage: Storage, custodian: string, asked: string): Promise<readonly string[]> {
  if (asked.startsWith(`${custodian}:`) || PERSON_ID.test(asked)) return [asked];
  const rows = await storage.query<{ id: string }>({
    sql: 'select distinct record_id as id from delivered_rows where reference = $1',
    parameters: [asked],
  });
  if (rows.length > 0) return rows.map(({ id }) => id);
  throw new UsageError(
    `--record: this is neither an id of ${custodian}'s (${custodian}:…), nor a reference that it delivered, nor a link id (psn_…).`,
  );
}
