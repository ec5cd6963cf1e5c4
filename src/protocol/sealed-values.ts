import type { KeyObject } from 'node:crypto';
import type { Secrets } from './read-configuration.ts';
import { deriveKey, seal, unsealWithOneOf } from './sealing.ts';

const PADDED_TO = 64;
const REMEMBERED = 1_000;

/** What a sealed value belongs to, in words. It opens for the same words only. */
export interface Binding {
  /**
   * What the values are, and whose. They share a key, under which no more are sealed than random nonces bear: 2^32 (NIST
   * SP 800-38D, section 8.3).
   */
  readonly owner: readonly string[];
  /** What one of them is of: additional data that is authenticated with it. */
  readonly of: readonly string[];
}

/** Seals values as texts that say nothing, not even how long the value is, and opens them (AES-256-GCM). */
export class SealedValues {
  readonly #longest: number;
  #secrets: Secrets;
  /** By secret and owner: nothing of a value, nor of what it is of. */
  #keys = new Map<Buffer, Map<string, KeyObject>>();

  /** Secrets of at least 32 bytes: the first seals, all open. What has more than `longest` characters opens as nothing. */
  constructor(longest: number, secrets: Secrets) {
    this.#longest = longest;
    this.#secrets = secrets;
  }

  /** Takes other secrets; a text opens while the one that sealed it is among them. */
  rotate(secrets: Secrets): void {
    this.#secrets = secrets;
    this.#keys = new Map();
  }

  /** A value that JSON can write, as base64url. */
  seal({ owner, of }: Binding, value: object): string {
    const plain = JSON.stringify(value);
    // Padded, because the length of a sealed name would tell about the name.
    const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
    const padded = Buffer.alloc(length, ' ');
    padded.write(plain);
    return seal(this.#keyOf(this.#secrets[0], owner), padded, bytesOf(of)).toString('base64url');
  }

  /** What was sealed for the binding; undefined where the text was tampered with, or is for another. */
  open({ owner, of }: Binding, text: string): unknown {
    if (text.length > this.#longest || !/^[\w-]+$/u.test(text)) return undefined;
    const [first, ...earlier] = this.#secrets;
    const keys = [this.#keyOf(first, owner), ...earlier.map((secret) => this.#keyOf(secret, owner))] as const;
    try {
      return JSON.parse(unsealWithOneOf(keys, Buffer.from(text, 'base64url'), bytesOf(of)).toString());
    } catch {
      return undefined;
    }
  }

  #keyOf(secret: Buffer, owner: readonly string[]): KeyObject {
    const known = this.#keys.get(secret) ?? new Map<string, KeyObject>();
    this.#keys.set(secret, known);
    const words = JSON.stringify(owner);
    const key = known.get(words) ?? deriveKey(secret, owner);
    if (known.size >= REMEMBERED) known.clear();
    known.set(words, key);
    return key;
  }
}

const bytesOf = (words: readonly string[]): Buffer => Buffer.from(JSON.stringify(words));
