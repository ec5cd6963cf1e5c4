import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { ImageNotice, ImageReport } from '../subgraphs/kit/images/attach-images.ts';
import type { ImportReport, RejectNotice } from '../subgraphs/kit/import/import-delivery.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { untilInterrupted } from './interruption.ts';
import { custodianId } from './parse-arguments.ts';
import { ProgressLine } from './progress-line.ts';
import { visibleJson, visibleLines, visibleText } from './visible-text.ts';

interface Options {
  readonly config?: string;
  readonly mapping?: string;
  readonly reference: string;
  readonly rejects?: string;
  readonly json?: boolean;
}

const REFERENCE = fileURLToPath(new URL('../../data', import.meta.url));
const REJECTS_SHOWN = 10;

/** `amana import`: takes over a delivery, as a whole or not at all, and tells what was rejected and why. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description(
      'Takes over what an organisation delivered, as a whole or not at all. Every row is accepted or rejected with its ' +
        'reason; importing again changes nothing; a changed row updates its record.',
    )
    .argument('<custodian>', 'the custodian whose records they become', custodianId)
    .argument('<folder>', 'the folder with the delivered files, or with rejected rows that have been corrected')
    .option(
      '--mapping <file>',
      'how its files and columns are called and written; by default what the configuration names',
    )
    .option(
      '--rejects <folder>',
      'where to write the rejected rows, to be corrected and imported from there (personal data); not there yet, or empty',
    )
    .option('--reference <folder>', 'the folder with facilities.csv and governorates.csv', REFERENCE)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print the report as one JSON object')
    .action(async (custodian: string, folder: string, options: Options) => {
      const report = await untilInterrupted((signal) => importInto(custodian, folder, options, signal)).finally(() => {
        if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
      });
      process.stdout.write(
        options.json ? `${visibleJson(report)}\n` : visibleLines(describeReport(report, options.rejects)),
      );
    });
  withExamples(
    command,
    'import ministry data/deliveries/ministry',
    'import ngo-a /media/delivery --config /etc/amana/ngo-a.yaml --rejects rejects',
    'import ngo-a rejects --config /etc/amana/ngo-a.yaml --rejects rejects-2',
  );
  command.addHelpText('after', 'Broken off by Ctrl-C it ends with 130, with no row imported; the next run goes on.');
}

const CLEAR_LINE = '\r\u001B[K';

type Report = ImportReport & { readonly images?: ImageReport };

async function importInto(custodian: string, folder: string, options: Options, signal: AbortSignal): Promise<Report> {
  const { importDelivery } = await import('../subgraphs/kit/import/import-delivery.ts');
  const { unmapped } = await import('../subgraphs/kit/import/file-mapping.ts');
  const { readMapping } = await import('../subgraphs/kit/import/read-mapping.ts');
  const { attachImages } = await import('../subgraphs/kit/images/attach-images.ts');
  const { readImageKeeping } = await import('../subgraphs/kit/images/open-media.ts');
  const { configurationOf, definitionOf, withCustodian } = await import('./open-custodian.ts');
  const { delivery } = await definitionOf(custodian);
  const { mapping: configured } = configurationOf(custodian, options.config);
  const mappingFile = options.mapping ?? configured;
  const mapping =
    mappingFile === undefined ? unmapped(delivery) : readMapping(mappingFile, delivery, new Date().getUTCFullYear());
  return withCustodian(custodian, options, async ({ configuration, storage }) => {
    const { images } = delivery;
    const keeping = images && readImageKeeping(configuration);
    const line = new ProgressLine(Date.now);
    const rows = await importDelivery({
      ...{ storage, custodian, delivery, mapping, folder, signal, referenceFolder: options.reference },
      ...(options.rejects !== undefined && { rejectsFolder: options.rejects }),
      ...(process.stderr.isTTY && {
        onProgress: ({ file, rows: done, fraction }) =>
          void process.stderr.write(
            CLEAR_LINE + line.describe({ at: visibleText(file), done, unit: 'rows', fraction }),
          ),
      }),
    });
    if (!keeping) return rows;
    const imageLine = new ProgressLine(Date.now);
    const attached = await attachImages({
      ...{ storage, images, folder, signal, ...keeping },
      ...(process.stderr.isTTY && {
        onProgress: (done, named) =>
          void process.stderr.write(
            CLEAR_LINE + imageLine.describe({ at: 'images', done, unit: 'images', fraction: done / named }),
          ),
      }),
    });
    const notices = attached.notices.map((notice) => ({
      ...notice,
      file: mapping.get(notice.file)?.file ?? notice.file,
    }));
    return { ...rows, images: { ...attached, notices } };
  });
}

/** What became of a delivery, as a table and sentences for a terminal. */
export function describeReport(
  { files, absent, notImported, rejects, labelsKept, images }: Report,
  rejectsFolder: string | undefined,
): string {
  const rows = files.map(({ file, delivered, accepted, rejected, superseded }) =>
    [file, ...[delivered, accepted, rejected, superseded].map(String)].map((text) => [text]),
  );
  const rejected = files.reduce((sum, file) => sum + file.rejected, 0);
  return [
    formatTable(['FILE', 'DELIVERED', 'ACCEPTED', 'REJECTED', 'REPLACED'], rows),
    ...(absent.length > 0 ? [`Not in this delivery, their records stay: ${absent.join(', ')}\n`] : []),
    ...(notImported.length > 0
      ? [`Not imported, there is no record type for them: ${notImported.map(visibleText).join(', ')}\n`]
      : []),
    ...labelsKept.map(
      ({ file, line, labels }) =>
        `Kept: ${file}, line ${line}: ${labels.join(', ')}, which a delivery cannot take off\n`,
    ),
    ...rejects.slice(0, REJECTS_SHOWN).map((notice) => `Rejected: ${describeReject(notice)}\n`),
    ...(rejected > REJECTS_SHOWN ? [`… and ${rejected - REJECTS_SHOWN} more.\n`] : []),
    rejected === 0
      ? ''
      : rejectsFolder === undefined
        ? 'Give --rejects <folder> to have every rejected row with its reason, to be corrected and imported from there.\n'
        : `All rejected rows, with reasons: ${rejectsFolder}. Correct them there, then import that folder.\n`,
    ...(images ? describeImages(images) : []),
  ].join('');
}

