import { type Command, Option } from 'commander';
import type { Grant } from '../subgraphs/kit/grants.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { custodianId, duration, text } from './parse-arguments.ts';
import { visibleJson, visibleText } from './visible-text.ts';

interface Options {
  readonly subject?: string;
  readonly lapsing?: number;
  readonly all?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

type State = 'in force' | 'not yet' | 'lapsed' | 'revoked';

interface ListedGrant extends Grant {
  readonly state: State;
  /** Whether it is in force, and not for long. */
  readonly lapsesSoon: boolean;
}

const DAY = 86_400_000;
const SOON = 30 * DAY;

/** `amana grants`: whom a custodian lets see what, and until when. */
export function addGrantsCommand(program: Command): void {
  const command = program
    .command('grants')
    .description(
      'Lists whom a custodian lets see what, what lapses first on top; what lapses within 30 days is marked with !.',
    )
    .argument('<custodian>', 'the custodian', custodianId)
    .option('--subject <id>', "one subject's grants only", text)
    .addOption(
      new Option('--lapsing <length>', 'only those in force that lapse within so long, such as 30d')
        .argParser(duration)
        .conflicts('all'),
    )
    .option('--all', 'also what has lapsed or was revoked')
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print one JSON array, with reasons, who granted and who revoked')
    .action(async (custodian: string, options: Options) => {
      const { listGrants } = await import('../subgraphs/kit/grants.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const { subject, json = false } = options;
      const given = await withCustodian(custodian, options, ({ storage }) =>
        listGrants(storage, { ...(subject !== undefined && { subject }) }),
      );
      const now = Date.now();
      const grants = chooseGrants(given, options, now);
      process.stdout.write(json ? `${visibleJson(grants)}\n` : describeGrants(custodian, grants, options));
    });
  withExamples(command, 'grants ngo-a', 'grants ngo-a --lapsing 30d', 'grants ministry --subject analyst --all --json');
}

/** Those asked for, in force or to come before the others, what ends first on top and what ended last after it. */
function chooseGrants(given: readonly Grant[], { lapsing, all = false }: Options, now: number): readonly ListedGrant[] {
  const listed = given.map((grant): ListedGrant => {
    const state = stateOf(grant, now);
    const lapsesSoon = state === 'in force' && grant.until.getTime() - now < (lapsing ?? SOON);
    return { ...grant, state, lapsesSoon };
  });
  const ended = listed.filter((grant) => isOver(grant)).sort((a, b) => endOf(b) - endOf(a));
  const standing = listed
    .filter((grant) => !isOver(grant) && (lapsing === undefined || grant.lapsesSoon))
    .sort((a, b) => endOf(a) - endOf(b));
  return all ? [...standing, ...ended] : standing;
}

const isOver = ({ state }: ListedGrant): boolean => state === 'lapsed' || state === 'revoked';

const endOf = ({ until, revokedAt }: Grant): number => Math.min(until.getTime(), revokedAt?.getTime() ?? Infinity);

function stateOf({ from, until, revokedAt }: Grant, now: number): State {
  if (revokedAt) return 'revoked';
  if (until.getTime() <= now) return 'lapsed';
  return (from?.getTime() ?? 0) > now ? 'not yet' : 'in force';
}

const HEADINGS = ['STATE', 'UNTIL', 'SUBJECT', 'FOR', 'SCOPES', 'CLEARS', 'PURPOSES', 'ID'];

function describeGrants(custodian: string, grants: readonly ListedGrant[], { lapsing, all }: Options): string {
  if (grants.length === 0) {
    return lapsing === undefined && !all
      ? `No such grant of ${custodian}'s is in force. --all shows what has lapsed or was revoked.\n`
      : `${custodian} has given no such grants.\n`;
  }
  const [inForce, soon] = [
    grants.filter(({ state }) => state === 'in force').length,
    grants.filter(({ lapsesSoon }) => lapsesSoon).length,
  ];
  const before = new Date(Date.now() + (lapsing ?? SOON)).toISOString().slice(0, 10);
  return `${formatTable(HEADINGS, grants.map(rowOf))}${inForce} in force, ${soon} of them (!) ${soon === 1 ? 'lapses' : 'lapse'} before ${before}.\n`;
}

function rowOf(grant: ListedGrant): readonly (readonly string[])[] {
  const subject = visibleText(grant.subject);
  return [
    [grant.lapsesSoon ? 'in force !' : grant.state],
    [new Date(endOf(grant)).toISOString().slice(0, 10)],
    [grant.subjectKind === 'CLIENT' ? `${subject} (client)` : subject],
    [visibleText(grant.organisation)],
    grant.scopes,
    grant.clears.length === 0 ? ['-'] : grant.clears,
    grant.purposes,
    [grant.id],
  ];
}
