import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** What a sealed content is: it opens as nothing else. */
export interface SealedAs {
  readonly what: 'BLURRED' | 'REDUCED' | 'ORIGINAL';
  /** The id of the record that the image belongs to. */
  readonly record: string;
  /** The SHA-256 of the original, in hexadecimal. */
  readonly digest: string;
}

const NONCE = 12;
const TAG = 16;

/** Seals images under the custodian's key (AES-256-GCM), so that a copied disk or backup shows none. */
export class ImageVault {
  readonly #secret: Uint8Array;

  /** `secret` is the custodian's image key, at least 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** Nonce, ciphertext and tag. */
  seal(content: Uint8Array, as: SealedAs): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#derive('content', as), nonce);
    return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  /** The content that was sealed; throws where it was sealed as something else, or has been changed since. */
  open(sealed: Buffer, as: SealedAs): Buffer {
    const nonce = sealed.subarray(0, NONCE);
    const decipher = createDecipheriv('aes-256-gcm', this.#derive('content', as), nonce, { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(-TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
  }

  /** The name of the file that holds a sealed original: it tells nothing about the record. */
  nameOf(as: SealedAs): string {
    return this.#derive('name', as).toString('base64url');
  }

  /** A key for each content: what is moved to another record does not open there, and nonces never come near their limit. */
  #derive(use: 'content' | 'name', { what, record, digest }: SealedAs): Buffer {
    const bound = JSON.stringify(['amana image 1', use, what, record, digest]);
    return createHmac('sha256', this.#secret).update(bound).digest();
  }
}
