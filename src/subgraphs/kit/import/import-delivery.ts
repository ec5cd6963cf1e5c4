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
import { type FaultKind, ImportError } from './fault.ts';
import { type FileCounts, type LabelsKept, type Reject, importFile } from './import-file.ts';
import { lockImport } from './lock-import.ts';
import { RejectsFile } from './rejects-file.ts';

/** What is imported, where, and who is told. */
export interface ImportRequest {
  readonly storage: Storage;
  readonly custodian: string;
  readonly delivery: Delivery;
  /** The folder with the delivered files. */
  readonly folder: string;
  /** The folder with `facilities.csv` and `governorates.csv`. */
  readonly referenceFolder: string;
  /** Where the rejected rows go, with the reasons and as delivered: personal, readable for its owner only. */
  readonly rejectsFile?: string;
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
  const { storage, rejectsFile } = request;
  const contents = await listContents(request);
  const rejects = rejectsFile === undefined ? undefined : await RejectsFile.create(rejectsFile);
  try {
    const notices: RejectNotice[] = [];
    const labelsKept: LabelsKeptNotice[] = [];
    const files = await storage.transaction(async (query) => {
      await lockImport(query);
      const reports = await importAll(request, contents, query, {
        onReject: async (file, found) => {
          notices.push(...found.slice(0, MOST_NOTICES - notices.length).map((reject) => asNotice(file, reject)));
          await rejects?.write(
            found.map(({ line, faults, text }) => ({ file, line, reason: asReason(line, faults), row: text })),
          );
        },
        onLabelsKept: (file, kept) => labelsKept.push(...kept.map((notice) => ({ file, ...notice }))),
      });
      await rejects?.sync();
      return reports;
    });
    await rejects?.publish();
    // So that the first questions are planned for the records there are now, and counts need not look at every one.
    await storage.query({ sql: 'vacuum (analyze)', parameters: [] });
    const { absent, notImported } = contents;
    return { files, absent, notImported, rejects: notices, labelsKept };
  } catch (error) {
    await rejects?.discard();
    throw error;
  }
}

interface Contents {
  readonly sizes: ReadonlyMap<string, number>;
  readonly absent: readonly string[];
  readonly notImported: readonly string[];
}

async function listContents({ folder, delivery }: ImportRequest): Promise<Contents> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ImportError(`The delivery cannot be read: ${folder} is not a folder that can be opened.`, { cause });
  });
  const known = delivery.files.map(({ file }) => file);
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
  readonly onReject: (file: string, rejects: readonly Reject[]) => Promise<void>;
  readonly onLabelsKept: (file: string, kept: readonly LabelsKept[]) => void;
}

async function importAll(
  request: ImportRequest,
  { sizes }: Contents,
  query: Query,
  told: Listeners,
): Promise<FileReport[]> {
  const { custodian, delivery, folder, referenceFolder, onProgress, random = randomId, now = Date.now } = request;
  await loadReferenceData(query, referenceFolder);
  const facilities = new FacilityIndex(await readFacilities({ query }));
  await keepFacilityNames(query, facilities);
  const labelSet = rememberedLabelSets(query);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let before = 0;
  const reports: FileReport[] = [];
  for (const file of delivery.files.filter((candidate) => sizes.has(candidate.file))) {
    const started = performance.now();
    const counts = await importFile({
      ...{ query, custodian, file, facilities, now, random, labelSet },
      path: join(folder, file.file),
      onReject: (rejects) => told.onReject(file.file, rejects),
      onLabelsKept: (kept) => told.onLabelsKept(file.file, kept),
      onProgress: (rows, bytes) =>
        onProgress?.({ file: file.file, rows, fraction: total === 0 ? 1 : (before + bytes) / total }),
    });
    before += sizes.get(file.file) ?? 0;
    const seconds = (performance.now() - started) / 1000;
    reports.push({ file: file.file, ...counts, rowsPerSecond: Math.round(counts.delivered / seconds) });
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

const asReason = (line: number, faults: Reject['faults']): string =>
  `line ${line}: ${faults.map(({ sentence }) => sentence).join('; ')}`;

const asNotice = (file: string, { line, faults }: Reject): RejectNotice => ({
  file,
  line,
  faults: faults.map(({ kind, column }) => ({ kind, ...(column !== undefined && { column }) })),
});
