import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { DASHBOARD, PEOPLE } from '../people.ts';
import { startIdentityProvider } from './start-identity-provider.ts';

interface Options {
  readonly directory: string;
  readonly port: number;
  readonly gatewaySecretFile: string;
  readonly dashboardSecretFile: string;
  readonly redirectUri: string[];
  readonly custodian: string[];
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535) throw new InvalidArgumentError('a number from 0 to 65535 is needed.');
  return port;
};

const options = new Command('identity-provider')
  .description("The demo's identity provider: anybody who reaches it may sign in as anybody it knows.")
  .requiredOption('--directory <directory>', 'where its signing keys are kept')
  .requiredOption('--port <port>', 'the port on 127.0.0.1 (0: a free one)', portNumber)
  .requiredOption('--gateway-secret-file <file>', "the secret of the gateway's client, amana-gateway")
  .requiredOption('--dashboard-secret-file <file>', `the secret of the client ${DASHBOARD.id}`)
  .requiredOption('--redirect-uri <uri>', "the console's address to return to; may be repeated", collect)
  .requiredOption('--custodian <id>', 'a custodian the gateway may obtain tokens for; may be repeated', collect)
  .parse()
  .opts<Options>();

const secretIn = (file: string): string => {
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32) throw new Error(`${file}: a secret of at least 32 characters is needed.`);
  return secret;
};

try {
  const provider = await startIdentityProvider({
    host: '127.0.0.1',
    port: options.port,
    directory: options.directory,
    people: PEOPLE,
    clients: {
      console: { id: 'amana-console', redirectUris: options.redirectUri },
      gateway: { id: 'amana-gateway', secret: secretIn(options.gatewaySecretFile) },
      dashboards: [{ id: DASHBOARD.id, secret: secretIn(options.dashboardSecretFile) }],
    },
    custodians: options.custodian,
  });
  console.log(`listening ${provider.issuer}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void provider.close());
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    inUse ? `Port ${options.port} on 127.0.0.1 is in use. Stop what listens there, or give another --port.` : reason,
  );
  process.exitCode = 1;
}
