import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A service's place on a network. */
export interface Attachment {
  readonly ipv4_address?: string;
  readonly aliases?: readonly string[];
}

/** A file mounted into a service, by the name that the compose file gives it. */
export interface MountedFile {
  readonly source: string;
  readonly target: string;
}

/** What a service of the compose file is, with everything in its long form. */
export interface Service {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user: string;
  readonly networks: ReadonlyMap<string, Attachment>;
  readonly configs: readonly MountedFile[];
  readonly secrets: readonly MountedFile[];
  readonly volumes: readonly { readonly name: string; readonly target: string }[];
  readonly ports: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** `docker-compose.yml` with its merge keys resolved. */
export interface ComposeFile {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly services: ReadonlyMap<string, Service>;
  readonly networks: ReadonlyMap<string, { readonly internal: boolean; readonly subnet: string }>;
  readonly volumes: readonly string[];
  /** Names of configs and secrets → the file on the host, relative to the repository. */
  readonly files: ReadonlyMap<string, string>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the shape is checked against the specification's schema
type Given = any;

/** Reads the repository's compose file. */
export function readComposeFile(): ComposeFile {
  const raw: Given = parse(readFileSync(`${ROOT}docker-compose.yml`, 'utf8'), { merge: true });
  const names = Object.keys(raw.networks);
  return {
    raw,
    services: new Map(Object.entries(raw.services).map(([name, service]) => [name, asService(service)])),
    networks: new Map(
      names.map((name, index) => [
        name,
        {
          internal: raw.networks[name]?.internal === true,
          subnet: raw.networks[name]?.ipam?.config[0].subnet ?? `10.202.${index}.0/24`,
        },
      ]),
    ),
    volumes: Object.keys(raw.volumes),
    files: new Map(
      [raw.configs, raw.secrets].flatMap((section: Given) =>
        Object.entries(section).map(([name, entry]: Given) => [name, entry.file]),
      ),
    ),
  };
}

function asService(given: Given): Service {
  const networks = Array.isArray(given.networks)
    ? given.networks.map((name: string) => [name, {}])
    : Object.entries(given.networks).map(([name, attachment]) => [name, attachment ?? {}]);
  const secret = (entry: Given): MountedFile =>
    typeof entry === 'string'
      ? { source: entry, target: `/run/secrets/${entry}` }
      : { source: entry.source, target: `/run/secrets/${entry.target}` };
  return {
    ...given,
    networks: new Map(networks),
    configs: given.configs ?? [],
    secrets: (given.secrets ?? []).map(secret),
    volumes: (given.volumes ?? []).map((volume: string) => {
      const [name = '', target = ''] = volume.split(':');
      return { name, target };
    }),
    ports: given.ports ?? [],
    depends_on: given.depends_on ?? {},
    raw: given,
  };
}
