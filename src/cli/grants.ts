import type { Command } from 'commander';
import type { Grant } from '../subgraphs/kit/grants.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { custodianId, text } from './parse-arguments.ts';

interface Options {
  readonly subject?: string;
  readonly inForce?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

const DAY = 86_400_000;
const SOON = 30 * DAY;

/** `amana grants`: whom a custodian lets see what, and until when. */
export function addGrantsCommand(program: Command): void {
  const command = program
    .command('grants')
    .description('Lists whom a custodian lets see what: grants in force (! lapses within 30 days), lapsed and revoked.')
    .argument('<custodian>', 'the custodian', custodianId)
    .option('--subject <id>', "one subject's grants only", text)
    .option('--in-force', 'only grants in force')
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print one JSON array, with reasons and who granted')
    .action(async (custodian: string, options: Options) => {
      const { listGrants } = await import('../subgraphs/kit/grants.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const { subject, inForce = false } = options;
      const grants = await withCustodian(custodian, options, ({ storage }) =>
        listGrants(storage, { ...(subject !== undefined && { subject }), inForceOnly: inForce }),
      );
      const now = Date.now();
      process.stdout.write(
        options.json
          ? `${JSON.stringify(
              grants.map((grant) => ({ ...grant, state: stateOf(grant, now) })),
              null,
              2,
            )}\n`
          : grants.length === 0
            ? `${custodian} has given no such grants.\n`
            : formatTable(
                HEADINGS,
                grants.map((grant) => rowOf(grant, now)),
              ),
      );
    });
  withExamples(command, 'grants ngo-a', 'grants ministry --subject analyst --json');
}

const HEADINGS = ['STATE', 'UNTIL', 'SUBJECT', 'FOR', 'SCOPES', 'CLEARS', 'PURPOSES', 'ID'];

function stateOf({ from, until, revokedAt }: Grant, now: number): string {
  if (revokedAt) return 'revoked';
  if (until.getTime() <= now) return 'lapsed';
  return (from?.getTime() ?? 0) > now ? 'not yet' : 'in force';
}

function rowOf(grant: Grant, now: number): readonly (readonly string[])[] {
  const state = stateOf(grant, now);
  const soon = state === 'in force' && grant.until.getTime() - now < SOON;
  return [
    [soon ? 'in force !' : state],
    [grant.until.toISOString().slice(0, 10)],
    [grant.subjectKind === 'CLIENT' ? `${grant.subject} (client)` : grant.subject],
    [grant.organisation],
    grant.scopes,
    grant.clears.length === 0 ? ['-'] : grant.clears,
    grant.purposes,
    [grant.id],
  ];
}
