import { type JWK, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

/** A new key to sign with: the private key for the one who signs, and what others pin. */
export interface SigningKeyPair {
  /** A private key as a JWK (RFC 7517 §4), with `kid` and `alg`. */
  readonly signing: JWK;
  /** The public key alone. */
  readonly pinned: JWK;
}

/** Makes a key for signatures by ES256 (RFC 7518 §3.4); its id is its thumbprint (RFC 7638). */
export async function makeSigningKey(): Promise<SigningKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const shown = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(shown);
  return {
    signing: { ...(await exportJWK(privateKey)), kid, alg: 'ES256' },
    pinned: { ...shown, kid, alg: 'ES256', use: 'sig' },
  };
}
