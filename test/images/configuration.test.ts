import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadCustodianConfiguration } from '../../src/subgraphs/kit/configuration.ts';
import { startCustodian } from '../../src/subgraphs/kit/serve-custodian.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { testKey } from '../kit/served-custodian.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';

let directory: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ directory, remove } = await temporaryDirectory());
});
afterEach(() => remove());

/** Loads a custodian's configuration with these settings of its images. */
async function load(settings: object): Promise<ReturnType<typeof loadCustodianConfiguration>> {
  const file = join(directory, 'ngo-a.yaml');
  const given = {
    ...{ mode: 'production', custodian: 'ngo-a', name: { en: 'A', ar: 'أ' }, contact: 'archive@ngo-a.example' },
    ...{ listen: { host: '127.0.0.1', port: 0 }, storage: { kind: 'database' } },
    identityProvider: { issuer: 'https://id.example', jwksUri: 'https://id.example/jwks' },
    gateway: { issuer: 'gateway', keysFile: 'gateway.json' },
    secrets: { logKeyFile: 'log', cursorKeyFile: 'cursor' },
    linkRegister: { role: 'reader', keysFile: 'register.json' },
    publicOrigin: 'https://ngo-a.example',
    ...settings,
  };
  await writeFile(file, stringify(given));
  return loadCustodianConfiguration(file);
}

it('says where clients reach the custodian, and how images are kept, with paths beside the file', async () => {
  const configuration = await load({
    publicOrigin: 'https://ngo-a.example:8443/',
    media: { originals: 'encrypt', keyFile: 'image.secret', directory: 'originals' },
  });
  expect(configuration.publicOrigin).toBe('https://ngo-a.example:8443');
  expect(configuration.media).toEqual({
    ...{ originals: 'encrypt', keyFile: join(directory, 'image.secret') },
    directory: join(directory, 'originals'),
  });
  expect((await load({})).media).toBeUndefined();
});

it.each([
  ['no public origin', { publicOrigin: undefined }, 'publicOrigin'],
  ['one with a path', { publicOrigin: 'https://ngo-a.example/archive' }, 'publicOrigin: an origin'],
  ['one that is not encrypted on its way', { publicOrigin: 'http://ngo-a.example' }, 'plain HTTP is for loopback'],
  ['images without a key', { media: { originals: 'leave' } }, 'media.keyFile'],
  ['originals sealed, but nowhere', { media: { originals: 'encrypt', keyFile: 'k' } }, 'media.directory'],
  ['a directory that nothing is written to', { media: { originals: 'leave', keyFile: 'k', directory: 'd' } }, 'media'],
  ['another fate of originals', { media: { originals: 'delete', keyFile: 'k' } }, 'media.originals'],
])('refuses %s', async (_, settings, fault) => {
  await expect(load(settings)).rejects.toThrow(fault);
});

it('keeps a custodian with images from starting where nothing says how to keep them', async () => {
  for (const name of ['log', 'cursor']) {
    await writeFile(join(directory, name), randomBytes(32).toString('base64url'), { mode: 0o600 });
  }
  await writeFile(join(directory, 'gateway.json'), JSON.stringify({ keys: [(await testKey('gateway')).publicJwk] }));
  const configuration = await load({});
  const surroundings = { configuration, environment: {}, now: Date.now, log: pino({ level: 'silent' }) };
  await expect(startCustodian(ngo, surroundings)).rejects.toThrow('media: this custodian has images');
});
