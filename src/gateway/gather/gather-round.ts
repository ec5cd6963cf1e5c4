import type { GraphQLError } from 'graphql';
import { type ErrorCode, isErrorCode } from '../../protocol/errors.ts';
import { type AnswerPath, ENTITIES } from '../execute/conform-answer.ts';
import type { FetchPart, FetchResult } from '../execute/fetch-from-custodian.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import type { GatheredField, GatheredObject } from './gather-tree.ts';
import { keyKey } from './host-document.ts';
import type { HostShare, RoundSettings } from './host-share.ts';
import type { Demand, HostRows } from './list-pages.ts';
import { type Reading, readHostObject, readRows } from './read-host-answer.ts';
import type { ListPosition } from './rows.ts';

/** What one host withheld after all, where (in its own answer), and by which coordinate. */
export interface LateRefusal {
  readonly custodian: string;
  readonly coordinate: string;
  readonly path: AnswerPath;
}

/**
 * Asks the hosts for their shares, all at once, and those whose rows may have been too few for a page once more. What goes
 * wrong at one host costs its own share.
 */
export class GatherRound {
  readonly shares: readonly HostShare[];
  readonly refusals: LateRefusal[] = [];
  /** What stands in the way of a place, by the code that is told of it. */
  readonly faults = new Map<string, Set<ErrorCode>>();
  /** Records that hosts have brought, but for those in pages. */
  readonly records = new Map<string, number>();
  readonly #round: RoundSettings;

  constructor(round: RoundSettings, shares: readonly HostShare[]) {
    this.#round = round;
    this.shares = shares;
  }

  async ask(): Promise<void> {
    const hosts = (place: string): number => this.shares.filter((share) => share.places.has(place)).length;
    await Promise.all(
      this.shares.map(async (share) => {
        const question = share.question(hosts);
        if (question) this.#read(share, question, await this.#round.gathering.ask(share.custodian, question));
      }),
    );
    await this.#complete();
  }

  #read(share: HostShare, { shape }: FetchPart, result: FetchResult): void {
    const { custodian } = share;
    share.isFailed = result.status !== 'ANSWERED';
    for (const error of result.errors) this.#fault(share, error);
    for (const path of result.withheld) {
      const coordinate = shape.coordinateAt(path);
      if (coordinate !== undefined) this.refusals.push({ custodian, coordinate, path });
    }
    if (!result.data) return;
    try {
      const found = this.#objectsIn(share, result.data);
      const pages: (() => void)[] = [];
      let records = 0;
      for (const [index, object] of found) {
        const gathered = share.objectAt(index);
        if (!gathered) continue;
        const page = (field: GatheredField, rows: HostRows): void =>
          void pages.push(() => this.#round.places.pageAt(field, index).hosts.set(custodian, rows));
        const after = (field: GatheredField) => this.#round.places.pageAt(field, index).after;
        readHostObject(
          this.#reading(custodian, after, page, (count) => (records += count)),
          gathered,
          object,
        );
      }
      for (const enter of pages) enter();
      for (const [index, object] of found) share.objects.set(index, object);
      this.records.set(custodian, records);
    } catch (failure) {
      this.#lied(share, failure);
    }
  }

