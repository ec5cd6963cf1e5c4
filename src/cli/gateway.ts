import type { Command } from 'commander';
import { configurationFileFor } from './configuration-file.ts';
import { withExamples } from './describe-command.ts';
import { port, text } from './parse-arguments.ts';
import {
  LOG_DIRECTORY,
  type SupergraphOptions,
  headerName,
  issuerUrl,
  limit,
  namedSubgraph,
  servesSupergraph,
  settingsOf,
} from './supergraph-options.ts';

/** `amana gateway`: runs the gateway in this process until it is told to end. */
export function addGatewayCommand(program: Command): void {
  const command = program
    .command('gateway')
    .description(
      'Runs the gateway until SIGINT or SIGTERM; prints the address that it listens on. In front of custodians with a configuration file, in front of any Federation 2 subgraphs with --supergraph or --subgraph.',
    )
    .option('--config <file>', "its configuration file; the demo's by default")
    .optionsGroup('In front of plain subgraphs:')
    .option('--supergraph <file>', 'a composed supergraph, which names the subgraphs and their addresses')
    .option(
      '--subgraph <name=url>',
      'a subgraph to ask for its schema and compose with the others (repeat it)',
      namedSubgraph,
    )
    .option('--port <n>', 'the port to listen on', port)
    .option('--host <address>', 'the address to listen on; loopback by default', text)
    .option(
      '--issuer <url>',
      'whose tokens are taken; its keys are found by discovery, unless --jwks names them',
      issuerUrl,
    )
    .option('--audience <name>', 'for whom tokens must be made', text)
    .option('--jwks <file>', 'the public keys that tokens are verified with')
    .option('--policies <module>', 'decides @policy: async ({ headers, claims, policies }) => the names granted')
    .option(
      '--forward-header <name>',
      'a header that subgraphs get as the client sent it (repeat it); none by default',
      headerName,
    )
    .option('--introspection', 'shows the schema also to who has not signed in')
    .option(
      '--log <directory>',
      `where each request is entered before anything is fetched; ${LOG_DIRECTORY} by default`,
      text,
    )
    .option('--no-log', 'keeps no access log')
    .option('--max-depth <n>', 'levels of an operation (20)', limit)
    .option('--max-aliases <n>', 'aliases of an operation (60)', limit)
    .option('--max-tokens <n>', 'tokens of a document (10000)', limit)
    .option(
      '--max-cost <n>',
      'values that an answer may hold, lists taken as 10 long where nothing tells (1000000)',
      limit,
    )
    .action(async (options: SupergraphOptions) => {
      if (servesSupergraph(options)) {
        const settings = settingsOf(options);
        const { runSupergraph } = await import('../gateway/main.ts');
        await runSupergraph(settings);
        return;
      }
      const file = configurationFileFor('gateway', options.config);
      const { runGateway } = await import('../gateway/main.ts');
      await runGateway(file);
    });
  withExamples(
    command,
    'gateway --config /etc/amana/gateway.yaml',
    'gateway --supergraph supergraph.graphql --port 4000',
    'gateway --supergraph supergraph.graphql --port 4000 --issuer https://sign-in.example --audience shop --policies ./policies.mjs',
    'gateway --subgraph accounts=http://localhost:4001/graphql --subgraph reviews=http://localhost:4002/graphql --port 4000 --jwks keys.json',
  );
}
