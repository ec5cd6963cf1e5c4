import type { KeyObject } from 'node:crypto';
import type { Secrets } from './read-configuration.ts';
import { deriveKey, seal, unsealWithOneOf } from './sealing.ts';

const PADDED_TO = 64;

/** What seals values for one binding, and opens them. */
export interface BoundValues {
  /** A value that JSON can write, as base64url. */
  seal(value: object): string;
  /** What was sealed for the binding; undefined where the text was tampered with, or is for another. */
  open(text: string): unknown;
}

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

  /** Seals and opens for one binding, whose keys are made when they are first needed. */
  boundTo(binding: readonly string[]): BoundValues {
    const [first, ...earlier] = this.#secrets;
    let sealing: KeyObject | undefined;
    const sealingKey = (): KeyObject => (sealing ??= deriveKey(first, binding));
    return {
      seal(value) {
        const plain = JSON.stringify(value);
        // Padded, because the length of a sealed name would tell about the name.
        const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
        const padded = Buffer.alloc(length, ' ');
        padded.write(plain);
        return seal(sealingKey(), padded).toString('base64url');
      },
      open: (text) => {
        if (text.length > this.#longest || !/^[\w-]+$/u.test(text)) return undefined;
        const keys = [sealingKey(), ...earlier.map((secret) => deriveKey(secret, binding))] as const;
        try {
          return JSON.parse(unsealWithOneOf(keys, Buffer.from(text, 'base64url')).toString());
        } catch {
          return undefined;
        }
      },
    };
  }

  /** A value that JSON can write, as base64url. */
  seal(binding: readonly string[], value: object): string {
    return this.boundTo(binding).seal(value);
  }

  /** What was sealed for the binding; undefined where the text was tampered with, or is for another. */
  open(binding: readonly string[], text: string): unknown {
    return this.boundTo(binding).open(text);
  }
}
