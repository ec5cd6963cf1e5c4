import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of this benchmark in a process of its own, which answers one message after another. */
export class Child<Question extends object, Answer> {
  readonly #process: ChildProcess;

  /** `program` is a file beside this one. */
  constructor(program: string) {
    this.#process = fork(fileURLToPath(new URL(program, import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // As `amana` sets it.
      env: { NODE_ENV: 'production', ...process.env },
    });
  }

  /** Throws where the process ends without an answer. */
  async ask(question: Question): Promise<Answer> {
    const bounds = new AbortController();
    const ended = once(this.#process, 'exit', { signal: bounds.signal }).then(() => {
      throw new Error('a process of the benchmark has ended before its time');
    });
    try {
      const answered = once(this.#process, 'message', { signal: bounds.signal });
      this.#process.send(question);
      const [answer] = await Promise.race([answered, ended]);
      return answer as Answer;
    } finally {
      ended.catch(() => {});
      bounds.abort();
    }
  }

  /** Ends the process. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** Answers the messages of the process that has started this one, with which it ends. */
export function answerParent<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (question) => void answer(question as Question).then((said) => process.send?.(said)));
}
