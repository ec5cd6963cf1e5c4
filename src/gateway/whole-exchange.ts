import type { Dispatcher } from 'undici';
import { UnusableAnswerError } from './unusable-answer-error.ts';

/** What was answered over HTTP, the body as text. */
export interface WholeAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * Sends one request and reads its answer to the end; `signal` ends both. What is encoded is refused unread, since a little
 * of it may be a lot. Throws where there is no whole answer. It speaks to the dispatcher itself: a stream for each answer
 * costs about as much as all the rest of an exchange.
 */
export const exchangeWhole = (
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<WholeAnswer> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else dispatcher.dispatch(request, new AnswerReader(signal, resolve, reject));
  });

/** In how many pieces an answer may come: each takes the time of some hundred bytes. */
const MOST_PIECES = 200_000;

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (answer: WholeAnswer) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #leave = (): void => this.#stop(this.#signal.reason);
  /** What has come of the body, and room for more of it: a piece may hold on to much that came with it. */
  #body: Buffer = Buffer.alloc(0);
  #length = 0;
  #pieces = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #hasEnded = false;
  #status = 0;
  #headers: WholeAnswer['headers'] = {};

  constructor(signal: AbortSignal, resolve: (answer: WholeAnswer) => void, reject: (cause: unknown) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#leave, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // One that waited for a connection may have nobody left who waits for it.
    if (this.#hasEnded) controller.abort(ended());
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#headers = headers;
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') this.#stop(new UnusableAnswerError('ENCODED'));
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    // What has been read already still comes.
    if (this.#hasEnded) return;
    this.#pieces += 1;
    if (this.#pieces > MOST_PIECES) {
      this.#stop(new UnusableAnswerError('PIECES'));
      return;
    }
    const [before, length] = [this.#length, this.#length + piece.length];
    this.#length = length;
    if (before === 0) {
      this.#body = piece;
      return;
    }
    if (length > this.#body.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.#body.copy(larger, 0, 0, before);
      this.#body = larger;
    }
    piece.copy(this.#body, before);
  }

  onResponseEnd(): void {
    this.#end(() =>
      this.#resolve({
        status: this.#status,
        mediaType: mediaTypeOf(this.#headers['content-type']),
        headers: this.#headers,
        text: withoutMark(this.#body.toString('utf8', 0, this.#length)),
      }),
    );
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.#end(() => this.#reject(cause));
  }

  #stop(cause: unknown): void {
    this.#end(() => this.#reject(cause));
    this.#controller?.abort(ended());
  }

  #end(tell: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#signal.removeEventListener('abort', this.#leave);
    tell();
  }
}

const ended = (): Error => new Error('the answer is waited for no longer');

function mediaTypeOf(header: string | string[] | undefined): string {
  const [type = ''] = [header ?? ''].flat();
  return type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A byte order mark says nothing in UTF-8, and some servers write one (RFC 8259 §8.1). */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);
