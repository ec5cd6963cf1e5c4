import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SchemaReport } from '../compose/check-schemas.ts';
import type { HostProposal, HostReport } from '../compose/host-contract.ts';
import type { Proposal } from '../compose/schema-candidate.ts';

/** Looks at proposals, one at a time. Throws where it cannot say: a schema may be such that looking at it never ends. */
export interface SchemaChecker {
  check(proposal: Proposal): Promise<SchemaReport>;
  /** A host's schema beside the contract of its subgraph. */
  judge(proposal: HostProposal): Promise<HostReport>;
  close(): Promise<void>;
}

/** How long looking at one proposal may take, in milliseconds, and how much memory, in MB. */
const WITHIN = 20_000;
const MEMORY = 768;

/** How long the end of a thread is waited for, in milliseconds. */
const LEAVE = 1_000;

/** How long a thread that has nothing to do is kept, in milliseconds. */
const KEPT = 20_000;

/**
 * Looks at proposals in a thread of its own: a schema of the largest size that is read, made for it, takes seconds to
 * compose, in which no request would be answered. The thread ends where it takes too long or too much, and when nothing
 * has changed for a while.
 */
export class CheckThread implements SchemaChecker {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  readonly #within: number;

  /** `within`: how long looking at one proposal may take, in milliseconds. */
  constructor(within = WITHIN) {
    this.#within = within;
  }

  check(proposal: Proposal): Promise<SchemaReport> {
    return this.#look(proposal);
  }

  judge(proposal: HostProposal): Promise<HostReport> {
    return this.#look(proposal);
  }

  /** An answer does not say what it answers: the next proposal waits for it. */
  #look<Report>(proposal: Proposal | HostProposal): Promise<Report> {
    const look = this.#last.then(() => this.#lookNow<Report>(proposal));
    this.#last = look.catch(() => undefined);
    return look;
  }

  async #lookNow<Report>(proposal: Proposal | HostProposal): Promise<Report> {
    if (this.#isClosed) throw new Error('looking at it was ended');
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= new Worker(new URL('check-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    }));
    try {
      const report = await answerOf<Report>(worker, proposal, this.#within);
      this.#idle = setTimeout(() => void this.#end(), KEPT).unref();
      return report;
    } catch (cause) {
      await this.#end();
      throw cause;
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#end();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    // A thread that is collecting garbage takes its time; nobody has to wait for it.
    worker.unref();
    await Promise.race([worker.terminate(), pause(LEAVE, undefined, { ref: false })]);
  }
}

function answerOf<Report>(worker: Worker, proposal: Proposal | HostProposal, within: number): Promise<Report> {
  let late: NodeJS.Timeout | undefined;
  return new Promise<Report>((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`it takes more than ${within / 1000} s to look at`)), within);
    worker.on('message', resolve);
    worker.on('error', () => reject(new Error('it takes more memory than there is, or cannot be looked at')));
    worker.on('exit', () => reject(new Error('looking at it was ended')));
    worker.postMessage(proposal);
  }).finally(() => {
    clearTimeout(late);
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    // What goes wrong from here on, while the thread ends, concerns nobody.
    worker.on('error', () => {});
  });
}
