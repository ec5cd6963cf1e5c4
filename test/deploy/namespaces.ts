import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ComposeFile, ROOT, type Service } from './compose-file.ts';

const run = promisify(execFile);
const POSTGRES_CLIENT = '/usr/lib/postgresql/15/bin';

/** What a program said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Beside a service, another thing that a program in its place sees: a folder, at a path. */
export interface Mount {
  readonly from: string;
  readonly to: string;
}

/**
 * The services of a compose file as plain processes, each in a network namespace and a file system of its own, on the
 * networks that the file gives it and under the user that it names: a bridge is a network, and there is no other way.
 */
export class Namespaces {
  readonly #compose: ComposeFile;
  readonly #directory: string;
  readonly #prefix = `amana-${randomBytes(3).toString('hex')}`;
  readonly #names: string[] = [];
  readonly #addresses = new Map<string, Map<string, string>>();
  readonly #running = new Map<string, ChildProcess>();
  /** What stands in the file of hosts of a service. */
  readonly #hosts = new Map<string, string>();

  /** `directory` holds what the services write; it is the caller's. */
  constructor(compose: ComposeFile, directory: string) {
    this.#compose = compose;
    this.#directory = directory;
  }

  /** The addresses of a service by network. */
  addressesOf(service: string): ReadonlyMap<string, string> {
    return this.#addresses.get(service) ?? new Map();
  }

