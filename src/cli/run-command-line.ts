import { Command, CommanderError } from 'commander';
import metadata from '../../package.json' with { type: 'json' };
import { addAccessesCommand } from './accesses.ts';
import { addCheckCommand } from './check.ts';
import { addConfirmCommand } from './confirm.ts';
import { addCustodianCommand } from './custodian.ts';
import { addDemoCommand } from './demo.ts';
import { addGatewayCommand } from './gateway.ts';
import { addGrantCommand } from './grant.ts';
import { addGrantsCommand } from './grants.ts';
import { addImportCommand } from './import.ts';
import { addKeyCommand } from './key.ts';
import { addLinksCommands } from './links.ts';
import { addRevokeCommand } from './revoke.ts';
import { addTokenCommand } from './token.ts';
import { withExamples } from './describe-command.ts';
import { Interruption } from './interruption.ts';
import { UsageError } from './usage-error.ts';
import { visibleLines } from './visible-text.ts';

const [FAILED, WRONG_USAGE] = [1, 2];

/** Runs one `amana` command line; answers the exit code: 0 done, 1 failed, 2 wrong usage, 128 and more ended by a signal. Errors are told on standard error. */
export async function runCommandLine(given: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const program = new Command('amana')
    .description('Runs the federation: its gateway, its custodians, what they import and whom they let see what.')
    .version(metadata.version)
    // Else an option that a command shares with its subcommand, such as --json, would never reach that one.
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({ outputError: (message, write) => write(message.replace(/^error: /u, 'amana: ')) })
    .showHelpAfterError('Run the command with --help to see how it is used.');
  withExamples(program, 'demo', 'import ministry data/deliveries/ministry', 'grants ngo-a');
  program.addHelpText('after', 'With AMANA_DEBUG=1 in the environment, an error is shown with its stack.');
  for (const add of [
    addDemoCommand,
    addTokenCommand,
    addGatewayCommand,
    addCustodianCommand,
    addCheckCommand,
    addConfirmCommand,
    addImportCommand,
    addLinksCommands,
    addKeyCommand,
    addGrantCommand,
    addRevokeCommand,
    addGrantsCommand,
    addAccessesCommand,
  ]) {
    add(program);
  }
  try {
    await program.parseAsync(given, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    const debug = Boolean(environment['AMANA_DEBUG']);
    process.stderr.write(`amana: ${visibleLines(describe(error, debug))}\n`);
    if (error instanceof Interruption) return error.exitCode;
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

function describe(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return error.stack ?? error.message;
  return isSystemError(error) ? `${error.path}: ${SYSTEM_FAULTS[error.code] ?? error.message}` : error.message;
}

const SYSTEM_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder.',
  ENOTDIR: 'a folder is needed, and a part of this path is a file.',
  EISDIR: 'a file is needed, and this is a folder.',
  EACCES: 'you may not read or write it.',
  EPERM: 'you may not read or write it.',
  EROFS: 'it cannot be written: the file system is read-only.',
  ENOSPC: 'the disk is full. Make room, then try again.',
};

const isSystemError = (error: Error): error is Error & { readonly code: string; readonly path: string } =>
  'code' in error && typeof error.code === 'string' && 'path' in error && typeof error.path === 'string';
