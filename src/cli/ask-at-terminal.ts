import { type Interface, createInterface } from 'node:readline/promises';
import { InvalidArgumentError } from 'commander';
import { UsageError } from './usage-error.ts';

/** Puts a question until its answer can be read; `read` throws `InvalidArgumentError` with what to do. */
export type Ask = <Value>(question: string, read: (answer: string) => Value) => Promise<Value>;

/**
 * Lets a command ask for the options that were not given, which `missing` names. Questions go to standard error. Throws
 * `UsageError` where there is no terminal to ask at, or whoever sits there leaves.
 */
export async function askAtTerminal<Result>(
  missing: readonly string[],
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const named = missing.join(', ');
  if (missing.length > 0 && !process.stdin.isTTY)
    throw new UsageError(`Missing: ${named}. Give them, or run the command in a terminal, where it asks.`);
  const left = new AbortController();
  let terminal: Interface | undefined;
  const ask: Ask = async (question, read) => {
    terminal ??= createInterface({ input: process.stdin, output: process.stderr }).once('close', () => left.abort());
    for (;;) {
      const answer = await terminal.question(`${question}\n> `, { signal: left.signal });
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        process.stderr.write(`${error.message}\n`);
      }
    }
  };
  try {
    return await work(ask);
  } catch (error) {
    if (!left.signal.aborted) throw error;
    throw new UsageError(`\nNothing was done: not all was answered. Give ${named} as options, or answer.`);
  } finally {
    terminal?.close();
  }
}
