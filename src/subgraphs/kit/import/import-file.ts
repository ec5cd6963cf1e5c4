import { HIDING_LABELS, type Label } from '../../../protocol/labels.ts';
import { mintRecordId } from '../../../protocol/identifiers.ts';
import type { Query } from '../storage.ts';
import type { DeliveredFile, DeliveredRecord } from './delivery.ts';
import { DeliveredRow, type RowSurroundings } from './delivered-row.ts';
import type { FacilityIndex } from './facility-index.ts';
import type { Fault } from './fault.ts';
import { type FileMapping, keptCells, readCell } from './file-mapping.ts';
import { keepDeliveredRows } from './keep-delivered-rows.ts';
import { keepRecords, readIds, readLabels, readLabelsById } from './keep-records.ts';
import { plainText } from './plain-text.ts';
import { openDeliveredFile } from './read-delivered-file.ts';
import { TakenNumbers } from './taken-numbers.ts';
import type { RejectsForm, WrittenRow } from './written-row.ts';

/** What the import of one file needs; `now` is milliseconds since 1970, `random` the random part of a record id. */
export interface FileImport {
  readonly query: Query;
  readonly custodian: string;
  readonly file: DeliveredFile;
  readonly mapping: FileMapping;
  readonly path: string;
  readonly facilities: FacilityIndex;
  readonly now: () => number;
  readonly random: () => string;
  readonly labelSet: (labels: readonly Label[], consent: readonly string[]) => Promise<number>;
  readonly onReject: (rejects: readonly Reject[], form: RejectsForm) => Promise<void>;
  readonly onLabelsKept: (kept: readonly LabelsKept[]) => void;
  readonly onProgress: (rows: number, bytes: number) => void;
}

/** A row that was not taken over, and everything that is wrong with it. */
export interface Reject {
  readonly row: WrittenRow;
  readonly faults: readonly Fault[];
}

/** Hiding labels that a record keeps although its row, which begins on that line, no longer names them. */
export interface LabelsKept {
  readonly line: number;
  readonly labels: readonly Label[];
}

/** How many rows a file delivered, and what became of them: accepted + rejected = delivered. */
export interface FileCounts {
  readonly delivered: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Of the accepted ones, those that replaced an earlier, different row of the same record. */
  readonly superseded: number;
}

/** A row that was understood: its cells as written, the link id of whom it is about, and its records. */
export interface ReadRow {
  readonly row: WrittenRow;
  readonly cells: ReadonlyMap<string, string>;
  readonly person: string | null;
  readonly records: readonly [DeliveredRecord, ...DeliveredRecord[]];
}

/** Imports one file of a delivery within the caller's transaction, 1,000 rows at a time, as it is read. */
export async function importFile(work: FileImport): Promise<FileCounts> {
  const { query, file, path, mapping } = work;
  const counts = { delivered: 0, accepted: 0, rejected: 0, superseded: 0 };
  const taken = await TakenNumbers.open(query);
  let bytes = 0;
  const opened = await openDeliveredFile({ path, mapping, onBytes: (more: number) => (bytes += more) });
  for await (const written of opened.rows) {
    const surroundings = await readSurroundings(work, written);
    const outcomes = await taken.refuse(written.map((row) => readRow(file, row, surroundings)));
    const rows = outcomes.filter((outcome) => 'records' in outcome);
    const rejects = outcomes.filter((outcome) => 'faults' in outcome);
    await work.onReject(rejects, opened.rejects);
    const ids = await keepAll(work, await keepHidingLabels(work, rows));
    const accepted = rows.map(({ row: { line }, cells, person, records: [{ reference }] }) => ({
      ...{ line, cells, person, reference },
      recordId: idOf(ids, reference),
    }));
    counts.superseded += await keepDeliveredRows(query, file.file, accepted, work.now());
    counts.delivered += written.length;
    counts.accepted += rows.length;
    counts.rejected += rejects.length;
    work.onProgress(counts.delivered, bytes);
  }
  await taken.close();
  return counts;
}

async function readSurroundings(
  { query, custodian, file, mapping, facilities, now }: FileImport,
  rows: readonly WrittenRow[],
): Promise<RowSurroundings> {
  const references = new Map<string, ReadonlyMap<string, string>>();
  for (const [column, table] of Object.entries(file.refersTo ?? {})) {
    const wanted = rows.flatMap(({ cells }) => (cells ? [plainText(readCell(mapping, cells, column) ?? '')] : []));
    references.set(column, await readIds(query, table, [...new Set(wanted)]));
  }
  return { custodian, facilities, mapping, references, latestYear: new Date(now()).getUTCFullYear() };
}

