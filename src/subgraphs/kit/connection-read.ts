import { canonical } from '../../protocol/canonical.ts';
import type { Requirement } from '../../protocol/requirements.ts';
import { type Filtered, conditionsOf } from './conditions.ts';
import type { CursorBinding } from './cursor.ts';
import { fieldError } from './field-error.ts';
import { placeAfter, positionIn } from './list-position.ts';
import { type Page, pageSize } from './page.ts';
import type { RecordRow, SelectedRecord } from './record-row.ts';
import {
  type ListSource,
  type Place,
  type Relation,
  relatedCounts,
  relatedPages,
  rootCount,
  rootPage,
} from './record-source.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** A list as it was asked for: whose it is (the empty id for a root), and the arguments. */
export interface AskedList {
  readonly source: ListSource;
  readonly relation?: Relation;
  readonly parent: string;
  /** The label set of the record that it hangs on: one grant must clear it together with those of the list's records. */
  readonly parentLabelSet?: number;
  /** The coordinate of the field that asks for it. */
  readonly coordinate: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a cursor of a list is bound to. */
export const cursorBinding = (
  { viewer: { subject, subjectKind } }: ViewerRequest,
  list: string,
  values: Readonly<Record<string, unknown>>,
): CursorBinding => ({ subject, subjectKind, list, filter: values['filter'] });

interface RelatedRecord extends SelectedRecord {
  readonly parent_id: string;
}

// What a batch of pages could come to; the records really read are counted too.
const BATCH_AT_MOST = 100_000;

/**
 * A connection, read as far as its fields are asked for: a page for nodes, edges and pageInfo, a count of its own for
 * totalCount. Its records are those that one grant opens for the field, its filters and the nodes together.
 */
export class ConnectionRead {
  /** What must be carried by one grant, with their own tiers, for the fields of this connection. */
  readonly requirement: Requirement;
  readonly #request: ViewerRequest;
  readonly #list: AskedList;
  readonly #labelSets: ReadonlySet<number>;
  #loaded: Promise<Page> | undefined;

  constructor(request: ViewerRequest, list: AskedList, requirement: Requirement) {
    this.requirement = requirement;
    this.#request = request;
    this.#list = list;
    const ofNodes = request.subgraph.rules.requirementOf(`${list.source.name}Connection.nodes`);
    const { parentLabelSet } = list;
    const access = parentLabelSet === undefined ? request.access : request.access.clearing(parentLabelSet);
    this.#labelSets = access.visibleLabelSets(requirement, ofNodes);
  }

  get nodes(): Promise<readonly RecordRow[]> {
    return this.#page().then(({ rows }) => rows);
  }

  get edges(): Promise<readonly object[]> {
    return this.#page().then(({ rows }) =>
      rows.map((row) => new EdgeRead(row, this.requirement, () => this.#cursorOf(row))),
    );
  }

  get pageInfo(): Promise<object> {
    return this.#page().then(({ rows, more }) => {
      const [start, end] = [rows[0], rows.at(-1)];
      return {
        hasNextPage: more,
        hasPreviousPage: this.#place() !== undefined,
        startCursor: start && this.#cursorOf(start),
        endCursor: end && this.#cursorOf(end),
      };
    });
  }

  get totalCount(): Promise<number> {
    const { source, relation, parent } = this.#list;
    return this.#request.counts
      .load(this.#batch([]), parent, async (parents) => {
        const { conditions } = this.#filtered();
        const statement = relation
          ? relatedCounts(source, relation, parents, conditions)
          : rootCount(source, conditions);
        const rows = await this.#request.read<{ parent_id?: string; total: number }>(this.#labelSets, statement);
        return new Map(rows.map(({ parent_id = '', total }) => [parent_id, total]));
      })
      .then((total) => total ?? 0);
  }

  #page(): Promise<Page> {
    this.#loaded ??= this.#loadPage();
    return this.#loaded;
  }

  async #loadPage(): Promise<Page> {
    const { source, relation, parent, values } = this.#list;
    const first = pageSize(values['first']);
    if (first === undefined) throw fieldError('PAGE_TOO_LARGE');
    const after = this.#place();
    const page = await this.#request.pages.load(this.#batch([first, after]), parent, async (parents) => {
      if (parents.length * first > BATCH_AT_MOST) throw fieldError('OPERATION_TOO_COSTLY');
      const wanted = { ...this.#filtered(), limit: first + 1, ...(after && { after }) };
      const statement = relation ? relatedPages(source, relation, parents, wanted) : rootPage(source, wanted);
      const rows = await this.#request.read<SelectedRecord>(this.#labelSets, statement);
      return this.#pagesOf(rows, first);
    });
    return page ?? { rows: [], more: false };
  }

  #pagesOf(rows: readonly SelectedRecord[], first: number): Map<string, Page> {
    const isRelated = (row: SelectedRecord): row is RelatedRecord => typeof row['parent_id'] === 'string';
    const byParent = Map.groupBy(rows, (row) => (isRelated(row) ? row.parent_id : ''));
    return new Map(
      [...byParent].map(([parent, found]) => [
        parent,
        { rows: this.#request.enter(found.slice(0, first)), more: found.length > first },
      ]),
    );
  }

  #filtered(): Filtered {
    const { source, values } = this.#list;
    return source.filter ? conditionsOf(source.filter, values['filter']) : { conditions: [], inOrder: true };
  }

  #place(): Place | undefined {
    const { values } = this.#list;
    const position = positionIn(values);
    return position ? placeAfter(position, this.#request.subgraph.custodian) : this.#placeOf(values['after']);
  }

  #placeOf(cursor: unknown): Place | undefined {
    if (cursor === undefined || cursor === null) return undefined;
    const binding = cursorBinding(this.#request, this.#list.coordinate, this.#list.values);
    const position = this.#request.subgraph.cursors.open(binding, String(cursor));
    if (position?.parent !== this.#list.parent) throw fieldError('CURSOR_INVALID');
    return { sortKey: position.sortKey, id: position.id };
  }

  #cursorOf({ sortKey, id }: RecordRow): string {
    const binding = cursorBinding(this.#request, this.#list.coordinate, this.#list.values);
    return this.#request.subgraph.cursors.seal(binding, { parent: this.#list.parent, sortKey, id });
  }

  /** Everything that the statement depends on but the parents. */
  #batch(paging: readonly unknown[]): string {
    const { coordinate, values } = this.#list;
    return canonical([coordinate, values['filter'], paging, [...this.#labelSets]]);
  }
}

/** One record in a list, with its cursor; it inherits what the list needs. */
export class EdgeRead {
  readonly node: RecordRow;
  readonly requirement: Requirement;
  readonly #cursor: () => string;

  constructor(node: RecordRow, requirement: Requirement, cursor: () => string) {
    this.node = node;
    this.requirement = requirement;
    this.#cursor = cursor;
  }

  get cursor(): string {
    return this.#cursor();
  }

  get sortKey(): string {
    return this.node.sortKey;
  }

  get recordId(): string {
    return this.node.id;
  }
}

/** What is counted of a parent, kind by kind; each count inherits what all of them need. */
export class CountsRead {
  readonly id: string;
  readonly requirement: Requirement;

  constructor(id: string, requirement: Requirement) {
    this.id = id;
    this.requirement = requirement;
  }
}
