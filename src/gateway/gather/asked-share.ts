import { type GraphQLSchema, type TypeNode, isInputType, typeFromAST } from 'graphql';
import { FetchShape } from '../execute/conform-answer.ts';
import type { Representation } from '../execute/entity-keys.ts';
import type { FetchPart } from '../execute/fetch-part.ts';
import { OWN, REPRESENTATIONS } from './ast.ts';
import { type GatherTree, type GatheredField, type GatheredObject, gatheredFields } from './gather-tree.ts';
import type { GatheredPlaces } from './gathered-places.ts';
import type { Gathering } from './gathering.ts';
import type { HostPart } from './host-document.ts';
import type { FetchPlan } from './host-plans.ts';
import { afterAt, argumentAt, firstAt } from './host-variables.ts';
import { firstShare } from './list-pages.ts';
import { ownValue } from './route.ts';
import type { ListPosition } from './rows.ts';

type Values = Readonly<Record<string, unknown>>;

/** One fetch that is gathered. */
export interface RoundSettings {
  readonly gathering: Gathering;
  readonly plan: FetchPlan;
  readonly places: GatheredPlaces;
  readonly variables: Values;
  /** What a host's part of the fetch follows from, beside its access: one object for all of them, without representations. */
  readonly narrowedBy: Values;
  /** None where the fetch is not one of entities. */
  readonly representations: readonly Representation[];
  /** By the same indexes, in how many places each entity stands in the answer; once where this does not say. */
  readonly times: readonly number[];
  /** Fields of entities' keys, by type. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** What one host is asked for of a fetch, or several hosts alike. */
export class AskedShare {
  readonly tree: GatherTree;
  /** The entities that are asked for, by their indexes in the fetch; of a fetch of roots, 0. */
  readonly indexes: readonly number[];
  /** Where something is asked for. */
  readonly places: ReadonlyMap<string, GatheredField>;
  readonly #round: RoundSettings;
  readonly #custodian: string;
  readonly #own: ReadonlyMap<string, Values>;
  readonly #part: HostPart;
  readonly #indexes: ReadonlySet<number>;
  #question: { readonly part: FetchPart | undefined } | undefined;

  /** `own` are the arguments by place, as `custodian` and those alike may see them. */
  constructor(
    round: RoundSettings,
    custodian: string,
    tree: GatherTree,
    indexes: readonly number[],
    own: ReadonlyMap<string, Values>,
    omitted: ReadonlySet<string>,
  ) {
    this.tree = tree;
    this.indexes = indexes;
    this.#indexes = new Set(indexes);
    this.#round = round;
    this.#custodian = custodian;
    this.#own = own;
    this.#part = { keys: round.keys, omitted };
    const isOmitted = (place: string): boolean =>
      [...omitted].some((left) => place === left || place.startsWith(`${left}.`));
    const asked = [...gatheredFields(tree)].filter(({ place }) => !isOmitted(place));
    this.places = new Map(asked.map((field) => [field.place, field]));
  }

  /** Whether something is asked for at a place, of the entity at an index. */
  isAsked({ place }: GatheredField, index: number): boolean {
    return this.places.has(place) && this.#indexes.has(index);
  }

  /** What is asked for at first; `hosts` says how many are asked for rows of a place, which is the same for all of a round. */
  question(hosts: (place: string) => number): FetchPart | undefined {
    this.#question ??= { part: this.#firstQuestion(hosts) };
    return this.#question.part;
  }

  /** The question for more rows of one page. */
  questionForMore(field: GatheredField, index: number, first: number, after: ListPosition): FetchPart | undefined {
    const { place } = field;
    const { sortKey, custodian, id } = after;
    return this.#written(
      { ...this.#part, only: place },
      [index],
      [
        [firstAt(place), first],
        [afterAt(place), { sortKey, custodian, id }],
      ],
    );
  }

  /** What is gathered of the entity at an index, or of the root. */
  objectAt(index: number): GatheredObject | undefined {
    return this.tree.root ?? this.tree.entities.get(this.#round.representations[index]?.__typename ?? '');
  }

  #firstQuestion(hosts: (place: string) => number): FetchPart | undefined {
    const { places } = this.#round;
    const paging = Array.from(this.places.values(), (field): [string, unknown][] => {
      if (!field.page?.takesRows) return [];
      const pages = this.indexes.map((index) => places.pageAt(field, index));
      const page = pages.find(({ fault }) => fault === undefined);
      return [
        [firstAt(field.place), page ? firstShare(page.first, hosts(field.place)) : 1],
        [afterAt(field.place), page?.after ?? null],
      ];
    });
    return this.#written(this.#part, this.indexes, paging.flat());
  }

  #written(part: HostPart, indexes: readonly number[], paging: readonly [string, unknown][]): FetchPart | undefined {
    const { plan, gathering, variables, representations } = this.#round;
    const written = plan.write(this.tree, part);
    if (!written) return undefined;
    const asked = indexes.flatMap((index) => representations[index] ?? []);
    const given = Array.from(this.#own, ([place, own]) => this.#given(place, own));
    const all: Values = Object.fromEntries([
      ...Object.entries(variables),
      ...given.flat(),
      ...paging,
      [REPRESENTATIONS, asked],
    ]);
    const schema = gathering.snapshot.subgraphSchema(gathering.subgraph);
    const own = Object.fromEntries(
      written.variables
        .filter(({ name }) => Object.hasOwn(all, name))
        .map(({ name, type }) => [name, this.#ownValue(schema, name, type, all[name])]),
    );
    const types = asked.map(({ __typename }) => __typename);
    const shape = new FetchShape(schema, written.document, own, types, true);
    return { shape, document: written.document, query: written.query, variables: own };
  }

  /** The arguments of a place, as they may be seen, by the variables that they are asked by. */
  #given(place: string, own: Values): [variable: string, value: unknown][] {
    const { node, definition } = this.places.get(place)?.selected ?? {};
    const declared = new Map(definition?.args.map((one) => [one.name, one]));
    return (node?.arguments ?? []).flatMap((argument): [string, unknown][] => {
      const [name, one] = [argument.name.value, declared.get(argument.name.value)];
      return one && Object.hasOwn(own, name) ? [[argumentAt(place, argument, one), own[name]]] : [];
    });
  }

  /** What clients give to fields of records goes to all that hold some; ids of others' records do not. */
  #ownValue(schema: GraphQLSchema, name: string, type: TypeNode, value: unknown): unknown {
    if (name.startsWith(OWN) || name === REPRESENTATIONS) return value;
    const input = typeFromAST(schema, type);
    return isInputType(input) ? ownValue(input, value, this.#custodian, this.#round.places.custodians) : value;
  }
}
