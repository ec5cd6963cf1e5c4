import type { Command } from 'commander';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';

/** `amana gateway`: runs the gateway in this process until it is told to end. */
export function addGatewayCommand(program: Command): void {
  const command = program
    .command('gateway')
    .description('Runs the gateway until SIGINT or SIGTERM; prints the address that it listens on.')
    .option('--config <file>', "its configuration file; the demo's by default")
    .action(async ({ config }: { config?: string }) => {
      const file = configurationFileFor('gateway', config);
      const { runGateway } = await import('../gateway/main.ts');
      await runGateway(file);
    });
  withExamples(command, 'gateway --config /etc/amana/gateway.yaml');
}
