import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { withExamples } from './describe-command.ts';
import { custodianId, text } from './parse-arguments.ts';

interface Options {
  readonly by: string;
  readonly config?: string;
}

/** `amana revoke`: takes a grant back; it bites on the next request. */
export function addRevokeCommand(program: Command): void {
  const command = program
    .command('revoke')
    .description('Takes a grant back. It bites at once, between two pages of one list too.')
    .argument('<custodian>', 'the custodian that gave it', custodianId)
    .argument('<grant>', 'its id, as "amana grants" shows it', grantId)
    .option('--by <name>', 'who revokes it', text, userInfo().username)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .action(async (custodian: string, id: string, options: Options) => {
      const { revoke } = await import('../subgraphs/kit/grants.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      await withCustodian(custodian, options, ({ storage }) => revoke(storage, id, options.by));
      process.stdout.write(`Revoked: ${id}\n`);
    });
  withExamples(command, 'revoke ministry 2f1e7c3a-6f0d-4a51-9d8e-0c5a3f1b7e42');
}

function grantId(given: string): string {
  if (!z.uuid().safeParse(given).success)
    throw new InvalidArgumentError('A grant is named by its id, as "amana grants" shows it.');
  return given.toLowerCase();
}