function readRow(file: DeliveredFile, row: WrittenRow, surroundings: RowSurroundings): ReadRow | Reject {
  if (row.fault) return { row, faults: [row.fault] };
  const cells = keptCells(surroundings.mapping, row.cells);
  const delivered = new DeliveredRow(cells, surroundings);
  const records = file.read(delivered);
  if (delivered.faults.length > 0) return { row, faults: delivered.faults };
  const person = file.linksAs === undefined ? null : delivered.person('person');
  return { row, cells, person, records };
}

/** The rows with the hiding labels that their records have already, where those stay; tells which the rows do not name. */
async function keepHidingLabels(
  { query, onLabelsKept }: FileImport,
  rows: readonly ReadRow[],
): Promise<readonly ReadRow[]> {
  const [first] = rows.map(({ records: [own] }) => own);
  if (!first?.hidingLabelsStay) return rows;
  const references = rows.map(({ records: [own] }) => own.reference);
  const held = await readLabels(query, first.table, references);
  const kept: LabelsKept[] = [];
  const labelled = rows.map(({ records: [own, ...more], ...rest }): ReadRow => {
    const labels = HIDING_LABELS.filter(
      (label) => held.get(own.reference)?.includes(label) && !own.labels.includes(label),
    );
    if (labels.length > 0) kept.push({ line: rest.row.line, labels });
    return { ...rest, records: [{ ...own, labels: [...own.labels, ...labels].toSorted() }, ...more] };
  });
  onLabelsKept(kept);
  return labelled;
}

/** Keeps the records of rows, table by table; answers the ids of the rows' own records by reference. */
async function keepAll(
  { query, custodian, random, labelSet }: FileImport,
  rows: readonly ReadRow[],
): Promise<ReadonlyMap<string, string>> {
  const own = rows.map(({ records: [first] }) => first);
  const byTable = Map.groupBy(
    rows.flatMap(({ records }) => records),
    ({ table }) => table,
  );
  for (const [table, records] of [...byTable].sort(([, [a]], [, [b]]) => held(a).length - held(b).length)) {
    // Several rows may speak of one record beside their own: what the last of them says is taken.
    const distinct = [...new Map(records.map((record) => [record.reference, record])).values()];
    const heldIds = await readHeldIds(query, distinct);
    const born = await readBornLabels(query, distinct);
    const columns = [];
    for (const record of distinct) {
      const { reference, values, consent = [] } = record;
      const labels = [
        ...new Set([...record.labels, ...(born.get(record.bornWithLabelsOf?.id ?? '') ?? [])]),
      ].toSorted();
      const id = mintRecordId(custodian, random);
      const links = held(record).map(([column, other]) => [column, idOf(heldIds.get(other.table), other.reference)]);
      const label_set = await labelSet(labels, consent);
      columns.push({ id, reference, label_set, labels, ...values, ...Object.fromEntries(links) });
    }
    await keepRecords(query, table, columns, records[0]?.labelsAreSettled ?? false);
  }
  const [first] = own;
  return first
    ? readIds(
        query,
        first.table,
        own.map(({ reference }) => reference),
      )
    : new Map();
}

const held = (record: DeliveredRecord | undefined) => Object.entries(record?.holds ?? {});

/** The ids of the other records of the same rows, which were kept before, by table and reference. */
async function readHeldIds(
  query: Query,
  records: readonly DeliveredRecord[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const wanted = Map.groupBy(
    records.flatMap((record) => held(record).map(([, other]) => other)),
    ({ table }) => table,
  );
  const ids = new Map<string, ReadonlyMap<string, string>>();
  for (const [table, others] of wanted) {
    ids.set(table, await readIds(query, table, [...new Set(others.map(({ reference }) => reference))]));
  }
  return ids;
}

/** The labels of the records whose labels others are born with, by id. */
async function readBornLabels(
  query: Query,
  records: readonly DeliveredRecord[],
): Promise<ReadonlyMap<string, readonly Label[]>> {
  const wanted = Map.groupBy(
    records.flatMap(({ bornWithLabelsOf }) => bornWithLabelsOf ?? []),
    ({ table }) => table,
  );
  const labels = new Map<string, readonly Label[]>();
  for (const [table, others] of wanted) {
    const rows = await readLabelsById(query, table, [...new Set(others.map(({ id }) => id))]);
    for (const { id, labels: found } of rows) labels.set(id, found);
  }
  return labels;
}

function idOf(ids: ReadonlyMap<string, string> | undefined, reference: string): string {
  const id = ids?.get(reference);
  if (id === undefined) throw new Error('a record that was just kept cannot be found');
  return id;
}
