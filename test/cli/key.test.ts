import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPinnedKeys, readSigningKey } from '../../src/protocol/read-keys.ts';
import { runAmana } from './run-amana.ts';

const directory = mkdtempSync(join(tmpdir(), 'amana-key-'));
const file = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));

describe('amana key', () => {
  it('makes a private key for its owner only and the set that others pin', async () => {
    const { code, stderr } = await runAmana(['key', file('gateway')]);
    expect([stderr, code]).toEqual(['', 0]);
    expect(statSync(file('gateway.jwk.json')).mode & 0o777).toBe(0o600);
    const { kid } = await readSigningKey(file('gateway.jwk.json'));
    const [pinned] = JSON.parse(readFileSync(file('gateway.jwks.json'), 'utf8')).keys;
    expect(pinned).toMatchObject({ kid, kty: 'EC', crv: 'P-256' });
    expect(pinned).not.toHaveProperty('d');
    expect(readPinnedKeys(file('gateway.jwks.json'))).toBeTypeOf('function');
  });

  it('overwrites nothing', async () => {
    const before = readFileSync(file('gateway.jwk.json'), 'utf8');
    const { code, stderr } = await runAmana(['key', file('gateway')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is there already')]);
    expect(readFileSync(file('gateway.jwk.json'), 'utf8')).toBe(before);
  });

  it('adds the next key to a set that is pinned already', async () => {
    expect((await runAmana(['key', file('next'), '--add-to', file('gateway.jwks.json')])).code).toBe(0);
    const { kid } = await readSigningKey(file('next.jwk.json'));
    const { keys } = JSON.parse(readFileSync(file('gateway.jwks.json'), 'utf8'));
    expect(keys).toHaveLength(2);
    expect(keys[1]).toMatchObject({ kid });
  });

  it('leaves a set alone that is none, and makes no key then', async () => {
    writeFileSync(file('other.json'), '{"keys": "none"}');
    const { code, stderr } = await runAmana(['key', file('third'), '--add-to', file('other.json')]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('public keys as a JWK set are needed')]);
    expect(() => statSync(file('third.jwk.json'))).toThrow('ENOENT');
  });
});
