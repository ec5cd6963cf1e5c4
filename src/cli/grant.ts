import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { LABELS, type Label, RECIPIENT_KINDS, type RecipientKind } from '../protocol/labels.ts';
import { PURPOSES, type Purpose } from '../protocol/purposes.ts';
import { askAtTerminal } from './ask-at-terminal.ts';
import { withExamples } from './describe-command.ts';
import { custodianId, endOfTerm, text, wordOf, words, wordsOf } from './parse-arguments.ts';

interface Options {
  readonly subject: string;
  readonly client?: boolean;
  readonly organisation: string;
  readonly recipient: RecipientKind;
  readonly scopes: readonly string[];
  readonly clears?: readonly Label[];
  readonly purposes?: readonly Purpose[];
  readonly until?: Date;
  readonly reason?: string;
  readonly by: string;
  readonly config?: string;
  readonly json?: boolean;
}

const LONGEST_YEARS = 2;

/** `amana grant`: lets somebody see something of one custodian's records, for some purposes, until some day. */
export function addGrantCommand(program: Command): void {
  const command = program
    .command('grant')
    .description(
      "Lets somebody see a custodian's records, in force at once. One grant must carry all that a value needs. " +
        'In a terminal it asks for purposes, end and reason where they are not given.',
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
    .option('--purposes <list>', `for what: ${PURPOSES.join(', ')}`, wordsOf(PURPOSES))
    .option('--until <day>', 'the last day (UTC), or a moment such as 2027-06-30T12:00:00Z', endOfGrant)
    .option('--reason <text>', 'why, for whoever reviews the grants', text)
    .option('--by <name>', 'who grants it', text, userInfo().username)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print { "id": … }')
    .action(async (custodian: string, options: Options) => {
      const { grant } = await import('../subgraphs/kit/grants.ts');
      const { configurationOf, definitionOf, withCustodian } = await import('./open-custodian.ts');
      const { refuseExcess } = await import('./refuse-excess.ts');
      const { subject, organisation, scopes, clears = [] } = options;
      configurationOf(custodian, options.config);
      refuseExcess(custodian, await definitionOf(custodian), { organisation, scopes, clears });
      const terms = await completeTerms(options);
      const id = await withCustodian(custodian, options, ({ storage }) =>
        grant(storage, {
          ...{ subject, organisation, ...terms },
          subjectKind: options.client ? 'CLIENT' : 'USER',
          recipientKind: options.recipient,
          scopes: [...scopes],
          clears: [...clears],
          grantedBy: options.by,
        }),
      );
      process.stdout.write(options.json ? `${JSON.stringify({ id })}\n` : `Granted: ${id}\n`);
    });
  withExamples(
    command,
    'grant ministry --subject analyst --organisation commission --recipient NAMED_ORGANISATIONS \\\n' +
      '      --scopes ministry:registered,ministry:identifying --purposes IDENTIFICATION \\\n' +
      '      --until 2027-06-30 --reason "Request 17/2026 of the commission"',
  );
}

interface Terms {
  readonly purposes: Purpose[];
  readonly until: Date;
  readonly reason: string;
}

/** Purposes, end and reason, as given or else asked for, one question each. */
function completeTerms({ purposes, until, reason }: Options): Promise<Terms> {
  const missing = Object.entries({ '--purposes': purposes, '--until': until, '--reason': reason })
    .filter(([, given]) => given === undefined)
    .map(([option]) => option);
  return askAtTerminal(missing, async (ask) => ({
    purposes: [
      ...(purposes ??
        (await ask(
          `For what may it be used? Some of ${PURPOSES.join(', ')}, separated by commas.`,
          wordsOf(PURPOSES),
        ))),
    ],
    until: until ?? (await ask('Until when? The last day (UTC), such as 2027-06-30.', endOfGrant)),
    reason: reason ?? (await ask('Why? For whoever reviews the grants.', text)),
  }));
}

/** Reads the end of a grant. Nobody remembers longer why it was given. */
function endOfGrant(given: string): Date {
  const until = endOfTerm(given);
  const latest = new Date();
  latest.setUTCFullYear(latest.getUTCFullYear() + LONGEST_YEARS);
  latest.setUTCHours(23, 59, 59, 999);
  if (until.getTime() <= Date.now())
    throw new InvalidArgumentError('It lies in the past: such a grant would give nothing. Choose a day to come.');
  if (until > latest) {
    throw new InvalidArgumentError(
      `It lies more than ${LONGEST_YEARS} years ahead. Choose ${latest.toISOString().slice(0, 10)} at the latest, and grant anew before it lapses ("amana grants --lapsing 30d").`,
    );
  }
  return until;
}