  /** Lays the networks; `outside` is on those that are published from. */
  async lay(outside: readonly string[]): Promise<void> {
    const bridges = this.#namespace('switch');
    await ip('netns', 'add', bridges);
    const networks = [...this.#compose.networks.keys()];
    for (const [index] of networks.entries()) {
      await ip('-n', bridges, 'link', 'add', `b${index}`, 'type', 'bridge');
      await ip('-n', bridges, 'link', 'set', `b${index}`, 'up');
    }
    const places = [...this.#compose.services].map(([name, service]) => [name, [...service.networks.keys()]] as const);
    const taken = new Map<string, number>();
    for (const [name, attached] of [...places, ['outside', outside] as const]) {
      const namespace = this.#namespace(name);
      await ip('netns', 'add', namespace);
      await ip('-n', namespace, 'link', 'set', 'lo', 'up');
      const addresses = new Map<string, string>();
      for (const network of attached) {
        const at = networks.indexOf(network);
        const port = taken.get(network) ?? 0;
        taken.set(network, port + 1);
        const fixed = this.#compose.services.get(name)?.networks.get(network)?.ipv4_address;
        const subnet = this.#compose.networks.get(network)?.subnet ?? '';
        const address = fixed ?? subnet.replace(/0\/24$/u, String(100 + port));
        await ip('-n', bridges, 'link', 'add', `p${at}-${port}`, 'type', 'veth', 'peer', `n${at}`, 'netns', namespace);
        await ip('-n', bridges, 'link', 'set', `p${at}-${port}`, 'master', `b${at}`, 'up');
        await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', `n${at}`);
        await ip('-n', namespace, 'link', 'set', `n${at}`, 'up');
        addresses.set(network, address);
      }
      this.#addresses.set(name, addresses);
    }
  }

  /** Starts a service with its own command, or another in its place; what it says goes to `<service>.log`. */
  start(name: string, instead?: readonly string[], mounts: readonly Mount[] = []): void {
    const log = openSync(this.logOf(name), 'a');
    const command = instead ?? this.#commandOf(name);
    const child = spawn('ip', this.#inside(name, command, mounts), { stdio: ['ignore', log, log] });
    this.#running.set(name, child);
  }

  /** Runs a program where a service runs, as `docker compose exec` would. */
  async execute(name: string, command: readonly string[], mounts: readonly Mount[] = []): Promise<Said> {
    try {
      const { stdout, stderr } = await run('ip', this.#inside(name, command, mounts), { maxBuffer: 1 << 26 });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const failed = error as { code?: number; stdout?: string; stderr?: string };
      return { code: Number(failed.code ?? 1), out: failed.stdout ?? '', err: failed.stderr ?? String(error) };
    }
  }

  /** Waits until the service's own health check succeeds; throws with what the service said where it does not. */
  async healthy(name: string): Promise<void> {
    const [, ...test] = this.#service(name).healthcheck.test;
    for (const end = Date.now() + 60_000; ; await sleep(200)) {
      if ((await this.execute(name, test)).code === 0) return;
      const { exitCode } = this.#running.get(name) ?? {};
      if (Date.now() > end || typeof exitCode === 'number') {
        throw new Error(`${name} is not healthy (exit code ${exitCode}): ${readFileSync(this.logOf(name), 'utf8')}`);
      }
    }
  }

  /** Ends a service as `docker compose stop` would, and waits for its end. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.kill(signal);
    await ended;
    clearTimeout(force);
  }

  logOf(name: string): string {
    return join(this.#directory, `${name}.log`);
  }

  /** Ends all services, those first that others do not need, and takes the networks away. */
  async end(): Promise<void> {
    const isDatabase = (name: string): boolean => name.endsWith('-postgres');
    const names = [...this.#running.keys()];
    await Promise.all(names.filter((name) => !isDatabase(name)).map((name) => this.stop(name)));
    await Promise.all(names.filter(isDatabase).map((name) => this.stop(name, 'SIGINT')));
    for (const name of this.#names) {
      await ip('netns', 'delete', name).catch(() => undefined);
      rmSync(`/etc/netns/${name}`, { recursive: true, force: true });
    }
  }

  #namespace(name: string): string {
    const namespace = `${this.#prefix}-${name}`;
    if (!this.#names.includes(namespace)) this.#names.push(namespace);
    return namespace;
  }

  #service(name: string): Service {
    const service = this.#compose.services.get(name);
    if (!service) throw new Error(`the compose file has no service ${name}`);
    return service;
  }

  #commandOf(name: string): string[] {
    const { image, entrypoint, command = [] } = this.#service(name);
    const ofImage = image.startsWith('amana:') ? ['/opt/amana/bin/amana'] : [];
    // Compose writes a dollar sign twice.
    return [...(entrypoint ?? ofImage), ...command].map((word) => word.replaceAll('$$', '$'));
  }

  /** The words after `ip` that run a command in a service's namespace, root and user. */
  #inside(name: string, command: readonly string[], mounts: readonly Mount[]): string[] {
    const service = this.#compose.services.get(name);
    const [uid = '0', gid = '0'] = (service?.user ?? '10001:10001').split(':');
    const all = [...this.#filesOf(service), ...mounts].map(({ from, to }) => `${from} ${to}`).join('\n');
    const environment = Object.entries(service?.environment ?? {}).map(([key, value]) => `${key}=${value}`);
    const given = [process.execPath, ROOT, this.#rootOf(name), this.#hostsOf(name), all, POSTGRES_CLIENT];
    const user = ['--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs', '--inh-caps=-all'];
    const words = ['chroot', '.', '/usr/bin/setpriv', ...user, '--bounding-set=-all', '--', ...command];
    return ['netns', 'exec', this.#namespace(name), 'sh', ENTER, ...given, ...environment, ...words];
  }

  #filesOf(service: Service | undefined): Mount[] {
    if (!service) return [];
    const files = [...service.configs, ...service.secrets].map(({ source, target }) => ({
      from: join(ROOT, this.#compose.files.get(source) ?? ''),
      to: target,
    }));
    const volumes = service.volumes.map(({ name, target }) => {
      const from = join(this.#directory, 'volumes', name);
      mkdirSync(from, { recursive: true });
      execFileSync('chown', ['10001:10001', from]);
      return { from, to: target };
    });
    return [...files, ...volumes];
  }

  #rootOf(name: string): string {
    const root = join(this.#directory, 'roots', name);
    mkdirSync(root, { recursive: true });
    return root;
  }

  /** The names by which a service finds the others: those that share a network with it, as Docker's resolver would say. */
  #hostsOf(name: string): string {
    const file = join(this.#directory, `${name}.hosts`);
    const lines = ['127.0.0.1 localhost'];
    for (const network of this.addressesOf(name).keys()) {
      for (const [other, service] of this.#compose.services) {
        const address = this.addressesOf(other).get(network);
        const names = [other, ...(service.networks.get(network)?.aliases ?? [])];
        if (address !== undefined) lines.push(`${address} ${names.join(' ')}`);
      }
    }
    if (name === 'outside') lines.push(`${this.addressesOf('front').get('front')} amana.example`);
    const text = `${lines.join('\n')}\n`;
    // A program that looks somebody up may not find the file half written again.
    if (this.#hosts.get(name) !== text) writeFileSync(file, text);
    this.#hosts.set(name, text);
    return file;
  }
}

const ENTER = join(ROOT, 'test/deploy/enter-service.sh');

const ip = (...words: string[]): Promise<unknown> => run('ip', words);
