import { readFileSync } from 'node:fs';
import { type JWTVerifyGetKey, createLocalJWKSet, importJWK } from 'jose';
import { z } from 'zod';
import type { RegisterSigner } from '../protocol/links-export.ts';
import { ConfigurationError } from '../protocol/read-configuration.ts';

const PrivateKey = z.looseObject({ kid: z.string().min(1), alg: z.string().min(1), d: z.string().min(1) });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** The link register's signing key, from a file that holds it as a JWK (RFC 7517 §4); throws `ConfigurationError`. */
export async function readSigningKey(file: string): Promise<Omit<RegisterSigner, 'now'>> {
  try {
    const jwk = PrivateKey.parse(JSON.parse(readFileSync(file, 'utf8')));
    const key = await importJWK({ ...jwk, kty: String(jwk['kty']) }, jwk.alg);
    if (key instanceof Uint8Array) throw new TypeError('a shared secret cannot sign for others');
    return { key, kid: jwk.kid, alg: jwk.alg };
  } catch (cause) {
    throw new ConfigurationError(`${file}: a private key as a JWK with kid and alg is needed.`, { cause });
  }
}

/** Pinned public keys, from a file that holds them as a JWK set (RFC 7517 §5); throws `ConfigurationError`. */
export function readPinnedKeys(file: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(KeySet.parse(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (cause) {
    throw new ConfigurationError(`${file}: public keys as a JWK set are needed.`, { cause });
  }
}
