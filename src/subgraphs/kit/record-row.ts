/**
 * A row of a record type, as row security let it through. It is what field rules judge by: its label set says under
 * which grants its fields may leave.
 */
export class RecordRow {
  readonly id: string;
  readonly labelSet: number;
  readonly sortKey: string;
  readonly columns: Readonly<Record<string, unknown>>;

  constructor({ id, label_set, sort_key, ...columns }: SelectedRecord) {
    this.id = id;
    this.labelSet = label_set;
    this.sortKey = sort_key;
    this.columns = columns;
  }
}

/** What every statement that reads records selects, beside the type's own columns. */
export interface SelectedRecord {
  readonly id: string;
  readonly label_set: number;
  readonly sort_key: string;
  readonly [column: string]: unknown;
}
