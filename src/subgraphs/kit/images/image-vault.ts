import { deriveKey, seal, unseal } from '../sealing.ts';

/** What a sealed content is: it opens as nothing else. */
export interface SealedAs {
  readonly what: 'BLURRED' | 'REDUCED' | 'ORIGINAL';
  /** The id of the record that the image belongs to. */
  readonly record: string;
  /** The SHA-256 of the original, in hexadecimal. */
  readonly digest: string;
}

/** Seals images under the custodian's key (AES-256-GCM), so that a copied disk or backup shows none. */
export class ImageVault {
  readonly #secret: Uint8Array;

  /** `secret` is the custodian's image key, at least 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** Nonce, ciphertext and tag. */
  seal(content: Uint8Array, as: SealedAs): Buffer {
    return seal(this.#derive('content', as), content);
  }

  /** The content that was sealed; throws where it was sealed as something else, or has been changed since. */
  open(sealed: Buffer, as: SealedAs): Buffer {
    return unseal(this.#derive('content', as), sealed);
  }

  /** The name of the file that holds a sealed original: it tells nothing about the record. */
  nameOf(as: SealedAs): string {
    return this.#derive('name', as).toString('base64url');
  }

  /** A key for each content: what is moved to another record does not open there. */
  #derive(use: 'content' | 'name', { what, record, digest }: SealedAs): Buffer {
    return deriveKey(this.#secret, ['amana image 1', use, what, record, digest]);
  }
}
