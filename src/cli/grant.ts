import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { LABELS, type Label, RECIPIENT_KINDS, type RecipientKind } from '../protocol/labels.ts';
import { PURPOSES, type Purpose } from '../protocol/purposes.ts';
import { withExamples } from './describe-command.ts';
import { custodianId, endOfTerm, text, wordOf, words, wordsOf } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly subject: string;
  readonly client?: boolean;
  readonly organisation: string;
  readonly recipient: RecipientKind;
  readonly scopes: readonly string[];
  readonly clears?: readonly Label[];
  readonly purposes: readonly Purpose[];
  readonly until: Date;
  readonly reason: string;
  readonly by: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `amana grant`: lets somebody see something of one custodian's records, for some purposes, until some day. */
export function addGrantCommand(program: Command): void {
  const command = program
    .command('grant')
    .description(
      "Lets somebody see a custodian's records, in force at once. One grant must carry all that a value needs.",
    )
    .argument('<custodian>', 'the custodian whose records they are', custodianId)
    .requiredOption('--subject <id>', 'who: the subject (sub) of their access token', text)
    .option('--client', 'the subject is a client, such as a dashboard, with nobody behind it')
    .requiredOption('--organisation <id>', 'for which organisation they work', text)
    .requiredOption(
      '--recipient <kind>',
      `what kind of recipient that is: ${RECIPIENT_KINDS.join(', ')}`,
      wordOf(RECIPIENT_KINDS),
    )
    .requiredOption(
      '--scopes <list>',
      'what they may see, separated by commas: ministry:registered,ministry:identifying',
      words,
    )
    .option('--clears <list>', `labels on records that are cleared for them: ${LABELS.join(', ')}`, wordsOf(LABELS))
    .requiredOption('--purposes <list>', `for what: ${PURPOSES.join(', ')}`, wordsOf(PURPOSES))
    .requiredOption('--until <day>', 'the last day (UTC), or a moment such as 2027-06-30T12:00:00Z', endOfTerm)
    .requiredOption('--reason <text>', 'why, for whoever reviews the grants', text)
    .option('--by <name>', 'who grants it', text, userInfo().username)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print { "id": … }')
    .action(async (custodian: string, options: Options) => {
      if (options.until.getTime() <= Date.now())
        throw new UsageError('--until lies in the past: such a grant would give nothing.');
      const { grant } = await import('../subgraphs/kit/grants.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const { refuseUnknownScopes } = await import('./refuse-unknown-scopes.ts');
      const { subject, organisation, until, reason } = options;
      const id = await withCustodian(custodian, options, ({ storage, definition }) => {
        refuseUnknownScopes(definition, options.scopes);
        return grant(storage, {
          subject,
          subjectKind: options.client ? 'CLIENT' : 'USER',
          organisation,
          recipientKind: options.recipient,
          scopes: [...options.scopes],
          clears: [...(options.clears ?? [])],
          purposes: [...options.purposes],
          until,
          reason,
          grantedBy: options.by,
        });
      });
      process.stdout.write(options.json ? `${JSON.stringify({ id })}\n` : `Granted: ${id}\n`);
    });
  withExamples(
    command,
    'grant ministry --subject analyst --organisation commission --recipient NAMED_ORGANISATIONS \\\n' +
      '      --scopes ministry:registered,ministry:identifying --purposes IDENTIFICATION \\\n' +
      '      --until 2027-06-30 --reason "Request 17/2026 of the commission"',
  );
}
