import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

const PrivateKey = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  alg: z.literal('ES256'),
  kid: z.string().min(1),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

const KeySet = z.object({ keys: z.array(PrivateKey).min(1) });

/** The provider's private signing keys as a JWK set (RFC 7517 §5), all ES256. */
export type SigningKeys = z.infer<typeof KeySet>;

/**
 * The signing keys kept in a directory (`signing-keys.json`, readable by its owner only), made on the first start, so
 * that tokens stay valid over restarts. Throws when the file holds anything else than such keys.
 */
export async function loadSigningKeys(directory: string): Promise<SigningKeys> {
  const file = join(directory, 'signing-keys.json');
  return read(file) ?? (await create(directory, file));
}

async function create(directory: string, file: string): Promise<SigningKeys> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = await exportJWK(privateKey);
  const keys = { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(key) }] };
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(keys), { mode: 0o600, flush: true });
  try {
    // A link fails where the file exists: of two providers started at once, the second uses the first one's keys.
    linkSync(draft, file);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return KeySet.parse(read(file));
}

function read(file: string): SigningKeys | undefined {
  try {
    return KeySet.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw new Error(`${file}: no usable ES256 keys. Restore it, or delete it and let everybody sign in again.`, {
      cause: error,
    });
  }
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
