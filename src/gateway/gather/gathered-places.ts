import { getArgumentValues } from 'graphql';
import { canonical } from '../../protocol/canonical.ts';
import type { Representation } from '../execute/entity-keys.ts';
import { type GatherTree, type GatheredField, gatheredFields } from './gather-tree.ts';
import type { Gathering } from './gathering.ts';
import { upTo } from './host-failures.ts';
import type { CursorsOfList } from './list-cursors.ts';
import { ListPage } from './list-pages.ts';
import { custodianOf, ownArguments } from './route.ts';
import type { Row } from './rows.ts';

type Values = Readonly<Record<string, unknown>>;

/** How long a page is that is asked for without a length. */
const USUAL_PAGE = 20;

/** How long one of several gateways may take a host after another, in milliseconds. */
const APART = 10 * 60_000;

/** The places of a fetch at which something is gathered: with which arguments, and the pages that come together there. */
export class GatheredPlaces {
  readonly #gathering: Gathering;
  readonly #representations: readonly Representation[];
  readonly #arguments: ReadonlyMap<string, Values>;
  readonly #fields: ReadonlyMap<string, GatheredField>;
  /** Whether anything that is asked by may name a custodian: then each host sees its own part of it. */
  readonly namesCustodians: boolean;
  /** All hosts, those among them that have not said what they grant. */
  readonly custodians: ReadonlySet<string>;
  /** By place, and by the entity's index. */
  readonly #pages = new Map<string, Map<number, ListPage>>();
  readonly #cursors = new Map<string, CursorsOfList>();
  /** A walk that begins here is without the hosts that join later. */
  readonly #began: number;

  constructor(gathering: Gathering, tree: GatherTree, variables: Values, representations: readonly Representation[]) {
    this.#gathering = gathering;
    this.#representations = representations;
    this.custodians = new Set([...gathering.hosts.map(({ custodian }) => custodian), ...gathering.unheard]);
    const lastJoined = Math.max(0, ...Array.from(this.custodians, (custodian) => this.#joinedAt(custodian)));
    // At another gateway, where the walk may go on, the same hosts have joined a little earlier or later.
    this.#began = Math.max(lastJoined, gathering.now() - APART);
    this.#fields = new Map(Array.from(gatheredFields(tree), (field) => [field.place, field]));
    this.#arguments = new Map(
      Array.from(this.#fields.values(), ({ place, selected: { definition, node } }) => [
        place,
        definition ? getArgumentValues(definition, node, variables) : {},
      ]),
    );
    this.namesCustodians = mayName(this.custodians, [variables, ...this.#arguments.values()]);
  }

  /** A field's arguments as one host may see them; undefined where the field asks for nothing of that host's. */
  ownArguments(field: GatheredField, custodian: string): Values | undefined {
    return ownArguments(field, this.#takesCustodian(field), this.argumentsAt(field.place), custodian, this.custodians);
  }

  /** Whether what is asked for at a place, of the entity at an index, may be a host's by its ids and its name. */
  mayBelongTo(custodian: string, { place }: Pick<GatheredField, 'place'>, index: number): boolean {
    return (
      this.isNoneOthers(custodian, index) &&
      upTo(place).every((above) => {
        const field = this.#fields.get(above);
        return !field || this.ownArguments(field, custodian) !== undefined;
      })
    );
  }

  /** Whether the entity at an index is not another host's by its key. */
  isNoneOthers(custodian: string, index: number): boolean {
    return Object.values(this.#representations[index] ?? {}).every((key) => {
      const named = custodianOf(key, this.custodians);
      return named === undefined || named === custodian;
    });
  }

  /** Whether a field is asked for at a custodian that is no host. */
  namesNobody(field: GatheredField): boolean {
    const custodian = this.#takesCustodian(field) ? this.argumentsAt(field.place)['custodian'] : undefined;
    return typeof custodian === 'string' && !this.custodians.has(custodian);
  }

  #takesCustodian({ selected: { parent, node } }: GatheredField): boolean {
    return this.#gathering.rules.takesCustodian(parent.name, node.name.value);
  }

  /** The coerced arguments at a place. */
  argumentsAt(place: string): Values {
    return this.#arguments.get(place) ?? {};
  }

  /** The page at a place, of the entity at an index where the fetch is one of entities. */
  pageAt(field: GatheredField, index: number): ListPage {
    const pages = this.#pages.get(field.place) ?? new Map<number, ListPage>();
    const page = pages.get(index) ?? this.#open(field, index);
    this.#pages.set(field.place, pages.set(index, page));
    return page;
  }

  /** Whether a host was not there yet when the walk began that a page belongs to. */
  hasJoinedSince(custodian: string, { began }: ListPage): boolean {
    return this.#joinedAt(custodian) > began;
  }

  #joinedAt(custodian: string): number {
    return this.#gathering.joined.get(custodian) ?? 0;
  }

  /** The cursor of a row of that page; `missing` are the hosts that have missed it. */
  cursorOf(field: GatheredField, index: number, { sortKey, custodian, id }: Row, missing: Iterable<string>): string {
    const after = { sortKey, custodian, id };
    const missed = [...new Set(missing)].sort();
    const { began } = this.pageAt(field, index);
    return this.#cursorsOf(field).seal({ parent: this.#parentAt(index), after, missed, began });
  }

  #open(field: GatheredField, index: number): ListPage {
    const { first, after } = this.argumentsAt(field.place);
    const size = typeof first === 'number' ? first : USUAL_PAGE;
    const fresh = { missed: [], began: this.#began };
    if (typeof after !== 'string') return new ListPage(size, fresh);
    const cursor = this.#cursorsOf(field).open(after);
    return cursor?.parent === this.#parentAt(index)
      ? new ListPage(size, cursor)
      : new ListPage(size, fresh, 'CURSOR_INVALID');
  }

  #cursorsOf({ place, selected: { parent, node } }: GatheredField): CursorsOfList {
    const known = this.#cursors.get(place);
    if (known) return known;
    const { viewer, cursors } = this.#gathering;
    const { first: _first, after: _after, ...others } = this.argumentsAt(place);
    const own = cursors.of({ ...viewer, list: `${parent.name}.${node.name.value}`, arguments: others });
    this.#cursors.set(place, own);
    return own;
  }

  #parentAt(index: number): string {
    const representation = this.#representations[index];
    return representation ? canonical(representation) : '';
  }
}

/** Whether a custodian, or an id of its records, is anywhere in a value. */
function mayName(custodians: ReadonlySet<string>, value: unknown): boolean {
  if (typeof value === 'string') return custodians.has(value) || custodianOf(value, custodians) !== undefined;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inside) => mayName(custodians, inside));
}
