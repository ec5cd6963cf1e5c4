import type { Command } from 'commander';
import { wholeNumber } from '../../src/cli/parse-arguments.ts';
import { describeArchives } from './describe-archives.ts';
import { type ArchiveMeasured, measureArchive } from './measure-archive.ts';

const WARM_UP = 10;

interface Options {
  readonly people: number;
  readonly photographs: number;
  readonly images: number;
  readonly rounds: number;
  readonly times?: number;
  readonly json?: boolean;
}

/** `npm run bench -- archive`: generates, imports, starts and asks an archive of some size, and one so many times as large. */
export function addArchiveBenchmark(program: Command): void {
  program
    .command('archive')
    .description(
      'Imports and asks an invented archive of the size of the real one; a few minutes, 1 GB in the temporary folder.',
    )
    .option('--people <number>', 'people whose bodies photographs show', wholeNumber(1), 10_212)
    .option('--photographs <number>', 'photographs', wholeNumber(1), 70_000)
    .option('--images <number>', 'how many of them with an image', wholeNumber(0), 300)
    .option('--rounds <number>', 'how often each query is asked, after the warm-up', wholeNumber(1), 100)
    .option('--times <number>', 'measure an archive so many times as large, too', wholeNumber(2))
    .option('--json', 'print one JSON object')
    .action(async ({ people, photographs, images, rounds, times, json }: Options) => {
      const interrupt = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
      const measured: ArchiveMeasured[] = [];
      for (const factor of times === undefined ? [1] : [1, times]) {
        const size = { people: people * factor, photographs: photographs * factor, seed: 1 };
        measured.push(
          await measureArchive({
            ...{ size, images, rounds: { warmUp: Math.min(WARM_UP, rounds), measured: rounds } },
            ...{ signal: interrupt.signal, onProgress: (line) => process.stderr.write(`${line}\n`) },
          }),
        );
      }
      process.stdout.write(json ? `${JSON.stringify(measured)}\n` : describeArchives(measured));
    });
}
