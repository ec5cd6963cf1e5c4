import type { Label } from '../../../protocol/labels.ts';
import type { Query } from '../storage.ts';
import type { ImageRecords } from '../images/image-records.ts';
import type { DeliveredRow } from './delivered-row.ts';

/** How the files that a custodian hands over become its records. */
export interface Delivery {
  /** In the order of import: a file comes after those whose records it refers to. */
  readonly files: readonly DeliveredFile[];
  /** The record types that can be linked to a person, and the table that holds each: `{ DepictedBody: 'depicted_bodies' }`. */
  readonly linkable: Readonly<Record<string, string>>;
  /** The records that may have images, where there are any. */
  readonly images?: ImageRecords;
  /**
   * Brings up to date what follows from all records together, such as labels. Runs within the import's transaction,
   * after the files and before links are settled; running it again must change nothing.
   */
  readonly settle: (query: Query, custodian: string) => Promise<void>;
}

/**
 * How one delivered file becomes records. Its encoding and delimiter are found out by reading it, and its name and
 * columns are those said here, unless a mapping states others. Of a file that ends in `.jsonl` every line is a JSON
 * object; a value within an object within it is the column `outer.inner`.
 */
export interface DeliveredFile {
  /** Its name in the delivery's folder. */
  readonly file: string;
  /** The columns it must have, in any order; further columns are kept as delivered and never served. */
  readonly columns: readonly string[];
  /** Columns that hold the reference of a record of this custodian, and the table it is in. */
  readonly refersTo?: Readonly<Record<string, string>>;
  /** The type of its records, where its column `person` holds the link id of whom they are about. */
  readonly linksAs?: string;
  /** Where those are not the rows' own records: the table of these, and the column that holds the ids of the others. */
  readonly linksThrough?: { readonly table: string; readonly column: string };
  /** One row's records, the row's own first; faults are told to the row, and a row with faults is rejected as a whole. */
  readonly read: (row: DeliveredRow) => readonly [DeliveredRecord, ...DeliveredRecord[]];
}

/** A record as its table keeps it, but for `id`, which is minted, and `label_set`, which follows from the labels. */
export interface DeliveredRecord {
  readonly table: string;
  /** The organisation's own number of the record, unique in its table. */
  readonly reference: string;
  /** Columns and their values. Every record of a table has the same columns. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Columns that hold the id of another record of the same row, one that holds none itself. */
  readonly holds?: Readonly<Record<string, { readonly table: string; readonly reference: string }>>;
  readonly labels: readonly Label[];
  /** A record, by table and id, whose labels it is born with besides: so that settling finds nothing to change in it. */
  readonly bornWithLabelsOf?: { readonly table: string; readonly id: string };
  /** With CONSENT_LIMITED: to whom it may be shown, as `DeliveredRow.consent` answers it; nobody where it is left out. */
  readonly consent?: readonly string[];
  /** True where the labels are those of a newborn record only, and `settle` decides from then on. */
  readonly labelsAreSettled?: boolean;
  /** True where a delivery only ever adds hiding labels: one that the record has stays, whatever the row says now. */
  readonly hidingLabelsStay?: boolean;
}
