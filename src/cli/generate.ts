import type { Command } from 'commander';
import type { DeliveriesWritten } from '../demo/generate/generate-deliveries.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { wholeNumber } from './parse-arguments.ts';

interface Options {
  readonly people: number;
  readonly photographs: number;
  readonly seed: number;
  readonly images: number;
  readonly json?: boolean;
}

/** `amana demo generate`: deliveries of an invented archive of any size. */
export function addGenerateCommand(demo: Command): void {
  const command = demo
    .command('generate')
    .description(
      'Writes invented deliveries of all four custodians, of any size, in the formats and with the kinds of faults of data/deliveries. ' +
        'No real person is in them. The same size and seed give the same bytes.',
    )
    .argument(
      '<folder>',
      'where to: made where it does not exist, and must be empty; each custodian gets a folder in it',
    )
    .option('--people <number>', 'people whose bodies photographs show', wholeNumber(1), 10_212)
    .option('--photographs <number>', 'photographs, of both NGOs together', wholeNumber(0), 70_000)
    .option('--seed <number>', 'what everything follows from', wholeNumber(0), 1)
    .option('--images <number>', "of how many of the first NGO's photographs to write the image", wholeNumber(0), 0)
    .option('--json', 'print the report as one JSON object')
    .action(async (folder: string, { json, ...size }: Options) => {
      const { generateDeliveries } = await import('../demo/generate/generate-deliveries.ts');
      const written = await generateDeliveries({
        ...{ folder, ...size },
        ...(process.stderr.isTTY && { onProgress: showProgress }),
      });
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      process.stdout.write(json ? `${JSON.stringify(written)}\n` : describe(written, folder));
    });
  withExamples(
    command,
    'demo generate /tmp/archive',
    'demo generate --people 200 --photographs 1400 --seed 7 --images 50 --json /tmp/small',
  );
}

const showProgress = (file: string, rows: number): void => {
  process.stderr.write(`\r\u001B[K${file}: ${rows} rows`);
};

const describe = ({ files, images }: DeliveriesWritten, folder: string): string =>
  formatTable(
    ['FILE', 'ROWS', 'FAULTY'],
    files.map(({ custodian, file, rows, faulty }) => [[`${custodian}/${file}`], [String(rows)], [String(faulty)]]),
  ) + `${images} images. Import them, custodian by custodian, with: amana import ministry ${folder}/ministry\n`;
