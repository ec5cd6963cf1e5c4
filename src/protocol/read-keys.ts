import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CryptoKey, type JWTVerifyGetKey, createLocalJWKSet, importJWK } from 'jose';
import { z } from 'zod';
import { ConfigurationError, readPrivateFile } from './read-configuration.ts';

const PrivateKey = z.looseObject({
  kty: z.string(),
  kid: z.string().min(1),
  alg: z.string().min(1),
  d: z.string().min(1),
});
const PublicKey = z
  .looseObject({ kty: z.string(), kid: z.string().min(1) })
  .refine((jwk) => !('d' in jwk) && isPublicKey(jwk));
const KeySet = z.object({
  keys: z
    .array(PublicKey)
    .min(1)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

/** A private key to sign with, and what its signatures say of it. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly kid: string;
  readonly alg: string;
}

/** A private key from a private file that holds it as a JWK (RFC 7517 §4) with `kid` and `alg`. Throws `ConfigurationError`. */
export async function readSigningKey(file: string): Promise<SigningKey> {
  const text = readPrivateFile(file);
  try {
    const jwk = PrivateKey.parse(JSON.parse(text));
    const key = await importJWK(jwk, jwk.alg);
    if (key instanceof Uint8Array) throw new TypeError('a shared secret cannot sign for others');
    return { key, kid: jwk.kid, alg: jwk.alg };
  } catch (cause) {
    throw new ConfigurationError(`${file}: a private key as a JWK with kid and alg is needed.`, { cause });
  }
}

/** Pinned public keys: what verifies with them, and their ids. */
export interface PinnedKeys {
  readonly verify: JWTVerifyGetKey;
  readonly kids: readonly string[];
}

/** Pinned public keys, from a file that holds them as a JWK set (RFC 7517 §5). Throws `ConfigurationError`. */
export function readKeySet(file: string): PinnedKeys {
  const set = parseKeySet(file, readText(file));
  return { verify: createLocalJWKSet(set), kids: set.keys.map(({ kid }) => kid) };
}

/** Pinned public keys as `readKeySet` reads them, for one verification. Throws `ConfigurationError`. */
export const readPinnedKeys = (file: string): JWTVerifyGetKey => readKeySet(file).verify;

/**
 * Public keys, one or several, each with a `kid` of its own, as a JWK set (RFC 7517 §5), from the text of a file. Throws
 * `ConfigurationError`, also where one of them is no key or a private one.
 */
export function parseKeySet(file: string, text: string): z.infer<typeof KeySet> {
  try {
    return KeySet.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigurationError(
      `${file}: public keys as a JWK set are needed, each with a kid of its own and without private parts.`,
      { cause },
    );
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`${file}: cannot be read. It must hold public keys as a JWK set.`, { cause });
  }
}

function isPublicKey(jwk: Readonly<Record<string, unknown>>): boolean {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' }).type === 'public';
  } catch {
    return false;
  }
}
