import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { withExamples } from './describe-command.ts';
import { custodianId } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';
import { visibleJson, visibleText } from './visible-text.ts';

interface Options {
  readonly config?: string;
  readonly held?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const REGISTER_KEEPER = 'missing';
const CONFIG = ['--config <file>', "the custodian's configuration file; the demo's by default"] as const;
const OUT = ['--out <file>', 'where to write it; standard output by default'] as const;

/** `amana links held|export|import`: how a custodian learns from the Authority which of its records are about whom. */
export function addLinksCommands(program: Command): void {
  const links = program
    .command('links')
    .description('Brings what the link register confirms to the custodian concerned, as a signed file.');
  withExamples(
    links,
    'links held ministry --out held.json                         (at the Ministry)',
    'links export ministry --held held.json --out links.jws      (at the Authority)',
    'links import ministry links.jws                             (at the Ministry)',
  );
  addHeld(links);
  addExport(links);
  addImport(links);
}

function addHeld(links: Command): void {
  const command = links
    .command('held')
    .description(
      'Writes the link ids that a custodian holds from its own delivery, for the Authority, and nothing else.',
    )
    .argument('<custodian>', 'the custodian', custodianId)
    .option(...OUT)
    .option(...CONFIG)
    .action(async (custodian: string, options: Options) => {
      const { heldLinks } = await import('../subgraphs/kit/links/held-links.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const held = await withCustodian(custodian, options, ({ storage, definition: { delivery } }) =>
        heldLinks({ storage, custodian, delivery }),
      );
      writeForOwner(options.out, JSON.stringify(held), `${held.persons.length} link ids`);
    });
  withExamples(command, 'links held ministry --out held.json');
}

function addExport(links: Command): void {
  const command = links
    .command('export')
    .description('At the Authority: writes a custodian its own CONFIRMED links with the state of notification, signed.')
    .argument('<custodian>', 'the custodian that the export is for', custodianId)
    .option('--held <file>', 'what that custodian wrote with "amana links held"')
    .option(...OUT)
    .option('--config <file>', "the Authority's configuration file; the demo's by default")
    .action(async (custodian: string, options: Options) => {
      const { parseHeldLinks } = await import('../subgraphs/kit/links/held-links.ts');
      const { exportLinks } = await import('../subgraphs/missing/export-links.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const { readSigningKey } = await import('../protocol/read-keys.ts');
      const held = options.held === undefined ? undefined : parseHeldLinks(read(options.held), custodian);
      const {
        jws,
        links: count,
        persons,
      } = await withCustodian(REGISTER_KEEPER, options, async ({ storage, configuration }) => {
        const { linkRegister } = configuration;
        if (linkRegister.role !== 'keeper')
          throw new UsageError('This configuration does not keep the link register (linkRegister.role).');
        const key = await readSigningKey(linkRegister.signingKeyFile);
        return exportLinks({ storage, custodian, signer: { ...key, now: Date.now }, ...(held && { held }) });
      });
      writeForOwner(options.out, jws, `${count} links, and the state of notification for ${persons} link ids held`);
    });
  withExamples(command, 'links export ngo-a --out links.jws', 'links export ministry --held held.json --out links.jws');
}

function addImport(links: Command): void {
  const command = links
    .command('import')
    .description("Verifies the Authority's signed export and loads it; what the register confirmed before is replaced.")
    .argument('<custodian>', 'the custodian that the export is for', custodianId)
    .argument('<file>', 'what the Authority wrote with "amana links export"')
    .option(...CONFIG)
    .option('--json', 'print the report as one JSON object')
    .action(async (custodian: string, file: string, options: Options) => {
      const { importLinks } = await import('../subgraphs/kit/links/import-links.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const { readPinnedKeys } = await import('../protocol/read-keys.ts');
      const jws = read(file);
      const report = await withCustodian(custodian, options, ({ storage, configuration, definition: { delivery } }) => {
        const { linkRegister } = configuration;
        if (linkRegister.role !== 'reader')
          throw new UsageError(`${custodian} keeps the link register itself and imports no export of it.`);
        return importLinks({
          storage,
          custodian,
          delivery,
          keys: readPinnedKeys(linkRegister.keysFile),
          jws,
          now: Date.now,
        });
      });
      const { issuedAt, links: count, persons, unknownRecords } = report;
      process.stdout.write(
        options.json
          ? `${visibleJson(report)}\n`
          : `Signed ${issuedAt.toISOString()}: ${count} links, and the state of notification for ${persons} link ids held.\n` +
              (unknownRecords.length > 0
                ? `References that name no single record here: ${unknownRecords.map(visibleText).join(', ')}\n`
                : ''),
      );
    });
  withExamples(command, 'links import ministry links.jws');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file}: this file cannot be read.`, { cause });
  }
}

/** To a new file that only its owner may read, in the place of one there was, saying what it holds, or to standard output. */
export function writeForOwner(file: string | undefined, content: string, summary: string): void {
  if (file === undefined) {
    process.stdout.write(`${content}\n`);
    return;
  }
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(unfinished, `${content}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw new UsageError(`${file}: this file cannot be written.`, { cause });
  }
  process.stderr.write(`${file}: ${summary}.\n`);
}
