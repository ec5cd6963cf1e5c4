import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AMANA, runAmana } from '../cli/run-amana.ts';

const START = 90_000;

let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'amana-demo-')));
});
afterAll(() => rm(directory, { recursive: true }));

/** The processes whose command line names the test's directory: all that the demo starts. */
const left = (): string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(directory) && !line.startsWith('ps '));

const demo = (...words: string[]) => runAmana(['demo', '--directory', directory, '--port', '0', ...words]);

/** A demo that stays up; its first line of JSON tells that everybody was answered. */
async function running(): Promise<{ process: ChildProcess; gateway: string; ended: Promise<unknown[]> }> {
  const child = spawn(AMANA, ['demo', '--directory', directory, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [line] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    ended.then(() => Promise.reject(new Error(said))),
  ]);
  return { process: child, gateway: JSON.parse(String(line)).gateway, ended };
}

async function gone(): Promise<string[]> {
  for (let tries = 0; tries < 100 && left().length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return left();
}

/** Something that listens where the Ministry would, with the ports of the demo's other processes free beside it. */
async function serverAmongFreePorts(): Promise<Server> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const others = [-11, -1, 1, 2, 3].map((step) => port + step);
    if ((await Promise.all(others.map(isFree))).every(Boolean)) return server;
    server.close();
  }
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

