import { Turns } from '../../protocol/turns.ts';
import type { Storage } from './storage.ts';

type Reading = Pick<Storage, 'read'>;

/** Of eight connections (`open-storage.ts`) two viewers who ask for as much as they can leave two for all others. */
const AT_ONCE = 3;
const NEVER = new AbortController().signal;

/** Has each viewer read a few statements at once and the others in turn, so that nobody keeps a custodian from answering the others. */
export class FairReads {
  readonly #storage: Reading;
  readonly #turns = new Turns(AT_ONCE);

  constructor(storage: Reading) {
    this.#storage = storage;
  }

  /** What one viewer reads from, in all requests. */
  of(viewer: string): Reading {
    return {
      read: (labelSets, statement, signal = NEVER) =>
        this.#turns.inTurn(viewer, signal, () => this.#storage.read(labelSets, statement, signal)),
    };
  }
}
