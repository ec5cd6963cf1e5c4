import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * The key (32 bytes) of what is sealed as one thing and opens as nothing else: a key for each, so that random nonces never
 * come near their limit. `bound` says what it is.
 */
export const deriveKey = (secret: Uint8Array, bound: readonly string[]): Buffer =>
  createHmac('sha256', secret).update(JSON.stringify(bound)).digest();

/** Nonce, ciphertext and tag of a content (AES-256-GCM, NIST SP 800-38D). */
export function seal(key: Buffer, content: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** The content that was sealed; throws where it was sealed under another key, or has been changed since. */
export function unseal(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}

/** The content that was sealed under one of the keys; throws where it was sealed under another, or has been changed since. */
export function unsealWithOneOf([key, ...others]: readonly [Buffer, ...Buffer[]], sealed: Buffer): Buffer {
  try {
    return unseal(key, sealed);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined) throw error;
    return unsealWithOneOf([next, ...rest], sealed);
  }
}
