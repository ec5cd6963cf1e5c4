import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { CheckOutcome, SchemaReport } from '../gateway/compose/check-schemas.ts';
import type { Proposal } from '../gateway/compose/schema-candidate.ts';
import type { ServedSchema } from '../gateway/compose/subgraph-schema.ts';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { custodianId, text } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';
import { visibleText } from './visible-text.ts';

interface Options {
  readonly subgraph?: string;
  readonly custodian?: string;
  readonly contract?: string;
  readonly against?: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
}

/** What is checked, and beside what. */
interface Question {
  readonly candidate: ServedSchema;
  readonly others: readonly ServedSchema[];
  /** What a host's schema is held against, where that is gathered: then there are no others. */
  readonly contract: ServedSchema | undefined;
  /** The schema in force that the candidate would take the place of. */
  readonly former: Proposal['inForce'][number] | undefined;
  readonly operations: readonly string[];
  /** Who has yet to confirm that the candidate may weaken guards. */
  readonly awaits: readonly string[];
}

/** `amana check`: whether the gateway would take a schema, by the same checks. */
export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .description(
      "Says whether the gateway would take a custodian's schema, by the checks that the gateway itself runs: 0 yes, 1 no.",
    )
    .argument('<schema>', "a file with the schema, or a custodian's address", text)
    .option(
      '--subgraph <name>',
      "the subgraph that the schema is of; the file's name without its ending by default",
      text,
    )
    .option('--custodian <id>', 'whose schema it is, where several custodians host its subgraph', custodianId)
    .option(
      '--contract <file>',
      'the contract of a subgraph that several custodians host, with which a host is checked without the gateway',
    )
    .option(
      '--against <files...>',
      'the schemas in force, each in a file named after its subgraph; by default those that the gateway keeps',
    )
    .option('--config <file>', "the gateway's configuration file; the demo's by default")
    .option('--json', 'print one JSON object')
    .action(async (source: string, options: Options) => {
      const { refusals, unconfirmed } = await import('../gateway/compose/check-schemas.ts');
      const { digestOf } = await import('../protocol/schema-verdict.ts');
      const { candidate, awaits, ...beside } = await questionOf(source, options);
      const report = await reportOn(candidate, beside);
      const isWeaker = unconfirmed(report).length > 0;
      const isTaken = refusals(report).length === 0 && !(isWeaker && awaits.length > 0);
      const digest = digestOf(candidate.sdl);
      const told = { taken: isTaken, subgraph: candidate.subgraph, digest, awaits: isWeaker ? awaits : [] };
      process.stdout.write(
        options.json ? `${JSON.stringify({ ...told, checks: report.checks }, null, 2)}\n` : describe(report, told),
      );
      if (!isTaken) process.exitCode = 1;
    });
  withExamples(
    command,
    'check http://127.0.0.1:4001',
    'check ministry.graphql --config /etc/amana/gateway.yaml --json',
    'check new/ministry.graphql --against schema/ministry.graphql schema/missing.graphql schema/ngo.graphql',
    'check new/ngo.graphql --contract schema/ngo.graphql',
  );
}

async function reportOn(
  candidate: ServedSchema,
  { others, contract, former, operations }: Omit<Question, 'candidate' | 'awaits'>,
): Promise<SchemaReport> {
  if (contract) {
    const { judgeHost, readContract } = await import('../gateway/compose/host-contract.ts');
    // A contract that is none is told of as such, and not as what is wrong with the host.
    readContract(contract);
    return judgeHost({ contract, sdl: candidate.sdl, inForce: former });
  }
  const { checkSchemas } = await import('../gateway/compose/check-schemas.ts');
  const inForce = former ? [former, ...others] : others;
  return checkSchemas({ schemas: [candidate, ...others], inForce, operations });
}

async function questionOf(source: string, options: Options): Promise<Question> {
  const isAddress = /^https?:\/\//u.test(source);
  if (!options.against && options.contract === undefined)
    return questionOfGateway(isAddress ? source : undefined, source, options);
  if (isAddress)
    throw new UsageError(
      'A custodian gives its schema to its gateway only: name a file, or leave --against out, and --contract too.',
    );
  const candidate = readSchema(source, options.subgraph);
  const given = (options.against ?? []).map((file) => readSchema(file));
  return {
    candidate,
    contract: options.contract === undefined ? undefined : readSchema(options.contract, candidate.subgraph),
    others: given.filter(({ subgraph }) => subgraph !== candidate.subgraph),
    former: given.find(({ subgraph }) => subgraph === candidate.subgraph),
    operations: [],
    awaits: ['GATEWAY', 'CUSTODIAN'],
  };
}

