import type { GraphQLResolveInfo } from 'graphql';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { RequestContext } from '../../protocol/request-context.ts';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { Batches } from './batches.ts';
import type { Cursors } from './cursor.ts';
import { fieldError } from './field-error.ts';
import type { FieldRules } from './field-rules.ts';
import type { ViewerAccess } from './grants-in-force.ts';
import type { Media } from './images/serve-media.ts';
import type { Page } from './page.ts';
import { RecordRow, type SelectedRecord } from './record-row.ts';
import type { Statement, Storage } from './storage.ts';
import type { Facility } from './values.ts';

/** How many records one request may read at a custodian. */
const RECORDS_AT_MOST = 20_000;

/** What a request came to, for its row in the access log: coordinates asked for, coordinates withheld, ids of the records read. */
export class ReadAccount {
  /** Set where the whole request is refused. */
  code: ErrorCode | undefined;
  readonly coordinates = new Set<string>();
  readonly withheld = new Set<string>();
  readonly records = new Set<string>();
  /** The ids of the persons asked for, whether or not anything is known of them. */
  readonly persons = new Set<string>();
}

/** What all requests to a subgraph have in common. */
export interface ServedSubgraph {
  readonly custodian: string;
  readonly rules: FieldRules;
  readonly cursors: Cursors;
  readonly storage: Pick<Storage, 'read'>;
  /** Its images, where its records have any. */
  readonly media?: Pick<Media, 'images' | 'links'> | undefined;
}

/** One viewer's request at one custodian: the context value of every resolver. Nothing in it outlives the request. */
export class ViewerRequest {
  readonly requestId: string;
  readonly viewer: RequestContext;
  readonly access: ViewerAccess;
  readonly subgraph: ServedSubgraph;
  readonly account: ReadAccount;
  /** Ends where nobody waits for the answer any more. */
  readonly abandoned: AbortSignal;
  readonly pages = new Batches<Page>();
  readonly counts = new Batches<number>();
  readonly records = new Batches<RecordRow>();
  readonly persons = new Batches<string>();
  readonly facilities = new Batches<Facility>();

  constructor(
    requestId: string,
    viewer: RequestContext,
    access: ViewerAccess,
    subgraph: ServedSubgraph,
    account: ReadAccount,
    abandoned: AbortSignal,
  ) {
    this.requestId = requestId;
    this.viewer = viewer;
    this.access = access;
    this.subgraph = subgraph;
    this.account = account;
    this.abandoned = abandoned;
  }

  /** What a field needs as it is asked for here: its own guards, and those of the filters that it is asked with. */
  requirementOf(info: GraphQLResolveInfo, values: Readonly<Record<string, unknown>> = {}): Requirement {
    const { rules } = this.subgraph;
    const field = info.parentType.getFields()[info.fieldName];
    return both(
      rules.requirementOf(`${info.parentType.name}.${info.fieldName}`),
      field ? rules.requirementOfArguments(field, values) : [],
    );
  }

  /** The numbers of the label sets under which a field's records may be read: one grant carries all it needs here. */
  visibleTo(info: GraphQLResolveInfo, values: Readonly<Record<string, unknown>> = {}): ReadonlySet<number> {
    return this.access.visibleLabelSets(this.requirementOf(info, values));
  }

  /** One statement under row security; without any visible label set nothing is read. */
  async read<Row>(labelSets: ReadonlySet<number>, statement: Statement): Promise<Row[]> {
    return labelSets.size === 0 ? [] : this.subgraph.storage.read<Row>(labelSets, statement, this.abandoned);
  }

  /** Records as they were selected, entered in the account. Throws `OPERATION_TOO_COSTLY` beyond 20,000 a request. */
  enter(rows: readonly SelectedRecord[]): RecordRow[] {
    for (const { id } of rows) this.account.records.add(id);
    if (this.account.records.size > RECORDS_AT_MOST) throw fieldError('OPERATION_TOO_COSTLY');
    return rows.map((row) => new RecordRow(row));
  }
}
