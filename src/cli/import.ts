import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { ImageNotice, ImageReport } from '../subgraphs/kit/images/attach-images.ts';
import type { ImportProgress, ImportReport, RejectNotice } from '../subgraphs/kit/import/import-delivery.ts';
import { withExamples } from './describe-command.ts';
import { formatTable } from './format-table.ts';
import { custodianId } from './parse-arguments.ts';
import { visibleJson, visibleText } from './visible-text.ts';

interface Options {
  readonly config?: string;
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
    .argument('<folder>', 'the folder with the delivered files')
    .option('--rejects <file>', 'where to write the rejected rows, with reasons and as delivered (personal data)')
    .option('--reference <folder>', 'the folder with facilities.csv and governorates.csv', REFERENCE)
    .option('--config <file>', "the custodian's configuration file; the demo's by default")
    .option('--json', 'print the report as one JSON object')
    .action(async (custodian: string, folder: string, options: Options) => {
      const { importDelivery } = await import('../subgraphs/kit/import/import-delivery.ts');
      const { attachImages } = await import('../subgraphs/kit/images/attach-images.ts');
      const { readImageKeeping } = await import('../subgraphs/kit/images/open-media.ts');
      const { withCustodian } = await import('./open-custodian.ts');
      const report = await withCustodian(custodian, options, async ({ configuration, storage, definition }) => {
        const { delivery } = definition;
        const { images } = delivery;
        const keeping = images && readImageKeeping(configuration);
        const rows = await importDelivery({
          storage,
          custodian,
          delivery,
          folder,
          referenceFolder: options.reference,
          ...(options.rejects !== undefined && { rejectsFile: options.rejects }),
          ...(process.stderr.isTTY && { onProgress: showProgress }),
        });
        if (!keeping) return rows;
        const onProgress = process.stderr.isTTY ? showImages : undefined;
        const attached = await attachImages({ storage, images, folder, ...keeping, ...(onProgress && { onProgress }) });
        return { ...rows, images: attached };
      });
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      process.stdout.write(options.json ? `${visibleJson(report)}\n` : describeReport(report, options.rejects));
    });
  withExamples(
    command,
    'import ministry data/deliveries/ministry',
    'import ngo-a /media/delivery --config /etc/amana/ngo-a.yaml --rejects rejects.jsonl',
  );
}

const showProgress = ({ file, rows, fraction }: ImportProgress): void => {
  process.stderr.write(`\r\u001B[K${Math.round(fraction * 100)} %  ${file}: ${rows} rows`);
};

const showImages = (done: number, named: number): void => {
  process.stderr.write(`\r\u001B[Kimages: ${done} of ${named}`);
};

/** What became of a delivery, as a table and sentences for a terminal. */
export function describeReport(
  { files, absent, notImported, rejects, labelsKept, images }: ImportReport & { readonly images?: ImageReport },
  rejectsFile: string | undefined,
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
      : rejectsFile === undefined
        ? 'Give --rejects <file> to have every rejected row with its reason and as delivered.\n'
        : `All rejected rows, with reasons and as delivered: ${rejectsFile}\n`,
    ...(images ? describeImages(images) : []),
  ].join('');
}

const describeImages = ({ named, attached, mismatched, missing, refused, notices }: ImageReport): string[] => [
  formatTable(
    ['IMAGES NAMED', 'ATTACHED', 'MISMATCHED', 'REFUSED', 'MISSING'],
    [[named, attached, mismatched, refused, missing].map((count) => [String(count)])],
  ),
  ...notices.slice(0, REJECTS_SHOWN).map((notice) => `Not attached: ${describeImage(notice)}\n`),
  ...(mismatched + refused > REJECTS_SHOWN ? [`… and ${mismatched + refused - REJECTS_SHOWN} more.\n`] : []),
];

const IMAGE_OUTCOMES: Partial<Record<ImageNotice['outcome'], string>> = {
  MISMATCHED: 'it is not the image that the list means',
  UNSUPPORTED_FORMAT: 'it is no JPEG, PNG, TIFF or AVIF; what a camera wrote as HEIC is to be converted first',
};

const describeImage = ({ file, line, outcome }: ImageNotice): string =>
  `${file}, line ${line}: ${[outcome, IMAGE_OUTCOMES[outcome]].filter(Boolean).join(', ')}`;

const describeReject = ({ file, line, faults }: RejectNotice): string =>
  `${file}, line ${line}: ${faults.map(({ kind, column }) => (column === undefined ? kind : `${kind} in ${column}`)).join('; ')}`;
