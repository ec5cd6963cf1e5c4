import type { Secrets } from './read-configuration.ts';
import { deriveKey, seal, unsealWithOneOf } from './sealing.ts';

const PADDED_TO = 64;

/**
 * Seals values as texts that say nothing, not even how long the value is, and opens them for the same binding only
 * (AES-256-GCM). A binding is the words that say what the text is, for whom and for what.
 */
export class SealedValues {
  readonly #longest: number;
  #secrets: Secrets;

  /** Secrets of at least 32 bytes: the first seals, all open. What has more than `longest` characters opens as nothing. */
  constructor(longest: number, secrets: Secrets) {
    this.#longest = longest;
    this.#secrets = secrets;
  }

  /** Takes other secrets; a text opens while the one that sealed it is among them. */
  rotate(secrets: Secrets): void {
    this.#secrets = secrets;
  }

  /** A value that JSON can write, as base64url. */
  seal(binding: readonly string[], value: object): string {
    const plain = JSON.stringify(value);
    // Padded, because the length of a sealed name would tell about the name.
    const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
    const padded = Buffer.alloc(length, ' ');
    padded.write(plain);
    return seal(deriveKey(this.#secrets[0], binding), padded).toString('base64url');
  }

  /** What was sealed for the binding; undefined where the text was tampered with, or is for another. */
  open(binding: readonly string[], text: string): unknown {
    if (text.length > this.#longest || !/^[\w-]+$/u.test(text)) return undefined;
    const [first, ...earlier] = this.#secrets;
    const keys = [deriveKey(first, binding), ...earlier.map((secret) => deriveKey(secret, binding))] as const;
    try {
      return JSON.parse(unsealWithOneOf(keys, Buffer.from(text, 'base64url')).toString());
    } catch {
      return undefined;
    }
  }
}
