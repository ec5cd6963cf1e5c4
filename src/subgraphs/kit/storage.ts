/** A compiled statement: SQL text with `$1` placeholders, as Kysely's `compile()` gives it. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Runs one statement and answers its rows. */
export type Query = <Row>(statement: Statement) => Promise<Row[]>;

/** A custodian's PostgreSQL. */
export interface Storage {
  /**
   * One reading statement under row security: as `amana_reader`, which sees only rows of the given label sets. It is
   * cancelled where the signal ends before it has.
   */
  read<Row>(labelSets: ReadonlySet<number>, statement: Statement, signal?: AbortSignal): Promise<Row[]>;
  /** One statement as the login role, outside row security: grants, access log, import. Never reachable from a resolver. */
  readonly query: Query;
  /** Statements as the login role that hold together or not at all. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** How many connections there are, how many of them are idle, and how many are waited for. */
  connections(): { readonly open: number; readonly idle: number; readonly awaited: number };
  /** Ends connections, and the embedded PostgreSQL where this process started it. */
  close(): Promise<void>;
}
