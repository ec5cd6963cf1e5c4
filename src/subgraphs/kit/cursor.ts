import { z } from 'zod';
import { canonical } from '../../protocol/canonical.ts';
import type { Secrets } from '../../protocol/read-configuration.ts';
import { type Binding, SealedValues } from '../../protocol/sealed-values.ts';

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

/** Seals and opens cursors, since a cursor carries sort values, which may be names or dates. */
export class Cursors {
  readonly #sealed: SealedValues;

  /** The custodian's cursor keys, at least 32 bytes each: the first seals, all open. */
  constructor(...secrets: Secrets) {
    this.#sealed = new SealedValues(LONGEST, secrets);
  }

  /** Takes other keys; a walk goes on while the key of its last cursor is among them. */
  rotate(secrets: Secrets): void {
    this.#sealed.rotate(secrets);
  }

  /** The cursor of a position, as base64url. */
  seal(binding: CursorBinding, position: Position): string {
    return this.#sealed.seal(boundTo(binding), position);
  }

  /** The position that a cursor stands for; undefined where it was tampered with, borrowed, or is for another list. */
  open(binding: CursorBinding, cursor: string): Position | undefined {
    return Position.safeParse(this.#sealed.open(boundTo(binding), cursor)).data;
  }
}

const boundTo = ({ subject, subjectKind, list, filter }: CursorBinding): Binding => ({
  owner: ['amana cursor 2', subject, subjectKind],
  of: [list, canonical(filter), ORDER],
});
