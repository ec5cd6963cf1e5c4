import type { Command } from 'commander';
import { DEMO_DIRECTORY } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { text } from './parse-arguments.ts';

interface Options {
  readonly directory: string;
}

/** `amana token`: an access token of somebody who can sign in to the running demo, for curl. */
export function addTokenCommand(program: Command): void {
  const command = program
    .command('token')
    .description("Prints an access token for the demo's gateway, valid for an hour, and nothing else.")
    .argument(
      '<person>',
      'analyst, ministry-officer, authority-officer, archivist-a, archivist-b, journalist, or the client dashboard',
      text,
    )
    .option('--directory <directory>', "the running demo's directory", DEMO_DIRECTORY)
    .action(async (person: string, { directory }: Options) => {
      const { tokenFor } = await import('../demo/token-for.ts');
      process.stdout.write(`${await tokenFor(person, directory)}\n`);
    });
  withExamples(command, 'token analyst', 'token dashboard --directory /tmp/another-demo');
}