describe('the demo', () => {
  test(
    'asks one question as four viewers, each of whom sees what the custodians let them see',
    { timeout: START },
    async () => {
      const { code, stdout, stderr } = await demo('--once', '--json');
      expect(stderr).toContain('The federation stands');
      expect(code, stderr).toBe(0);
      const answer = JSON.parse(stdout);
      expect(Object.keys(answer)).toEqual(['gateway', 'viewers', 'without']);
      expect(answer.viewers.map(({ viewer }: { viewer: string }) => viewer)).toEqual([
        'analyst',
        'authority-officer',
        'journalist',
        'dashboard',
      ]);
      for (const one of answer.viewers) expect(Object.keys(one)).toEqual(['viewer', 'data', 'withheld', 'custodians']);
      const [analyst, authority, journalist, dashboard] = answer.viewers;

      const [told, pending] = analyst.data.persons;
      expect(told.deathCertificates.nodes).toMatchObject([{ reference: '2018/43', statedCause: 'احتشاء' }]);
      expect(told.missingPersonReports.nodes).toMatchObject([{ reference: 'R-2016-00064' }]);
      expect(told.depictedBodies.nodes, 'COORDINATED').toEqual([]);
      expect(pending?.deathCertificates?.nodes ?? [], 'FAMILY_FIRST').toEqual([]);

      expect(authority.data.persons[0].depictedBodies.nodes).toMatchObject([{ reference: 'B00056' }]);
      expect(authority.data.persons[0].deathCertificates.nodes).toMatchObject([{ statedCause: null }]);
      expect(authority.data.persons[1].deathCertificates.nodes).toHaveLength(1);
      expect(authority.withheld).toContainEqual(
        expect.objectContaining({
          coordinate: 'DeathCertificate.statedCause',
          custodian: 'ministry',
          contact: 'records@ministry.example',
        }),
      );

      for (const outsider of [journalist, dashboard]) {
        expect(outsider.data.persons ?? null).toBeNull();
        expect(outsider.data.deathCertificates.totalCount).toBeGreaterThan(500);
        expect(outsider.data.deathCertificates.nodes[0]).toMatchObject({ name: null, statedCause: null });
        expect(outsider.custodians.map(({ status }: { status: string }) => status)).toEqual([
          'ANSWERED',
          'ANSWERED',
          'ANSWERED',
          'ANSWERED',
        ]);
      }

      // Both NGOs' bodies are in one list; with one of them away the other's are there, and their number is not known.
      const custodiansOf = ({ data }: typeof authority) =>
        new Set(data.depictedBodies.nodes.map(({ custodian }: { custodian: string }) => custodian));
      expect(custodiansOf(authority)).toEqual(new Set(['ngo-a', 'ngo-b']));
      expect(answer.without.custodian).toBe('ngo-b');
      const without = answer.without.viewers[1];
      expect(without.viewer).toBe('authority-officer');
      expect(custodiansOf(without)).toEqual(new Set(['ngo-a']));
      expect(authority.data.depictedBodies.totalCount).toBeGreaterThan(800);
      expect(without.data.depictedBodies.totalCount).toBeNull();
      expect(without.data.deathCertificates).toEqual(authority.data.deathCertificates);
      expect(without.custodians).toContainEqual(
        expect.objectContaining({
          custodian: 'ngo-b',
          status: 'UNAVAILABLE',
          incomplete: expect.arrayContaining([expect.objectContaining({ reason: 'NOT_COUNTED' })]),
        }),
      );
      expect(left()).toEqual([]);
    },
  );

  test('shows the same side by side in at most 100 columns, Arabic names whole', { timeout: START }, async () => {
    const { code, stdout, stderr } = await demo('--once');
    expect(code, stderr).toBe(0);
    const lines = stdout.split('\n').filter((line) => !line.includes(directory));
    const widths = lines.map((line) => [...line.replace(/[\p{Mn}\p{Cf}]/gu, '')].length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
    expect(stdout).toContain('هدى منصور');
    expect(stdout).toContain('احتشاء');
    expect(stdout).toContain('withheld');
    expect(stdout).toContain('records@ministry.example');
    expect(left()).toEqual([]);
  });

  test(
    'while it runs: tokens, grants and revocation by command, and no second one on its directory',
    { timeout: START },
    async () => {
      const { process: child, gateway, ended } = await running();
      try {
        const second = await demo('--once');
        expect(second.stderr).toContain(`A federation already runs on ${directory}`);
        expect(second.stderr).toContain('--directory');
        expect(second.code).toBe(1);

        const token = await runAmana(['token', 'analyst', '--directory', directory]);
        expect(token.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/u);
        const nobody = await runAmana(['token', 'nobody', '--directory', directory]);
        expect(nobody).toMatchObject({ code: 1, stdout: '' });
        expect((await runAmana(['token', 'dashboard', '--directory', directory])).code).toBe(0);

        const config = ['--config', join(directory, 'ministry.yaml')];
        const causes = async (): Promise<unknown[]> => {
          const response = await fetch(`${gateway}/graphql`, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${token.stdout.trim()}`,
              'amana-purpose': 'IDENTIFICATION',
              'content-type': 'application/json',
            },
            body: JSON.stringify({ query: '{ deathCertificates(first: 5) { nodes { statedCause } } }' }),
          });
          const { data } = JSON.parse(await response.text());
          return data.deathCertificates?.nodes?.map(({ statedCause }: { statedCause: unknown }) => statedCause) ?? [];
        };
        expect((await causes()).some((cause) => cause !== null)).toBe(true);

        const { stdout } = await runAmana(['grants', 'ministry', '--subject', 'analyst', '--json', ...config]);
        const [grant] = JSON.parse(stdout);
        expect(grant).toMatchObject({ subject: 'analyst', state: 'in force', reason: 'Demonstration' });
        expect(await runAmana(['revoke', 'ministry', grant.id, ...config])).toMatchObject({ code: 0, stderr: '' });
        expect((await causes()).every((cause) => cause === null)).toBe(true);
        const again = await runAmana(['revoke', 'ministry', grant.id, ...config]);
        expect(again).toMatchObject({ code: 1, stderr: `amana: The grant ${grant.id} has been revoked already.\n` });

        const words = [
          'grant',
          'ministry',
          '--subject',
          'analyst',
          '--organisation',
          'commission',
          '--recipient',
          'NAMED_ORGANISATIONS',
        ];
        const more = [
          '--scopes',
          'ministry:registered,ministry:identifying,ministry:medical',
          '--purposes',
          'IDENTIFICATION,FAMILY_TRACING',
        ];
        const until = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
        const rest = ['--until', until, '--reason', 'Request 17/2026', ...config];
        const refused = await runAmana([...words, ...more, ...rest, '--clears', 'FAMILY_FIRST']);
        expect(refused.stderr).toContain('FAMILY_FIRST can be cleared for the Authority and your own staff only');
        expect(refused.code).toBe(2);
        for (const [scope, said] of [
          ['ngo:registered', 'ministry hosts only "ministry"'],
          ['ministry:medicine', 'no such scope here. This custodian can grant ministry:identifying'],
        ] as const) {
          const dead = await runAmana([...words, '--scopes', scope, ...more.slice(2), ...rest]);
          expect(dead).toMatchObject({ code: 2, stdout: '' });
          expect(dead.stderr).toContain(`${scope}: ${said}`);
        }
        expect(await runAmana([...words, ...more, ...rest])).toMatchObject({ code: 0, stderr: '' });

        const table = await runAmana(['grants', 'ministry', '--all', ...config], { cwd: '/' });
        expect(table.stdout).toMatch(/^STATE +UNTIL +SUBJECT/u);
        expect(table.stdout).toMatch(/^revoked +\d{4}-\d\d-\d\d +analyst /mu);
        expect(table.stdout).toMatch(new RegExp(`^in force +${until} +analyst `, 'mu'));

        const other = await runAmana(['grants', 'ngo-a', ...config]);
        expect(other).toMatchObject({ code: 2, stdout: '' });
        expect(other.stderr).toContain('is the configuration of ministry, not of ngo-a');
      } finally {
        child.kill('SIGINT');
      }
      expect(await ended).toEqual([0, null]);
      expect(left()).toEqual([]);
    },
  );

  test(
    'imports by command, with what was rejected, and brings links from the Authority to a custodian',
    { timeout: START },
    async () => {
      const config = (custodian: string) => ['--config', join(directory, `${custodian}.yaml`)];
      const [rejects, held, exported] = ['rejects.jsonl', 'held.json', 'links.jws'].map((name) =>
        join(directory, name),
      );
      const imported = await runAmana([
        ...['import', 'ministry', 'data/deliveries/ministry', '--json', '--rejects', String(rejects)],
        ...config('ministry'),
      ]);
      expect(imported.stderr).toBe('');
      const { files } = JSON.parse(imported.stdout);
      for (const { delivered, accepted, rejected, superseded } of files) {
        expect(accepted + rejected).toBe(delivered);
        expect(superseded).toBe(0);
      }
      const none = await runAmana(['import', 'ministry', directory, ...config('ministry')]);
      expect(none).toMatchObject({ code: 1, stdout: '' });
      expect(none.stderr).toContain('holds none of the files of this custodian');

      expect((await runAmana(['links', 'held', 'ministry', '--out', String(held), ...config('ministry')])).code).toBe(
        0,
      );
      const words = ['links', 'export', 'ministry', '--held', String(held), '--out', String(exported)];
      expect((await runAmana([...words, ...config('missing')])).code).toBe(0);
      const linked = await runAmana(['links', 'import', 'ministry', String(exported), '--json', ...config('ministry')]);
      expect(JSON.parse(linked.stdout)).toMatchObject({ persons: expect.any(Number), unknownRecords: [] });
      const foreign = await runAmana(['links', 'import', 'ngo-a', String(exported), ...config('ngo-a')]);
      expect(foreign).toMatchObject({
        code: 1,
        stderr: 'amana: The export was made for another custodian. Ask the Authority for yours.\n',
      });
      expect(left()).toEqual([]);
    },
  );

  test(
    'one custodian runs by command, and a second process on its database is refused',
    { timeout: START },
    async () => {
      const words = ['custodian', 'ministry', '--config', join(directory, 'ministry.yaml')];
      const child = spawn(AMANA, words, { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(child, 'exit');
      const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
      try {
        const [, url] = /^listening (http:\S+)\n$/u.exec(String(line)) ?? [];
        expect((await fetch(`${url}/health/live`)).status).toBe(200);
        // Without the identity provider nobody can be answered.
        expect((await fetch(`${url}/health/ready`)).status).toBe(503);
        const second = await runAmana(words);
        expect(second.stderr).toContain('is already being served by process');
        expect(second).toMatchObject({ code: 1, stdout: '' });
      } finally {
        child.kill('SIGTERM');
      }
      expect(await ended).toEqual([0, null]);
      expect(left()).toEqual([]);
    },
  );

  test(
    'a port in use is named, with the option to choose others, and nothing is left',
    { timeout: START },
    async () => {
      const server = await serverAmongFreePorts();
      const { port } = server.address() as AddressInfo;
      try {
        const { code, stderr } = await runAmana(['demo', '--directory', directory, '--port', String(port - 11)]);
        expect(stderr).toContain(`Port ${port} on 127.0.0.1, meant for ministry, is in use.`);
        expect(stderr).toContain('--port');
        expect(code).toBe(1);
        expect(left()).toEqual([]);
      } finally {
        server.close();
      }
    },
  );

  test('what keeps a process from starting is told, and nothing is left', { timeout: START }, async () => {
    const file = join(directory, 'keys', 'ministry-log.secret');
    const secret = await readFile(file);
    await writeFile(file, 'short');
    try {
      const { code, stderr } = await demo('--once');
      expect(stderr).toContain(
        `amana: ministry ended while starting (exit code 1): ${file}: a secret of at least 32 bytes`,
      );
      expect(code).toBe(1);
      expect(left()).toEqual([]);
    } finally {
      await writeFile(file, secret);
    }
  });

  test('ended while it starts, it leaves nothing', { timeout: START }, async () => {
    const child = spawn(AMANA, ['demo', '--directory', directory, '--port', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(left()).toEqual([]);
  });

  test('killed outright, it takes everything with it, and starts again', { timeout: START }, async () => {
    const first = await running();
    first.process.kill('SIGKILL');
    await first.ended;
    expect(await gone()).toEqual([]);
    const next = await running();
    next.process.kill('SIGTERM');
    expect(await next.ended).toEqual([0, null]);
    expect(left()).toEqual([]);
  });
});