const describeImages = ({ named, attached, mismatched, missing, refused, notices }: ImageReport): string[] => [
  formatTable(
    ['IMAGES NAMED', 'ATTACHED', 'MISMATCHED', 'REFUSED', 'MISSING'],
    [[named, attached, mismatched, refused, missing].map((count) => [String(count)])],
  ),
  ...notices.slice(0, REJECTS_SHOWN).map((notice) => `Not attached: ${describeImage(notice)}\n`),
  ...(mismatched + refused > REJECTS_SHOWN
    ? [`… and ${mismatched + refused - REJECTS_SHOWN} more, which --json tells.\n`]
    : []),
];

const IMAGE_OUTCOMES: Readonly<Record<ImageNotice['outcome'], string>> = {
  MISMATCHED: 'it is not the image that the list means',
  NO_DIGEST: 'the list gives no SHA-256, so that nothing vouches for it',
  UNSAFE_PATH: 'its path must lead from the folder of images to a file in it, with / between names',
  SYMBOLIC_LINK: 'its path leads over a symbolic link; deliver the image itself',
  NOT_A_FILE: 'what is there is no file',
  TOO_LARGE: 'it has more than 128 MiB',
  TOO_MANY_PIXELS: 'it has more than 100,000,000 pixels',
  DAMAGED: 'it is cut short or damaged; deliver it once more',
  UNSUPPORTED_FORMAT: 'it is no JPEG, PNG, TIFF or AVIF; what a camera wrote as HEIC is to be converted first',
};

const describeImage = ({ file, line, deliveredAt, outcome }: ImageNotice): string =>
  `${file} as delivered ${deliveredAt}, line ${line}: ${outcome}, ${IMAGE_OUTCOMES[outcome]}`;

const describeReject = ({ file, line, faults }: RejectNotice): string =>
  `${file}, line ${line}: ${faults.map(({ kind, column }) => (column === undefined ? kind : `${kind} in ${column}`)).join('; ')}`;
