import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { makeSigningKey } from '../protocol/make-signing-key.ts';
import type { Purpose } from '../protocol/purposes.ts';
import { DEMO_CUSTODIANS, type DemoCustodian, GATHERED } from './demo-custodians.ts';

/** The processes of the demo, by the names that its files and messages give them. */
export const PROCESSES = ['identity-provider', 'ministry', 'missing', 'ngo-a', 'ngo-b', 'gateway'] as const;

export type ProcessName = (typeof PROCESSES)[number];

/** On which loopback port each process listens. */
export type Ports = Readonly<Record<ProcessName, number>>;

/** The settings of one process as they go into its file. */
export type Settings = Readonly<Record<string, unknown>>;

/** Changes the settings of a process before they are written, for federations unlike the demo's. */
export type Adjust = (name: ProcessName, settings: Settings) => Settings;

/** The clients that the demo's identity provider knows beside the dashboard. */
export const GATEWAY_CLIENT = 'amana-gateway';
export const CONSOLE_CLIENT = 'amana-console';

/** Where on the gateway the console's sign-ins return to. */
export const SIGNED_IN = '/signed-in';

const HOST = '127.0.0.1';

/** Any free port: each process says in its log where it took one. */
const METRICS = { host: HOST, port: 0 };
/** What each host of the subgraph that several host serves at least, in the demo's directory. */
const CONTRACT = 'contracts/ngo.graphql';
const GATEWAY_ISSUER = 'urn:amana:demo:gateway';

/** For what the demo's documentation centres agree to learn whom somebody seeks. */
const ASKED_ABOUT_PERSONS: readonly Purpose[] = [
  'IDENTIFICATION',
  'FAMILY_TRACING',
  'CRIMINAL_INVESTIGATION',
  'COORDINATION',
];

const HEADER =
  '# Written anew at each start of the demo. To run a configuration of your own, copy this file and name it with --config.\n';

/** Where a process of the demo listens. */
export const addressOf = (ports: Ports, name: ProcessName): string => `http://${HOST}:${ports[name]}`;

/** The configuration file of a process. */
export const configurationFile = (directory: string, name: ProcessName): string => join(directory, `${name}.yaml`);

/** The file with the secret of a client of the demo's identity provider, or another secret of the demo. */
export const secretFile = (directory: string, name: string): string => join(directory, 'keys', `${name}.secret`);

/**
 * Makes what a federation needs to start from a directory: keys and secrets (readable by their owner only) where they
 * are missing, and the configuration file of each custodian and of the gateway. All paths in the files are relative, so that the directory
 * can be copied and moved while nothing runs on it.
 */
export async function writeConfiguration(directory: string, ports: Ports, adjust: Adjust): Promise<void> {
  mkdirSync(join(directory, 'keys'), { recursive: true, mode: 0o700 });
  await writeKeyPair(directory, 'gateway');
  await writeKeyPair(directory, 'link-register');
  const secrets = DEMO_CUSTODIANS.flatMap(({ id, subgraph }) => [
    ...[`${id}-log`, `${id}-cursor`],
    ...(subgraph === GATHERED ? [`${id}-image`] : []),
  ]);
  for (const name of [...secrets, 'gateway-log', 'gateway-cursor', 'gateway-client', 'dashboard-client']) {
    writeOnce(secretFile(directory, name), randomBytes(32).toString('base64url'));
  }
  mkdirSync(join(directory, dirname(CONTRACT)), { recursive: true });
  copyFileSync(new URL('../../schema/ngo.graphql', import.meta.url), join(directory, CONTRACT));
  const write = (name: ProcessName, settings: Settings) =>
    writeFileSync(configurationFile(directory, name), HEADER + stringify(adjust(name, settings)), { mode: 0o600 });
  for (const custodian of DEMO_CUSTODIANS) write(custodian.id, custodianSettings(custodian, ports));
  write('gateway', gateway(ports));
}

const listen = (ports: Ports, name: ProcessName) => ({ host: HOST, port: ports[name] });

const custodianSettings = ({ id, subgraph, name, contact }: DemoCustodian, ports: Ports): Settings => ({
  mode: 'demo',
  custodian: id,
  name,
  contact,
  listen: listen(ports, id),
  storage: { kind: 'embedded', directory: `${id}/postgres` },
  identityProvider: {
    issuer: addressOf(ports, 'identity-provider'),
    jwksUri: `${addressOf(ports, 'identity-provider')}/jwks`,
  },
  gateway: { issuer: GATEWAY_ISSUER, keysFile: 'keys/gateway.jwks.json' },
  secrets: { logKeyFile: `keys/${id}-log.secret`, cursorKeyFile: `keys/${id}-cursor.secret` },
  publicOrigin: addressOf(ports, id),
  metrics: METRICS,
  ...(subgraph === GATHERED && { askedAboutPersons: ASKED_ABOUT_PERSONS }),
  ...(subgraph === GATHERED && { media: { originals: 'leave', keyFile: `keys/${id}-image.secret` } }),
  linkRegister:
    id === 'missing'
      ? { role: 'keeper', signingKeyFile: 'keys/link-register.jwk.json' }
      : { role: 'reader', keysFile: 'keys/link-register.jwks.json' },
});

const gateway = (ports: Ports): Settings => ({
  mode: 'demo',
  issuer: GATEWAY_ISSUER,
  listen: listen(ports, 'gateway'),
  identityProvider: {
    issuer: addressOf(ports, 'identity-provider'),
    clientId: GATEWAY_CLIENT,
    clientSecretFile: 'keys/gateway-client.secret',
  },
  signingKeyFile: 'keys/gateway.jwk.json',
  log: { directory: 'gateway/log', keyFile: 'keys/gateway-log.secret' },
  metrics: METRICS,
  console: { clientId: CONSOLE_CLIENT },
  gathered: [{ subgraph: GATHERED, contractFile: CONTRACT }],
  cursorKeyFile: 'keys/gateway-cursor.secret',
  custodians: DEMO_CUSTODIANS.map(({ id, subgraph, name, contact }) => ({
    id,
    subgraph,
    url: addressOf(ports, id),
    name,
    contact,
  })),
});

/** A private key as a JWK (RFC 7517 §4) for the one who signs, and as a key set (§5) for those who pin it. */
async function writeKeyPair(directory: string, name: string): Promise<void> {
  const file = join(directory, 'keys', `${name}.jwk.json`);
  if (existsSync(file)) return;
  const { signing, pinned } = await makeSigningKey();
  writeFileSync(join(directory, 'keys', `${name}.jwks.json`), JSON.stringify({ keys: [pinned] }), { mode: 0o644 });
  writeOnce(file, JSON.stringify(signing));
}

function writeOnce(file: string, content: string): void {
  if (!existsSync(file)) writeFileSync(file, content, { mode: 0o600 });
}
