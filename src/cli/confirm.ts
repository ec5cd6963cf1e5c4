import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { Digest } from '../protocol/schema-verdict.ts';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { custodianId, text } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';
import { visibleText } from './visible-text.ts';

interface Options {
  readonly as: 'gateway' | 'custodian';
  readonly digest: string;
  readonly by: string;
  readonly config?: string;
}

/** `amana confirm`: one of the two words without which a schema that weakens guards does not take effect. */
export function addConfirmCommand(program: Command): void {
  const command = program
    .command('confirm')
    .description(
      "Confirms that a custodian's schema may weaken or remove guards. It takes effect once both the gateway's operator and the custodian have confirmed it.",
    )
    .argument('<custodian>', 'the custodian whose schema it is', custodianId)
    .requiredOption('--as <who>', 'gateway (its operator) or custodian', whoseWord)
    .requiredOption('--digest <digest>', 'the schema, as the log and "amana check" name it', digest)
    .option('--by <name>', 'who confirms it', text, userInfo().username)
    .option('--config <file>', "the configuration file of the gateway, or of the custodian; the demo's by default")
    .action(async (custodian: string, options: Options) => {
      const lines = await (options.as === 'gateway' ? confirmAsOperator : confirmAsCustodian)(custodian, options);
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    });
  withExamples(
    command,
    `confirm ministry --as gateway --digest ${'0123456789abcdef'.repeat(4)}`,
    `confirm ministry --as custodian --digest ${'0123456789abcdef'.repeat(4)}`,
  );
}

async function confirmAsOperator(custodian: string, { digest: to, by, config }: Options): Promise<string[]> {
  const { loadGatewayConfiguration } = await import('../gateway/configuration.ts');
  const { GatewayState, stateDirectory } = await import('../gateway/change/gateway-state.ts');
  const state = new GatewayState(stateDirectory(loadGatewayConfiguration(configurationFileFor('gateway', config))));
  const awaited = await state.awaited(custodian);
  if (awaited?.to !== to) {
    throw new UsageError(
      awaited
        ? `Of ${custodian} another schema waits to be confirmed: ${awaited.to}.`
        : `No schema of ${custodian} waits to be confirmed.`,
    );
  }
  await state.confirm({ custodian, from: awaited.from, to, by, at: new Date().toISOString() });
  return [
    `Confirmed for the gateway, in the place of ${awaited.from}:`,
    ...awaited.weakened.map((message) => `  ${visibleText(message)}`),
    'It takes effect once the custodian has confirmed it too.',
  ];
}

async function confirmAsCustodian(custodian: string, { digest, by, config }: Options): Promise<string[]> {
  const { withCustodian } = await import('./open-custodian.ts');
  const { printSubgraph } = await import('../subgraphs/kit/build-schema.ts');
  const { confirmSchema } = await import('../subgraphs/kit/schema-confirmations.ts');
  const { digestOf } = await import('../protocol/schema-verdict.ts');
  await withCustodian(custodian, { ...(config !== undefined && { config }) }, async ({ storage, definition }) => {
    const own = digestOf(printSubgraph(definition));
    if (own !== digest) throw new UsageError(`What is installed here serves the schema ${own}, and not that one.`);
    await confirmSchema(storage, digest, by);
  });
  return ["Confirmed for the custodian. It takes effect once the gateway's operator has confirmed it too."];
}

function whoseWord(given: string): Options['as'] {
  if (given === 'gateway' || given === 'custodian') return given;
  throw new InvalidArgumentError('Choose gateway or custodian.');
}

function digest(given: string): string {
  const parsed = Digest.safeParse(given.toLowerCase());
  if (!parsed.success) throw new InvalidArgumentError('A digest is 64 hexadecimal digits.');
  return parsed.data;
}