  /** The entities that a host knows, or what it knows at the root. */
  #objectsIn({ indexes }: HostShare, data: JsonObject): [index: number, object: JsonObject][] {
    const { plan, representations, keys } = this.#round;
    if (plan.tree.root) return [[0, data]];
    const entities = data[ENTITIES];
    if (!Array.isArray(entities)) return [];
    return indexes.flatMap((index, at): [number, JsonObject][] => {
      const [entity, representation] = [entities[at] as unknown, representations[index]];
      if (!isJsonObject(entity) || !representation) return [];
      // Entities are told apart by their position alone: one in another's place would tell of somebody else.
      for (const name of keys.get(representation.__typename) ?? [])
        if (entity[keyKey(name)] !== representation[name]) throw new UnusableAnswerError('KEYS');
      return [[index, entity]];
    });
  }

  #reading(
    custodian: string,
    after: (field: GatheredField) => ListPosition | undefined,
    page: Reading['page'],
    records: Reading['records'],
  ): Reading {
    const { snapshot, subgraph, rules } = this.#round.gathering;
    return { schema: snapshot.subgraphSchema(subgraph), rules, custodian, after, page, records };
  }

  /** Asks for the rows that may be missing of pages, in one round: no page can lack any after it. */
  async #complete(): Promise<void> {
    const demands = this.shares.flatMap((share) =>
      Array.from(share.places.values()).flatMap((field) =>
        field.page ? share.indexes.map((index) => ({ field, index })) : [],
      ),
    );
    const once = new Map(demands.map((one) => [`${one.index} ${one.field.place}`, one]));
    await Promise.all(
      Array.from(once.values()).flatMap(({ field, index }) =>
        this.#round.places
          .pageAt(field, index)
          .demands()
          .map((demand) => this.#askForMore(field, index, demand)),
      ),
    );
  }

  async #askForMore(field: GatheredField, index: number, { custodian, first, after }: Demand): Promise<void> {
    const { gathering, places } = this.#round;
    const page = places.pageAt(field, index);
    const share = this.shares.find((one) => one.custodian === custodian);
    const own = share?.places.get(field.place);
    const question = own && share?.questionForMore(own, index, first, after);
    if (!own || !question || !share) return;
    const result = await gathering.ask(custodian, question);
    try {
      const found = result.data && this.#objectsAgain(share, index, result.data);
      const connection = found && connectionAt(field, found);
      if (!connection || result.errors.length > 0) {
        page.missing.add(custodian);
        return;
      }
      const known = page.hosts.get(custodian)?.rows ?? [];
      const more = readRows(
        this.#reading(custodian, () => after, nothing, nothing),
        own,
        connection,
      );
      page.hosts.set(custodian, { rows: [...known, ...more.rows], hasMore: more.hasMore });
    } catch (failure) {
      page.missing.add(custodian);
      if (!(failure instanceof UnusableAnswerError)) throw failure;
      gathering.lied(custodian, failure);
    }
  }

  #objectsAgain({ tree }: HostShare, index: number, data: JsonObject): JsonObject | undefined {
    if (tree.root) return data;
    const entities = data[ENTITIES];
    const entity: unknown = Array.isArray(entities) ? entities[0] : undefined;
    const representation = this.#round.representations[index];
    if (!isJsonObject(entity) || !representation) return undefined;
    for (const name of this.#round.keys.get(representation.__typename) ?? [])
      if (entity[keyKey(name)] !== representation[name]) throw new UnusableAnswerError('KEYS');
    return entity;
  }

  /** What one host's error costs: the place that it is in or, where it is in none, all that it was asked for. */
  #fault(share: HostShare, { path, extensions: { code } }: GraphQLError): void {
    const place = path && placeOf(share, path);
    const places = place === undefined ? [...share.places.keys()] : [place];
    for (const one of places) {
      share.failedPlaces.add(one);
      const codes = this.faults.get(one) ?? new Set<ErrorCode>();
      if (isErrorCode(code)) codes.add(code);
      this.faults.set(one, codes);
    }
  }

  #lied(share: HostShare, failure: unknown): void {
    if (!(failure instanceof UnusableAnswerError)) throw failure;
    share.isFailed = true;
    this.#round.gathering.lied(share.custodian, failure);
    for (const place of share.places.keys()) {
      const codes = this.faults.get(place) ?? new Set<ErrorCode>();
      this.faults.set(place, codes.add('CUSTODIAN_UNAVAILABLE'));
    }
  }
}

const nothing = (): void => {};

/** The place of the gathered field that a path in a host's answer leads to, or through. */
function placeOf(share: HostShare, path: AnswerPath): string | undefined {
  const isInEntity = path[0] === ENTITIES;
  const index = isInEntity ? share.indexes[Number(path[1])] : 0;
  let object: GatheredObject | undefined = index === undefined ? undefined : share.objectAt(index);
  let place: string | undefined;
  for (const key of isInEntity ? path.slice(2) : path) {
    const field = object?.fields.find((one) => one.key === key);
    if (!field) break;
    place = field.place;
    object = field.inside;
  }
  return place;
}

function connectionAt({ place }: GatheredField, object: JsonObject): JsonObject | undefined {
  let at: unknown = object;
  for (const key of place.split('.').slice(1)) at = isJsonObject(at) ? at[key] : undefined;
  return isJsonObject(at) ? at : undefined;
}
