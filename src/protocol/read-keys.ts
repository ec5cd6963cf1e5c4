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
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

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

/** Pinned public keys, from a file that holds them as a JWK set (RFC 7517 §5). Throws `ConfigurationError`. */
export const readPinnedKeys = (file: string): JWTVerifyGetKey =>
  createLocalJWKSet(parseKeySet(file, readFileSync(file, 'utf8')));

/** Public keys as a JWK set (RFC 7517 §5), from the text of a file. Throws `ConfigurationError`. */
export function parseKeySet(file: string, text: string): z.infer<typeof KeySet> {
  try {
    return KeySet.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigurationError(`${file}: public keys as a JWK set are needed.`, { cause });
  }
}
