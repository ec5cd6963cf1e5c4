import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** What a cursor belongs to: it opens for this viewer and this list with this filter and order only. */
export interface CursorBinding {
  readonly subject: string;
  readonly subjectKind: string;
  /** The coordinate of the list, `Query.photographs`. */
  readonly list: string;
  /** The filter's coerced values. */
  readonly filter: unknown;
}

const Position = z.strictObject({ parent: z.string(), sortKey: z.string(), id: z.string() });

/** The last record of a page: its place in the order, and the record or person whose list it is (empty for a root). */
export type Position = z.infer<typeof Position>;

const ORDER = 'sort_key,id';
const NONCE = 12;
const TAG = 16;
const LONGEST = 2048;
const PADDED_TO = 64;

/** Seals and opens cursors: AES-256-GCM, since a cursor carries sort values, which may be names or dates. */
export class Cursors {
  readonly #secret: Buffer;

  /** `secret` is the custodian's cursor key, at least 32 bytes. */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** The cursor of a position, as base64url. */
  seal(binding: CursorBinding, position: Position): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(binding), nonce);
    const plain = JSON.stringify(position);
    // Padded, because the length of a sealed name would tell about the name.
    const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
    const padded = Buffer.alloc(length, ' ');
    padded.write(plain);
    return Buffer.concat([nonce, cipher.update(padded), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  /** The position that a cursor stands for; undefined where it was tampered with, borrowed, or is for another list. */
  open(binding: CursorBinding, cursor: string): Position | undefined {
    if (cursor.length > LONGEST || !/^[\w-]+$/u.test(cursor)) return undefined;
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length <= NONCE + TAG) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(binding), bytes.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString();
      return Position.parse(JSON.parse(plain));
    } catch {
      return undefined;
    }
  }

  /** A key for each binding: a cursor for anything else does not open, and random nonces never come near their limit. */
  #keyOf({ subject, subjectKind, list, filter }: CursorBinding): Buffer {
    const bound = JSON.stringify(['amana cursor 1', subject, subjectKind, list, canonical(filter), ORDER]);
    return createHmac('sha256', this.#secret).update(bound).digest();
  }
}

/** A JSON text that is the same for equal values, whatever the order of their properties; null counts as not given. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      return Object.fromEntries(
        Object.entries(item)
          .filter(([, held]) => held !== null)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }) ?? 'null'
  );
}
