import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import type { FetchPart, FetchResult } from '../execute/fetch-part.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { UnusableAnswerError } from '../unusable-answer-error.ts';
import { askedPath, isOfOrder, placeAt } from './answer-places.ts';
import { type GatheredField, type GatheredObject, gatheredFields } from './gather-tree.ts';
import { keyKey } from './host-document.ts';
import type { RoundSettings } from './asked-share.ts';
import type { HostShare } from './host-share.ts';
import type { Demand } from './list-pages.ts';
import { connectionAt, enterFailure, enterWithin } from './place-failures.ts';
import { type Reading, readHostObject, readRows } from './read-host-answer.ts';

/** What one host withheld after all, where (as it was asked for), and by which coordinate. */
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
  readonly #round: RoundSettings;
  readonly #byCustodian: ReadonlyMap<string, HostShare>;

  constructor(round: RoundSettings, shares: readonly HostShare[]) {
    this.#round = round;
    this.shares = shares;
    this.#byCustodian = new Map(shares.map((share) => [share.custodian, share]));
  }

  async ask(): Promise<void> {
    const counts = new Map<string, number>();
    for (const { asked } of this.shares)
      for (const { place, page } of asked.places.values())
        if (page?.takesRows) counts.set(place, (counts.get(place) ?? 0) + 1);
    const hosts = (place: string): number => counts.get(place) ?? 0;
    await Promise.all(
      this.shares.map(async (share) => {
        const question = share.asked.question(hosts);
        if (question) this.#read(share, question, await this.#round.gathering.ask(share.custodian, question));
      }),
    );
    await this.#complete();
  }

  #read(share: HostShare, { shape }: FetchPart, result: FetchResult): void {
    share.failures.isSilent = result.status !== 'ANSWERED';
    for (const error of result.errors) enterFailure(this.#round.gathering, share, error, result.data);
    for (const path of result.withheld) this.#withheld(share, path, shape.coordinateAt(path));
    if (!result.data) return;
    try {
      const found = this.#objectsIn(share, result.data);
      this.#round.gathering.take(
        share.custodian,
        found.map(([index, object]) => [object, this.#round.times[index] ?? 1]),
      );
      const pages = found.flatMap(([index, object]) => {
        const gathered = share.asked.objectAt(index);
        if (!gathered) return [];
        forget(share, gathered, index, object);
        const read = readHostObject(this.#readingOf(share, index), gathered, object);
        for (const [place, count] of read.records) share.records.set(`${index} ${place}`, count);
        return read.pages.map(({ field, rows }) => ({ page: this.#round.places.pageAt(field, index), rows }));
      });
      for (const { page, rows } of pages) page.bring(share.custodian, rows);
      for (const [index, object] of found) share.objects.set(index, object);
    } catch (failure) {
      this.#lied(share, failure);
    }
  }

  /** Without what its rows are ordered by, a host's part of a list cannot be merged. */
  #withheld(share: HostShare, path: AnswerPath, coordinate: string | undefined): void {
    if (coordinate === undefined) return;
    this.refusals.push({ custodian: share.custodian, coordinate, path: askedPath(share, path) });
    const place = placeAt(share, path);
    if (place && isOfOrder(path))
      for (const index of share.asked.indexes) share.failures.fail(index, place, 'FIELD_WITHHELD');
  }

  /** The entities that a host knows, or what it knows at the root. */
  #objectsIn({ asked: { indexes } }: HostShare, data: JsonObject): [index: number, object: JsonObject][] {
    if (this.#round.plan.tree.root) return [[0, data]];
    const entities = data[ENTITIES];
    if (!Array.isArray(entities)) return [];
    return indexes.flatMap((index, at): [number, JsonObject][] => {
      const entity: unknown = entities[at];
      return isJsonObject(entity) ? [[index, this.#own(index, entity)]] : [];
    });
  }

  /** Entities are told apart by their position alone: one in another's place would tell of somebody else. */
  #own(index: number, entity: JsonObject): JsonObject {
    const { representations, keys } = this.#round;
    const representation = representations[index];
    for (const name of keys.get(representation?.__typename ?? '') ?? [])
      if (entity[keyKey(name)] !== representation?.[name]) throw new UnusableAnswerError('KEYS');
    return entity;
  }

  #readingOf({ custodian }: HostShare, index: number): Reading {
    const { snapshot, subgraph, rules } = this.#round.gathering;
    const after = (field: GatheredField) => this.#round.places.pageAt(field, index).after;
    return { schema: snapshot.subgraphSchema(subgraph), rules, custodian, after };
  }

  /** Asks for the rows that may be missing of pages, in one round: no page can lack any after it. */
  async #complete(): Promise<void> {
    await Promise.all(
      this.#pages().flatMap(({ field, index }) =>
        this.#round.places
          .pageAt(field, index)
          .demands()
          .map((demand) => this.#askForMore(field, index, demand)),
      ),
    );
  }

  #pages(): { readonly field: GatheredField; readonly index: number }[] {
    const { plan, representations } = this.#round;
    const indexes = plan.tree.root ? [0] : [...representations.keys()];
    const fields = [...gatheredFields(plan.tree)].filter(({ page }) => page);
    return fields.flatMap((field) => indexes.map((index) => ({ field, index })));
  }

  async #askForMore(field: GatheredField, index: number, demand: Demand): Promise<void> {
    const { gathering, places } = this.#round;
    const { custodian, first, after } = demand;
    const page = places.pageAt(field, index);
    const share = this.#byCustodian.get(custodian);
    const own = share?.asked.places.get(field.place);
    const question = own && share?.asked.questionForMore(own, index, first, after);
    if (!own || !question || !share) return;
    const result = await gathering.ask(custodian, question);
    try {
      const connection = connectionAt(own, result.data && this.#objectAgain(share, index, result.data));
      gathering.take(custodian, [[connection, this.#round.times[index] ?? 1]]);
      const depth = field.place.split('.').length - 1 + (share.asked.tree.root ? 0 : 2);
      const isWhole = result.errors.every((error) =>
        enterWithin(gathering, share, own, connection, error.path?.slice(depth) ?? [], error),
      );
      if (!connection || !isWhole) {
        page.missing.add(custodian);
        return;
      }
      const more = readRows({ ...this.#readingOf(share, index), after: () => after }, own, connection);
      // Rows that it holds back now would never be shown: the walk goes on after them.
      if (more.hasMore && more.rows.length < first) throw new UnusableAnswerError('ORDER');
      page.bring(custodian, more);
    } catch (failure) {
      page.missing.add(custodian);
      if (!(failure instanceof UnusableAnswerError)) throw failure;
      gathering.lied(custodian, failure);
    }
  }

  #objectAgain({ asked: { tree } }: HostShare, index: number, data: JsonObject): JsonObject | undefined {
    if (tree.root) return data;
    const entities = data[ENTITIES];
    const entity: unknown = Array.isArray(entities) ? entities[0] : undefined;
    return isJsonObject(entity) ? this.#own(index, entity) : undefined;
  }

  #lied({ custodian, failures }: HostShare, failure: unknown): void {
    if (!(failure instanceof UnusableAnswerError)) throw failure;
    failures.isSilent = true;
    failures.failWholly('CUSTODIAN_UNAVAILABLE');
    this.#round.gathering.lied(custodian, failure);
  }
}

/** Takes out of an object what a host has reported as failed. */
function forget(share: HostShare, { fields }: GatheredObject, index: number, object: Record<string, unknown>): void {
  for (const { key, place, inside } of fields) {
    const value = object[key];
    if (share.failures.has(index, place)) delete object[key];
    else if (inside && isJsonObject(value)) forget(share, inside, index, value);
  }
}
