import { type Command, InvalidArgumentError } from 'commander';
import { DEMO_DIRECTORY } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { addGenerateCommand } from './generate.ts';
import { port } from './parse-arguments.ts';

const HIGHEST_PORT = 65_522;

interface Options {
  readonly directory: string;
  readonly port: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** `amana demo`: a whole federation on this machine, and `amana demo generate`: deliveries of any size. */
export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .enablePositionalOptions()
    .description(
      'Brings up a whole federation on this machine, asks one question as four different people, shows what each of them ' +
        'saw and what was withheld, and stays up until Ctrl-C.',
    )
    .option('--once', 'end after the question; exit code 0 if everybody was answered by every custodian asked')
    .option('--json', 'print one JSON object on standard output, { gateway, viewers }, and progress on standard error')
    .option('--directory <directory>', 'where its keys, databases, configuration and logs are kept', DEMO_DIRECTORY)
    .option(
      '--port <port>',
      "the gateway's port; the others are the four from ten above it; 0 takes free ones",
      gatewayPort,
      4000,
    )
    .action(async ({ directory, port, once = false, json = false }: Options) => {
      const { runDemo } = await import('../demo/run-demo.ts');
      process.exitCode = await runDemo({ directory, port, once, json, environment: process.env });
    });
  addGenerateCommand(command);
  withExamples(command, 'demo', 'demo --once --json > answers.json', 'demo --port 5000 --directory /tmp/another-demo');
}

/** A port with room above it for the others. */
function gatewayPort(given: string): number {
  const number = port(given);
  if (number > HIGHEST_PORT) throw new InvalidArgumentError(`The others are above it: choose at most ${HIGHEST_PORT}.`);
  return number;
}
