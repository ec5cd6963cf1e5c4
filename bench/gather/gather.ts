import { type Command, InvalidArgumentError } from 'commander';
import { words, wholeNumber } from '../../src/cli/parse-arguments.ts';
import { describeGathering } from './describe-gathering.ts';
import { measureGathering } from './measure.ts';

const HOSTS = [1, 4, 16, 64, 256];

interface Options {
  readonly hosts: readonly number[];
  readonly rounds: number;
  readonly questions: number;
  readonly json?: boolean;
}

/** `npm run bench -- gather`: pages out of many hosts' lists, as the gateway gathers them and as one would by hand. */
export function addGatherBenchmark(program: Command): void {
  program
    .command('gather')
    .description(
      'Walks through a list that many hosts hold: asking one by one, by hand all at once, and as the gateway does; some minutes.',
    )
    .option('--hosts <numbers>', 'how many hosts, in turn', hostCounts, HOSTS)
    .option('--rounds <number>', 'how often each way is measured, after the warm-up', wholeNumber(1), 9)
    .option('--questions <number>', 'questions to hosts in one block', wholeNumber(1), 4_000)
    .option('--json', 'print one JSON array')
    .action(async ({ hosts, rounds, questions, json }: Options) => {
      const interrupt = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
      const measured = await measureGathering({
        ...{ hosts, rounds, questions, signal: interrupt.signal },
        onProgress: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(json ? `${JSON.stringify(measured)}\n` : describeGathering(measured));
    });
}

/** Reads `1,16,256`. */
function hostCounts(text: string): readonly number[] {
  const counts = words(text).map(Number);
  if (counts.some((count) => !Number.isInteger(count) || count < 1 || count > 1_000))
    throw new InvalidArgumentError('Give whole numbers from 1 to 1000, separated by commas.');
  return counts;
}
