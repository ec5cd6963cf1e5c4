import { z } from 'zod';
import { canonical } from '../../protocol/canonical.ts';
import { CustodianId } from '../../protocol/identifiers.ts';
import type { Secrets } from '../../protocol/read-configuration.ts';
import { SealedValues } from '../../protocol/sealed-values.ts';

/** What a cursor of a gathered list belongs to: it opens for this viewer, this list and these arguments only. */
export interface ListBinding {
  readonly subject: string;
  readonly subjectKind: string;
  /** The coordinate of the list, `Query.photographs`. */
  readonly list: string;
  /** Its coerced arguments, but those that say which page. */
  readonly arguments: unknown;
}

const Sealed = z.strictObject({
  /** The key of the entity whose list it is; empty for a root. */
  parent: z.string(),
  after: z.strictObject({ sortKey: z.string(), custodian: CustodianId, id: z.string() }),
  missed: z.array(CustodianId),
  /** Hosts that have joined since were not there when the walk began, or may not have been. */
  began: z.number(),
});

/** Where a page ended, in the order of all hosts' rows, and which hosts have missed a page by then, or came later. */
export type ListCursor = z.infer<typeof Sealed>;

const LONGEST = 16_384;

/** Seals and opens the cursors of one list, for one viewer. */
export interface CursorsOfList {
  /** The cursor of a place in the list, as base64url. */
  seal(cursor: ListCursor): string;
  /** What a cursor stands for; undefined where it was tampered with, borrowed, or is for another list. */
  open(cursor: string): ListCursor | undefined;
}

/** Seals and opens the cursors of gathered lists: one position, however many hosts there are. */
export class ListCursors {
  readonly #sealed: SealedValues;

  /** The gateway's cursor keys, at least 32 bytes each: the first seals, all open. */
  constructor(secrets: Secrets) {
    this.#sealed = new SealedValues(LONGEST, secrets);
  }

  /** The cursors of one list. */
  of({ subject, subjectKind, list, arguments: given }: ListBinding): CursorsOfList {
    const binding = { owner: ['amana gathered cursor 3', subject, subjectKind], of: [list, canonical(given)] };
    return {
      seal: (cursor) => this.#sealed.seal(binding, cursor),
      open: (cursor) => Sealed.safeParse(this.#sealed.open(binding, cursor)).data,
    };
  }
}
