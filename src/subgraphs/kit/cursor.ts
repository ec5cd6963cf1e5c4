import { z } from 'zod';
import type { Secrets } from '../../protocol/read-configuration.ts';
import { deriveKey, seal, unsealWithOneOf } from './sealing.ts';

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
  #secrets: Secrets;

  /** The custodian's cursor keys, at least 32 bytes each: the first seals, all open. */
  constructor(...secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** Takes other keys; a walk goes on while the key of its last cursor is among them. */
  rotate(secrets: Secrets): void {
    this.#secrets = secrets;
  }

  /** The cursor of a position, as base64url. */
  seal(binding: CursorBinding, position: Position): string {
    const plain = JSON.stringify(position);
    // Padded, because the length of a sealed name would tell about the name.
    const length = Math.ceil(Buffer.byteLength(plain) / PADDED_TO) * PADDED_TO;
    const padded = Buffer.alloc(length, ' ');
    padded.write(plain);
    return seal(keysOf(this.#secrets, binding)[0], padded).toString('base64url');
  }

  /** The position that a cursor stands for; undefined where it was tampered with, borrowed, or is for another list. */
  open(binding: CursorBinding, cursor: string): Position | undefined {
    if (cursor.length > LONGEST || !/^[\w-]+$/u.test(cursor)) return undefined;
    try {
      const keys = keysOf(this.#secrets, binding);
      const plain = unsealWithOneOf(keys, Buffer.from(cursor, 'base64url')).toString();
      return Position.parse(JSON.parse(plain));
    } catch {
      return undefined;
    }
  }
}

function keysOf([first, ...earlier]: Secrets, { subject, subjectKind, list, filter }: CursorBinding): Secrets {
  const bound = ['amana cursor 1', subject, subjectKind, list, canonical(filter), ORDER];
  return [deriveKey(first, bound), ...earlier.map((secret) => deriveKey(secret, bound))];
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
