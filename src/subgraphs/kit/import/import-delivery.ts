import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Label } from '../../../protocol/labels.ts';
import { labelSetNumber } from '../label-sets.ts';
import { settleLinks } from '../links/settle-links.ts';
import { loadReferenceData, readFacilities } from '../reference-data.ts';
import type { Query, Storage } from '../storage.ts';
import type { Delivery } from './delivery.ts';
import { FacilityIndex, keepFacilityNames } from './facility-index.ts';
import { type FaultKind, ImportError, ImportInterrupted } from './fault.ts';
import { type Mapping, asOurs, unmapped } from './file-mapping.ts';
import { type FileCounts, type LabelsKept, type Reject, importFile } from './import-file.ts';
import { lockImport } from './lock-import.ts';
import { RejectsFolder } from './rejects-folder.ts';
import { stopStatements } from './stop-statements.ts';
import type { RejectedRow, RejectsForm } from './written-row.ts';

/** What is imported, where, and who is told. */
export interface ImportRequest {
  readonly storage: Storage;
  readonly custodian: string;
  readonly delivery: Delivery;
  /** The folder with the delivered files. */
  readonly folder: string;
  /** The folder with `facilities.csv` and `governorates.csv`. */
  readonly referenceFolder: string;
  /** How its files are called and written, where they are not as we would have them. */
  readonly mapping?: Mapping;
  /** The folder, not there yet or empty, for the rejected rows: personal, readable for its owner only. */
  readonly rejectsFolder?: string;
  /** Stops the import, with nothing changed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** The random part of a record id, 22 base64url characters. */
  readonly random?: () => string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How far an import is: the rows read of the current file, and the part of all bytes read, 0 to 1. */
export interface ImportProgress {
  readonly file: string;
  readonly rows: number;
  readonly fraction: number;
}

/** A rejected row without any delivered value: fit for a terminal. */
export interface RejectNotice {
  readonly file: string;
  readonly line: number;
  readonly faults: readonly { readonly kind: FaultKind; readonly column?: string }[];
}

/** Labels that an imported row no longer names and its record keeps, since a delivery never takes one off. */
export interface LabelsKeptNotice extends LabelsKept {
  readonly file: string;
}

/** What became of one file. */
export interface FileReport extends FileCounts {
  readonly file: string;
  readonly rowsPerSecond: number;
}

/** What became of a delivery. It carries no delivered value: those of rejected rows are in the rejects file. */
export interface ImportReport {
  readonly files: readonly FileReport[];
  /** Files that this delivery does not bring; the records they brought before stay. */
  readonly absent: readonly string[];
  /** What lies in the folder and is not imported yet, since there is no record type for it here. */
  readonly notImported: readonly string[];
  /** The first 1,000 rejected rows. */
  readonly rejects: readonly RejectNotice[];
  /** The hiding labels that stay although the delivery no longer names them, a row each. */
  readonly labelsKept: readonly LabelsKeptNotice[];
}

const MOST_NOTICES = 1_000;

/**
 * Imports what a custodian handed over, as a whole or not at all: one transaction takes over the files, labels and links
 * that follow from them. A row is accepted or rejected with its reasons, never lost; importing the same delivery again
 * changes nothing; a changed row updates its record, which keeps its id, and the earlier row is kept as superseded; what
 * a delivery does not mention, or now delivers faultily, stays as it was. Throws `ImportError`, with nothing changed.
 */
export async function importDelivery(request: ImportRequest): Promise<ImportReport> {
  const { storage, signal } = request;
  const contents = await listContents(request);
  const taken = await takeOver(request, contents);
  await taken.rejectsFolder?.publish();
  // So that the first questions are planned for the records there are now, and counts need not look at every one.
  await storage.query({ sql: 'vacuum (analyze)', parameters: [] }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
  const { absent, notImported } = contents;
  const { files, rejects, labelsKept } = taken;
  return { files, absent, notImported, rejects, labelsKept };
}

interface TakenOver extends Pick<ImportReport, 'files' | 'rejects' | 'labelsKept'> {
  readonly rejectsFolder: RejectsFolder | undefined;
}

/** The transaction, after which everything is taken over and the rejected rows are written down, or nothing is. */
async function takeOver(request: ImportRequest, contents: Contents): Promise<TakenOver> {
  const { storage, custodian, signal } = request;
  const rejects: RejectNotice[] = [];
  const labelsKept: LabelsKeptNotice[] = [];
  let rejectsFolder: RejectsFolder | undefined;
  try {
    const files = await storage.transaction(async (query) => {
      const letGo = await stopStatements(storage, query, signal);
      try {
        await lockImport(query);
        if (request.rejectsFolder !== undefined)
          rejectsFolder = await RejectsFolder.open(request.rejectsFolder, custodian);
        const reports = await importAll(request, contents, query, {
          onReject: async (file, found, form) => {
            rejects.push(...found.slice(0, MOST_NOTICES - rejects.length).map((reject) => asNotice(file, reject)));
            const text = found.map((reject) => form.row(asRejected(file, reject))).join('');
            await rejectsFolder?.write(file, form.head, text);
          },
          onLabelsKept: (file, kept) => labelsKept.push(...kept.map((notice) => ({ file, ...notice }))),
        });
        await rejectsFolder?.finish();
        signal?.throwIfAborted();
        return reports;
      } finally {
        letGo();
      }
    });
    return { files, rejects, labelsKept, rejectsFolder };
  } catch (cause) {
    await rejectsFolder?.discard();
    if (!signal?.aborted) throw cause;
    throw new ImportInterrupted('Interrupted: nothing was changed. Run the same command again to import it.', {
      cause,
    });
  }
}

interface Contents {
  readonly sizes: ReadonlyMap<string, number>;
  readonly absent: readonly string[];
  readonly notImported: readonly string[];
}

async function listContents({ folder, delivery, mapping = unmapped(delivery) }: ImportRequest): Promise<Contents> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ImportError(`The delivery cannot be read: ${folder} is not a folder that can be opened.`, { cause });
  });
  const known = delivery.files.map(({ file }) => mapping.get(file)?.file ?? file);
  const present = known.filter((file) => entries.some(({ name }) => name === file));
  if (present.length === 0)
    throw new ImportError(`${folder} holds none of the files of this custodian: ${known.join(', ')}.`);
  // Reading a pipe or a device would never end, and a link may lead out of the delivery.
  const other = entries.find((entry) => present.includes(entry.name) && !entry.isFile());
  if (other) throw new ImportError(`The delivery cannot be read: ${other.name} is not a regular file.`);
  const sizes = await Promise.all(present.map(async (file) => [file, (await stat(join(folder, file))).size] as const));
  return {
    sizes: new Map(sizes),
    absent: known.filter((file) => !present.includes(file)),
    notImported: entries
      .filter(({ name }) => !known.includes(name) && name !== delivery.images?.folder)
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort(),
  };
}

