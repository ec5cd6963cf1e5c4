import { getArgumentValues } from 'graphql';
import { canonical } from '../../protocol/canonical.ts';
import type { Representation } from '../execute/entity-keys.ts';
import { type GatherTree, type GatheredField, gatheredFields } from './gather-tree.ts';
import type { Gathering } from './gathering.ts';
import type { ListBinding } from './list-cursors.ts';
import { ListPage } from './list-pages.ts';
import type { Row } from './rows.ts';

type Values = Readonly<Record<string, unknown>>;

/** How long a page is that is asked for without a length. */
const USUAL_PAGE = 20;

/** The places of a fetch at which something is gathered: with which arguments, and the pages that come together there. */
export class GatheredPlaces {
  readonly #gathering: Gathering;
  readonly #representations: readonly Representation[];
  readonly #arguments: ReadonlyMap<string, Values>;
  readonly #pages = new Map<string, ListPage>();

  constructor(gathering: Gathering, tree: GatherTree, variables: Values, representations: readonly Representation[]) {
    this.#gathering = gathering;
    this.#representations = representations;
    this.#arguments = new Map(
      Array.from(gatheredFields(tree), ({ place, selected: { definition, node } }) => [
        place,
        definition ? getArgumentValues(definition, node, variables) : {},
      ]),
    );
  }

  /** The coerced arguments at a place. */
  argumentsAt(place: string): Values {
    return this.#arguments.get(place) ?? {};
  }

  /** The page at a place, of the entity at an index where the fetch is one of entities. */
  pageAt(field: GatheredField, index: number): ListPage {
    const key = `${index} ${field.place}`;
    const page = this.#pages.get(key) ?? this.#open(field, index);
    this.#pages.set(key, page);
    return page;
  }

  /** The cursor of a row of that page; `missing` are the hosts that have missed it. */
  cursorOf(field: GatheredField, index: number, { sortKey, custodian, id }: Row, missing: Iterable<string>): string {
    const after = { sortKey, custodian, id };
    const missed = [...new Set(missing)].sort();
    return this.#gathering.cursors.seal(this.#bindingOf(field), { parent: this.#parentAt(index), after, missed });
  }

  #open(field: GatheredField, index: number): ListPage {
    const { first, after } = this.argumentsAt(field.place);
    const size = typeof first === 'number' ? first : USUAL_PAGE;
    if (typeof after !== 'string') return new ListPage(size);
    const cursor = this.#gathering.cursors.open(this.#bindingOf(field), after);
    return cursor?.parent === this.#parentAt(index)
      ? new ListPage(size, cursor.after, new Set(cursor.missed))
      : new ListPage(size, undefined, new Set(), 'CURSOR_INVALID');
  }

  #bindingOf({ place, selected: { parent, node } }: GatheredField): ListBinding {
    const { first: _first, after: _after, ...others } = this.argumentsAt(place);
    return { ...this.#gathering.viewer, list: `${parent.name}.${node.name.value}`, arguments: others };
  }

  #parentAt(index: number): string {
    const representation = this.#representations[index];
    return representation ? canonical(representation) : '';
  }
}
