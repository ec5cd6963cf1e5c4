import type { Command } from 'commander';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { custodianId } from './parse-arguments.ts';

/** `amana custodian`: serves one custodian's records in this process until it is told to end. */
export function addCustodianCommand(program: Command): void {
  const command = program
    .command('custodian')
    .description("Serves a custodian's records until SIGINT or SIGTERM; prints the address that it listens on.")
    .argument('<custodian>', 'ministry, missing, or the id of an NGO', custodianId)
    .option('--config <file>', "its configuration file; the demo's by default")
    .action(async (custodian: string, { config }: { config?: string }) => {
      const { configurationOf, definitionOf } = await import('./open-custodian.ts');
      const { serveCustodian } = await import('../subgraphs/kit/serve-custodian.ts');
      configurationOf(custodian, config);
      await serveCustodian(await definitionOf(custodian), configurationFileFor(custodian, config));
    });
  withExamples(command, 'custodian ministry --config /etc/amana/ministry.yaml');
}
