import type { KeyObject } from 'node:crypto';
import type { Secrets } from '../../../protocol/read-configuration.ts';
import { deriveKey, seal, unsealWithOneOf } from '../../../protocol/sealing.ts';

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
  #secrets: readonly [Uint8Array, ...Uint8Array[]];

  /** The custodian's image keys, at least 32 bytes each: the first seals, all open. */
  constructor(...secrets: readonly [Uint8Array, ...Uint8Array[]]) {
    this.#secrets = secrets;
  }

  /** Takes other keys; an image opens while the key that it was sealed under is among them. */
  rotate(secrets: Secrets): void {
    this.#secrets = secrets;
  }

  /** Nonce, ciphertext and tag. */
  seal(content: Uint8Array, as: SealedAs): Buffer {
    return seal(this.#derive('content', as)[0], content);
  }

  /** The content that was sealed; throws where it was sealed as something else, or has been changed since. */
  open(sealed: Buffer, as: SealedAs): Buffer {
    return unsealWithOneOf(this.#derive('content', as), sealed);
  }

  /** The name of the file that holds a sealed original: it tells nothing about the record. */
  nameOf(as: SealedAs): string {
    return this.#derive('name', as)[0].export().toString('base64url');
  }

  /** A key for each content: what is moved to another record does not open there. */
  #derive(use: 'content' | 'name', { what, record, digest }: SealedAs): readonly [KeyObject, ...KeyObject[]] {
    const [first, ...earlier] = this.#secrets;
    const bound = ['amana image 1', use, what, record, digest];
    return [deriveKey(first, bound), ...earlier.map((secret) => deriveKey(secret, bound))];
  }
}
