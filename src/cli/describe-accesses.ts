import type { StoredAccessLogEntry, summariseAccessLog } from '../subgraphs/kit/access-log.ts';
import type { Holder } from '../subgraphs/kit/holders.ts';
import { formatTable } from './format-table.ts';
import { visibleText } from './visible-text.ts';

/** What is known beside the entries. */
export interface AccessSurroundings {
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
  /** What downloads of images are logged as, where the custodian has any. */
  readonly downloads: string | undefined;
}

const HEADINGS = ['ENTRY', 'TIME', 'WHO', 'FOR', 'PURPOSE', 'FILE', 'OUTCOME', 'RECORDS', 'FIELDS', 'WITHHELD'];
const SHORT = 10;

/** Entries with their whole pseudonyms, and with the holder where one stands behind the viewer's: one a line, as JSON. */
export async function* accessesAsJson(
  pages: AsyncIterable<readonly StoredAccessLogEntry[]>,
  { holders, downloads }: AccessSurroundings,
): AsyncGenerator<string> {
  for await (const page of pages) {
    const lines = page.map((entry) => {
      const image = isDownload(entry, downloads);
      return visibleText(JSON.stringify({ ...entry, holder: holderOf(entry, holders) ?? null, image }));
    });
    yield `${lines.join('\n')}\n`;
  }
}

/** Entries as tables for a terminal, one a page, and how many there are in all. */
export async function* describeAccesses(
  pages: AsyncIterable<readonly StoredAccessLogEntry[]>,
  surroundings: AccessSurroundings,
  { entries, first, last }: Awaited<ReturnType<typeof summariseAccessLog>>,
): AsyncGenerator<string> {
  let shown = 0;
  let oldest: number | undefined;
  for await (const page of pages) {
    yield formatTable(
      HEADINGS,
      page.map((entry) => rowOf(entry, surroundings)),
    );
    shown += page.length;
    oldest = page.at(-1)?.id;
  }
  if (first === null || last === null) yield 'There are no such entries.\n';
  else if (shown === 0) yield `There are no such entries before that one; ${entries} in all.\n`;
  else {
    const whole = `${entries} ${entries === 1 ? 'entry' : 'entries'}, from ${timeOf(first)} to ${timeOf(last)}.`;
    yield shown < entries ? `${whole} ${shown} shown; for older ones, if any: --before ${oldest}\n` : `${whole}\n`;
  }
}

function rowOf(
  entry: StoredAccessLogEntry,
  { holders, downloads }: AccessSurroundings,
): readonly (readonly string[])[] {
  const { id, at, viewer, subjectKind, purpose, reference, code, records, coordinates, withheld } = entry;
  const holder = holderOf(entry, holders);
  const kind = subjectKind === 'CLIENT' ? ' (client)' : '';
  return [
    [String(id)],
    [timeOf(at)],
    [holder ? visibleText(holder.subject) + kind : viewer === null ? 'not known' : short(viewer) + kind],
    holder ? holder.organisations.map(visibleText) : ['-'],
    [purpose ?? '-'],
    [reference === null ? '-' : short(reference)],
    [code ?? (isDownload(entry, downloads) ? 'ANSWERED (image)' : 'ANSWERED')],
    [String(records.length)],
    [String(coordinates.length)],
    [String(withheld.length)],
  ];
}

/** Who stands behind the viewer's pseudonym; a refusal before the context was verified does not say which kind of subject. */
function holderOf(
  { viewer, subjectKind }: StoredAccessLogEntry,
  holders: AccessSurroundings['holders'],
): Holder | undefined {
  const alike = viewer === null ? [] : (holders.get(viewer) ?? []);
  return alike.find((holder) => subjectKind === null || holder.subjectKind === subjectKind);
}

const isDownload = ({ coordinates }: StoredAccessLogEntry, downloads: string | undefined): boolean =>
  coordinates.length === 1 && coordinates[0] === downloads;

const short = (pseudonym: string): string => `${pseudonym.slice(0, SHORT)}…`;

const timeOf = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