/** Beside what the gateway of a configuration file has in force, and keeps of what it was asked lately. */
async function questionOfGateway(address: string | undefined, source: string, options: Options): Promise<Question> {
  const { loadGatewayConfiguration } = await import('../gateway/configuration.ts');
  const { GatewayState, lastKnownSchema, stateDirectory } = await import('../gateway/change/gateway-state.ts');
  const { digestOf } = await import('../protocol/schema-verdict.ts');
  const configuration = loadGatewayConfiguration(configurationFileFor('gateway', options.config));
  const { custodians, gathered } = configuration;
  const subgraph = options.subgraph ?? (address === undefined ? subgraphIn(source) : undefined);
  const custodian = custodianOf(custodians, source, subgraph, options.custodian);
  const served =
    address === undefined ? undefined : await askNow(configuration, { ...custodian, url: trimmed(address) });
  const sdl = served?.sdl ?? readText(source);
  const state = new GatewayState(stateDirectory(configuration));
  const known = await Promise.all(custodians.map(async (one) => ({ one, schema: await lastKnownSchema(state, one) })));
  const inForce = known.flatMap(({ one, schema }) =>
    schema
      ? [{ custodian: one, schema: { subgraph: one.subgraph, url: one.url, sdl: schema.sdl, gone: schema.gone } }]
      : [],
  );
  const former = inForce.find((one) => one.custodian === custodian)?.schema;
  const contracts = gathered.map((one) => readSchema(one.contractFile, one.subgraph));
  const isComposed = (one: ServedSchema): boolean => !gathered.some(({ subgraph }) => subgraph === one.subgraph);
  const confirmed = await state.confirmation(custodian.id);
  const isOperators = former && confirmed?.to === digestOf(sdl) && confirmed.from === digestOf(former.sdl);
  return {
    candidate: { subgraph: custodian.subgraph, url: custodian.url, sdl },
    others: [
      ...contracts,
      ...inForce.flatMap((one) => (one.custodian !== custodian && isComposed(one.schema) ? [one.schema] : [])),
    ],
    contract: contracts.find((contract) => contract.subgraph === custodian.subgraph),
    former,
    operations: await state.operations(),
    awaits: [...(isOperators ? [] : ['GATEWAY']), ...(served?.isConfirmed ? [] : ['CUSTODIAN'])],
  };
}

function custodianOf<One extends { readonly id: string; readonly subgraph: string; readonly url: string }>(
  custodians: readonly One[],
  source: string,
  subgraph: string | undefined,
  id: string | undefined,
): One {
  const [custodian, ...others] = custodians.filter((one) => {
    if (id !== undefined) return one.id === id;
    return subgraph === undefined ? one.url === trimmed(source) : one.subgraph === subgraph;
  });
  if (custodian && others.length === 0) return custodian;
  const known = custodians.map((one) => `${one.subgraph} (${one.id}, ${one.url})`).join(', ');
  throw new UsageError(
    custodian
      ? `Several custodians host ${custodian.subgraph}. Say with --custodian whose schema it is: ${known}.`
      : `The gateway has no such custodian. Say with --subgraph or --custodian which it is: ${known}.`,
  );
}

async function askNow(
  configuration: { readonly issuer: string; readonly signingKeyFile: string },
  custodian: import('../gateway/custodian-connection.ts').Custodian,
): Promise<{ readonly sdl: string; readonly isConfirmed: boolean }> {
  const { askSchema } = await import('../gateway/change/ask-schema.ts');
  const { CustodianConnection } = await import('../gateway/custodian-connection.ts');
  const { pino } = await import('pino');
  const { readSigningKey } = await import('../protocol/read-keys.ts');
  const signer = {
    issuer: configuration.issuer,
    ...(await readSigningKey(configuration.signingKeyFile)),
    now: Date.now,
  };
  const connection = new CustodianConnection(custodian, {
    now: Date.now,
    random: Math.random,
    log: pino({ level: 'silent' }),
  });
  try {
    return await askSchema(connection, signer, undefined, AbortSignal.timeout(10_000));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no answer';
    throw new Error(`${custodian.url}: the schema cannot be read: ${reason}`, { cause });
  } finally {
    await connection.close();
  }
}

/** How many findings of one check are printed. */
const SHOWN = 20;

const MARKS = { REFUSES: '✗', CONFIRMED: '?', TELLS: '!' } as const;

function describe(
  { checks }: SchemaReport,
  told: { taken: boolean; digest: string; awaits: readonly string[] },
): string {
  const rows = checks.map((check) => [[markOf(check)], [check.id], linesOf(check)]);
  const [waiting] = told.awaits;
  const verdict = told.taken
    ? 'would be taken'
    : waiting !== undefined && checks.every(({ finding, outcome }) => finding !== 'REFUSES' || outcome !== 'FOUND')
      ? `would wait to be confirmed (amana confirm) by: ${told.awaits.map((one) => WHO[one] ?? one).join(', ')}`
      : 'would not be taken';
  return `${formatTable(['', 'CHECK', 'WHAT'], rows)}\nThe schema ${told.digest} ${verdict}.\n`;
}

const WHO: Readonly<Record<string, string>> = { GATEWAY: 'the operator of the gateway', CUSTODIAN: 'the custodian' };

const markOf = ({ outcome, finding }: CheckOutcome): string =>
  outcome === 'FOUND' ? MARKS[finding] : outcome === 'PASSED' ? '✓' : '-';

function linesOf({ outcome, says, findings }: CheckOutcome): readonly string[] {
  if (outcome === 'UNCHECKED') return ['not checked, for what is found above'];
  if (outcome === 'PASSED') return [says];
  const lines = findings.map(({ subgraph, message }) => (subgraph === undefined ? message : `${subgraph}: ${message}`));
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more (--json shows all)`] : [];
  return [...lines.slice(0, SHOWN).map(visibleText), ...more];
}

function readSchema(file: string, subgraph = subgraphIn(file)): ServedSchema {
  const sdl = readText(file);
  if (/\bjoin__Graph\b/u.test(sdl))
    throw new UsageError(`${file} is a supergraph: give the file of each subgraph instead.`);
  return { subgraph, url: '', sdl };
}

const readText = (file: string): string => readFileSync(file, 'utf8');
const subgraphIn = (file: string): string => basename(file).replace(/\.[a-z]+$/u, '');
const trimmed = (address: string): string => address.replace(/\/$/u, '');
