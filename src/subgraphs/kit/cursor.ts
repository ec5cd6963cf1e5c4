import { z } from 'zod';
import { deriveKey, seal, unseal } from './sealing.ts';

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
    const plain = JSON.stringify(position);
    // Padded, because the length of a sealed name would tell about the name.
    const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
    const padded = Buffer.alloc(length, ' ');
    padded.write(plain);
    return seal(this.#keyOf(binding), padded).toString('base64url');
  }

  /** The position that a cursor stands for; undefined where it was tampered with, borrowed, or is for another list. */
  open(binding: CursorBinding, cursor: string): Position | undefined {
    if (cursor.length > LONGEST || !/^[\w-]+$/u.test(cursor)) return undefined;
    try {
      const plain = unseal(this.#keyOf(binding), Buffer.from(cursor, 'base64url')).toString();
      return Position.parse(JSON.parse(plain));
    } catch {
      return undefined;
    }
  }

  #keyOf({ subject, subjectKind, list, filter }: CursorBinding): Buffer {
    return deriveKey(this.#secret, ['amana cursor 1', subject, subjectKind, list, canonical(filter), ORDER]);
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
