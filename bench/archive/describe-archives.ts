import { formatTable } from '../../src/cli/format-table.ts';
import type { ImportMeasured } from './import-custodian.ts';
import type { ArchiveMeasured } from './measure-archive.ts';
import type { Place } from './measure-queries.ts';

/** The most that the 95th percentile of a page may be at a custodian, in milliseconds, at the size of the real archive. */
const PAGE_BOUND = 50;

/** What was measured, as tables: each size beside the others, and how much more the last took than the first. */
export function describeArchives(measured: readonly ArchiveMeasured[]): string {
  return [
    ...measured.map(describeImports),
    'Queries: milliseconds until the answer had arrived, and of processor time in all processes that took part\n',
    describeQueries(measured),
    describeSlow(measured),
  ].join('\n');
}

function describeImports({ size, imports, startSeconds, generateSeconds }: ArchiveMeasured): string {
  const rows = Object.entries(imports.custodians).map(([custodian, one]) => [custodian, ...importCells(one)]);
  const files = Object.entries(imports.custodians).flatMap(([custodian, one]) =>
    one.files.map((file) => [
      `${custodian}/${file.file}`,
      ...[file.delivered, file.rejected, file.rowsPerSecond].map(String),
    ]),
  );
  const starts = Object.entries(startSeconds).map(([name, seconds]) => [name, seconds.toFixed(1)]);
  return [
    `${size.people} people, ${size.photographs} photographs: generated in ${generateSeconds.toFixed(1)} s\n`,
    table(['FILE', 'ROWS', 'REJECTED', 'ROWS/S'], files),
    table(['CUSTODIAN', 'ROWS', 'SECONDS', 'ROWS/S', 'ROWS/S OF ONE CORE', 'PEAK MB', 'DATABASE MB', 'IMAGES/S'], rows),
    `Links exchanged in ${imports.linkSeconds.toFixed(1)} s\n`,
    table(['STARTED', 'SECONDS'], starts),
  ].join('\n');
}

function importCells({ rows, seconds, processor, peakMemory, databaseBytes, images }: ImportMeasured): string[] {
  const { importer, postgres } = processor;
  return [
    ...[String(rows), seconds.toFixed(1), String(Math.round(rows / seconds))],
    postgres === undefined ? '' : String(Math.round(rows / (importer + postgres))),
    ...[peakMemory, databaseBytes].map((bytes) => (bytes / 1e6).toFixed(0)),
    images ? (images.attached / images.seconds).toFixed(1) : '',
  ];
}

function describeQueries(measured: readonly ArchiveMeasured[]): string {
  const headings = measured.flatMap(({ size }) => ['p50', 'p95', 'CPU'].map((name) => `${name} OF ${size.people}`));
  const rows = (measured[0]?.queries ?? []).flatMap(({ name, custodian, at }) =>
    (['custodian', 'gateway'] as const)
      .filter((place) => at[place])
      .map((place) => {
        const spreads = measured.map((one) => one.queries.find((query) => query.name === name)?.at[place]);
        const [first, last] = [spreads[0], spreads.at(-1)];
        return [
          ...[name, place === 'custodian' ? custodian : place],
          ...spreads.flatMap((spread) =>
            [spread?.p50, spread?.p95, spread?.processorMilliseconds].map((time) => time?.toFixed(1) ?? ''),
          ),
          ...(measured.length > 1 && first && last ? [(last.p50 / first.p50).toFixed(1)] : []),
        ];
      }),
  );
  return table(['QUERY', 'ASKED OF', ...headings, ...(measured.length > 1 ? ['RATIO'] : [])], rows);
}

function describeSlow([first]: readonly ArchiveMeasured[]): string {
  const place: Place = 'custodian';
  const slow = (first?.queries ?? []).filter(({ kind, at }) => kind === 'page' && (at[place]?.p95 ?? 0) > PAGE_BOUND);
  return slow.length === 0
    ? `Every page stays under ${PAGE_BOUND} ms (p95) at its custodian.\n`
    : `Over ${PAGE_BOUND} ms (p95) at its custodian: ${slow.map(({ name }) => name).join('; ')}\n`;
}

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  formatTable(
    headings,
    rows.map((row) => row.map((cell) => [cell])),
  );
