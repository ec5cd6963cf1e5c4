import { Worker } from 'node:worker_threads';
import type { ImageOutcome, ImageTask, ImageWork } from './image-worker.ts';

interface Waiting {
  readonly resolve: (outcome: ImageOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** A worker thread that makes one image ready at a time. */
export class ImageThread {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #failure: unknown;

  constructor(work: ImageWork) {
    this.#worker = new Worker(new URL('image-worker.ts', import.meta.url), { workerData: work });
    this.#worker.on('message', (outcome: ImageOutcome) => this.#waiting?.resolve(outcome));
    this.#worker.on('error', (error: unknown) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a worker thread ended')));
  }

  /** What became of an image. Throws where the thread failed, at this image or before. */
  async run(task: ImageTask): Promise<ImageOutcome> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#worker.postMessage(task);
      });
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#waiting?.reject(failure);
  }
}
