import { Turns } from '../../protocol/turns.ts';
import type { Storage } from './storage.ts';

type Reading = Pick<Storage, 'read'>;

/** Of eight connections (`open-storage.ts`) two viewers who ask for as much as they can leave two for all others. */
const AT_ONCE = 3;
const NEVER = new AbortController().signal;

/** Has each viewer read a few statements at once and the others in turn, so that nobody keeps a custodian from answering the others. */
export class FairReads {
  readonly #turns = new Turns(AT_ONCE);

  /** The storage as one viewer reads from it, in all requests together. */
  of(viewer: string, storage: Reading): Reading {
    return {
      read: (labelSets, statement, signal = NEVER) =>
        this.#turns.inTurn(viewer, signal, () => storage.read(labelSets, statement, signal)),
    };
  }
}
