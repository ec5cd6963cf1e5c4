import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomFillSync,
} from 'node:crypto';

const NONCE = 12;
const TAG = 16;
const NOTHING = new Uint8Array();

/**
 * The key (32 bytes) of what is sealed as one thing and opens as nothing else: a key for each, so that random nonces never
 * come near their limit. `bound` says what it is.
 */
export const deriveKey = (secret: Uint8Array, bound: readonly string[]): KeyObject =>
  createSecretKey(createHmac('sha256', keyOf(secret)).update(JSON.stringify(bound)).digest());

/** Node looks at bytes for long, each time, before it takes them for a key. */
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(secret: Uint8Array): KeyObject {
  const key = keys.get(secret) ?? createSecretKey(secret);
  keys.set(secret, key);
  return key;
}

/** Random bytes for many nonces: asking for a few each time takes as long as sealing with them. Each is handed out once. */
const random = Buffer.alloc(NONCE * 256);
let handedOut = random.length;

function freshNonce(): Buffer {
  if (handedOut === random.length) {
    randomFillSync(random);
    handedOut = 0;
  }
  const nonce = Buffer.from(random.subarray(handedOut, handedOut + NONCE));
  handedOut += NONCE;
  return nonce;
}

/** Nonce, ciphertext and tag of a content (AES-256-GCM, NIST SP 800-38D), which opens beside the same other content only. */
export function seal(key: KeyObject, content: Uint8Array, beside: Uint8Array = NOTHING): Buffer {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(beside);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** The content that was sealed; throws where it was sealed under another key or beside another content, or has been changed since. */
export function unseal(key: KeyObject, sealed: Buffer, beside: Uint8Array = NOTHING): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(beside);
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}

/** The content that was sealed under one of the keys, as `unseal` opens it. */
export function unsealWithOneOf(
  [key, ...others]: readonly [KeyObject, ...KeyObject[]],
  sealed: Buffer,
  beside: Uint8Array = NOTHING,
): Buffer {
  try {
    return unseal(key, sealed, beside);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined) throw error;
    return unsealWithOneOf([next, ...rest], sealed, beside);
  }
}
