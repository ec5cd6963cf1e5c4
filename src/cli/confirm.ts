import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { GatewayState } from '../gateway/change/gateway-state.ts';
import { SubgraphName } from '../protocol/identifiers.ts';
import { Digest } from '../protocol/schema-verdict.ts';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { custodianId, text } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';
import { visibleText } from './visible-text.ts';

interface Options {
  readonly contract?: string;
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
      "Confirms that a custodian's schema, or the contract of a gathered subgraph, may weaken or remove guards. A schema takes effect once both the gateway's operator and the custodian have confirmed it, a contract once the operator has and the gateway reads its file again.",
    )
    .argument('[custodian]', 'the custodian whose schema it is', custodianId)
    .option(
      '--contract <subgraph>',
      'the gathered subgraph whose contract it is, in the place of a custodian',
      subgraph,
    )
    .requiredOption('--as <who>', 'gateway (its operator) or custodian', whoseWord)
    .requiredOption('--digest <digest>', 'the schema, as the log and "amana check" name it', digest)
    .option('--by <name>', 'who confirms it', text, userInfo().username)
    .option('--config <file>', "the configuration file of the gateway, or of the custodian; the demo's by default")
    .action(async (custodian: string | undefined, options: Options) => {
      const lines = await confirm(custodian, options);
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    });
  withExamples(
    command,
    `confirm ministry --as gateway --digest ${'0123456789abcdef'.repeat(4)}`,
    `confirm ministry --as custodian --digest ${'0123456789abcdef'.repeat(4)}`,
    `confirm --contract ngo --as gateway --digest ${'0123456789abcdef'.repeat(4)}`,
  );
}

async function confirm(custodian: string | undefined, options: Options): Promise<string[]> {
  const { contract, as } = options;
  if (custodian !== undefined && contract === undefined)
    return as === 'gateway' ? confirmAsOperator(custodian, options) : confirmAsCustodian(custodian, options);
  if (custodian === undefined && contract !== undefined && as === 'gateway') return confirmContract(contract, options);
  throw new UsageError('Name a custodian, or with --contract and --as gateway a gathered subgraph.');
}

async function confirmAsOperator(custodian: string, { digest: to, by, config }: Options): Promise<string[]> {
  const state = await gatewayState(config);
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

async function confirmContract(subgraph: string, { digest: to, by, config }: Options): Promise<string[]> {
  const { contracts } = await gatewayState(config);
  const awaited = await contracts.awaited(subgraph);
  if (awaited?.to !== to) {
    throw new UsageError(
      awaited
        ? `Of ${subgraph} another contract waits to be confirmed: ${awaited.to}.`
        : `No contract of ${subgraph} waits to be confirmed.`,
    );
  }
  await contracts.confirm({ subgraph, from: awaited.from, to, by, at: new Date().toISOString() });
  return [
    `Confirmed in the place of ${awaited.from}:`,
    ...awaited.weakened.map((message) => `  ${visibleText(message)}`),
    'It takes effect when the gateway reads its file again: send it SIGHUP.',
  ];
}

async function gatewayState(config: string | undefined): Promise<GatewayState> {
  const { loadGatewayConfiguration } = await import('../gateway/configuration.ts');
  const { GatewayState, stateDirectory } = await import('../gateway/change/gateway-state.ts');
  return new GatewayState(stateDirectory(loadGatewayConfiguration(configurationFileFor('gateway', config))));
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

function subgraph(given: string): string {
  const parsed = SubgraphName.safeParse(given);
  if (!parsed.success) throw new InvalidArgumentError('A subgraph is named as in the configuration, for example ngo.');
  return parsed.data;
}

function digest(given: string): string {
  const parsed = Digest.safeParse(given.toLowerCase());
  if (!parsed.success) throw new InvalidArgumentError('A digest is 64 hexadecimal digits.');
  return parsed.data;
}