interface Listeners {
  readonly onReject: (file: string, rejects: readonly Reject[], form: RejectsForm) => Promise<void>;
  readonly onLabelsKept: (file: string, kept: readonly LabelsKept[]) => void;
}

async function importAll(
  request: ImportRequest,
  { sizes }: Contents,
  query: Query,
  told: Listeners,
): Promise<FileReport[]> {
  const { custodian, delivery, folder, referenceFolder, onProgress, random = randomId, now = Date.now } = request;
  const { mapping = unmapped(delivery), signal } = request;
  await loadReferenceData(query, referenceFolder);
  const facilities = new FacilityIndex(await readFacilities({ query }));
  await keepFacilityNames(query, facilities);
  const labelSet = rememberedLabelSets(query);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let before = 0;
  const reports: FileReport[] = [];
  for (const file of delivery.files) {
    const mapped = mapping.get(file.file) ?? asOurs(file);
    const name = mapped.file;
    if (!sizes.has(name)) continue;
    const started = performance.now();
    const counts = await importFile({
      ...{ query, custodian, file, mapping: mapped, facilities, now, random, labelSet },
      path: join(folder, name),
      onReject: (rejects, form) => told.onReject(name, rejects, form),
      onLabelsKept: (kept) => told.onLabelsKept(name, kept),
      onProgress: (rows, bytes) => {
        signal?.throwIfAborted();
        onProgress?.({ file: name, rows, fraction: total === 0 ? 1 : (before + bytes) / total });
      },
    });
    before += sizes.get(name) ?? 0;
    const seconds = (performance.now() - started) / 1000;
    reports.push({ file: name, ...counts, rowsPerSecond: Math.round(counts.delivered / seconds) });
  }
  await delivery.settle(query, custodian);
  await settleLinks(query, delivery);
  return reports;
}

function rememberedLabelSets(query: Query): (labels: readonly Label[], consent: readonly string[]) => Promise<number> {
  const numbers = new Map<string, Promise<number>>();
  return (labels, consent) => {
    const key = `${labels.join()} ${consent.join()}`;
    const number = numbers.get(key) ?? labelSetNumber(query, labels, consent);
    numbers.set(key, number);
    return number;
  };
}

const randomId = (): string => randomBytes(16).toString('base64url');

const LONGEST_REASON = 1_000;

const asRejected = (file: string, { row, faults }: Reject): RejectedRow => ({
  file,
  row,
  // On one line, so that the row does not become one of more lines than are read.
  reason: faults
    .map(({ kind, sentence }) => `${kind}: ${sentence}`)
    .join('; ')
    .replace(/\s+/gu, ' ')
    .slice(0, LONGEST_REASON),
});

const asNotice = (file: string, { row: { line }, faults }: Reject): RejectNotice => ({
  file,
  line,
  faults: faults.map(({ kind, column }) => ({ kind, ...(column !== undefined && { column }) })),
});
