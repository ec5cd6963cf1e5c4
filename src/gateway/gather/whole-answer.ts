import { GraphQLError, TypeNameMetaFieldDef } from 'graphql';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Incomplete } from '../custodian-status.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { errorAt } from '../execute/answer-errors.ts';
import { fitsScalar } from '../execute/fits-scalar.ts';
import { tellPlaces } from '../execute/tell-places.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { GatherRound, LateRefusal } from './gather-round.ts';
import type { GatheredField } from './gather-tree.ts';
import type { RoundSettings } from './asked-share.ts';
import type { HostShare } from './host-share.ts';
import { type HostObject, mergeObjects } from './merge-answers.ts';
import { withoutOwn } from './answer-places.ts';
import { type RowFailure, rowFailures } from './row-failures.ts';
import { writePage } from './write-page.ts';

/** What is not whole in an answer because of one host, and where in the fetch. */
export interface IncompletePlace extends Incomplete {
  readonly custodian: string;
}

/** A fetch's answer, gathered from many hosts. */
export interface GatheredAnswer {
  readonly data: Record<string, unknown>;
  readonly errors: readonly GraphQLError[];
  readonly refusals: readonly LateRefusal[];
  readonly incomplete: readonly IncompletePlace[];
  /** How many of its records the answer holds, by custodian. */
  readonly records: ReadonlyMap<string, number>;
}

/** Puts together what the hosts have brought: every field by its rule, and what is missing where it is. */
export function wholeAnswer(settings: RoundSettings, round: GatherRound): GatheredAnswer {
  const { data, errors, incomplete, records } = new WholeAnswer(settings, round.shares);
  return { data, errors, refusals: round.refusals, incomplete: [...incomplete.values()], records };
}

class WholeAnswer {
  readonly data: Record<string, unknown>;
  readonly incomplete = new Map<string, IncompletePlace>();
  readonly records = new Map<string, number>();
  readonly #settings: RoundSettings;
  readonly #shares: readonly HostShare[];
  readonly #byCustodian: ReadonlyMap<string, HostShare>;
  readonly #failed: { readonly path: AnswerPath; readonly code: ErrorCode }[] = [];

  constructor(settings: RoundSettings, shares: readonly HostShare[]) {
    const { plan, representations } = settings;
    this.#settings = settings;
    this.#shares = shares;
    this.#byCustodian = new Map(shares.map((share) => [share.custodian, share]));
    this.data = plan.tree.root
      ? (this.#objectAt(0) ?? {})
      : { [ENTITIES]: representations.map((_, index) => this.#objectAt(index)) };
  }

  get errors(): readonly GraphQLError[] {
    const patternOf = ({ path, code }: { readonly path: AnswerPath; readonly code: ErrorCode }): string =>
      JSON.stringify([code, path.filter((key) => typeof key === 'string')]);
    return tellPlaces(this.#failed, patternOf).map(({ place, more }) => errorAt(place.code, place.path, more));
  }

  #objectAt(index: number): Record<string, unknown> | null {
    const { plan, representations, places } = this.#settings;
    const object = plan.tree.root ?? plan.tree.entities.get(representations[index]?.__typename ?? '');
    if (!object) return null;
    for (const field of object.fields) this.#tellFailures(field, index);
    const known = this.#shares.flatMap(({ custodian, objects }) => {
      const one = objects.get(index);
      return one ? [{ custodian, object: one }] : [];
    });
    const isUnknown = known.length === 0 && !plan.tree.root;
    // Whether it is known or not, what can be nobody's of it is empty.
    const fields = isUnknown ? object.fields.filter((field) => this.#isNobodys(field, index)) : object.fields;
    if (isUnknown && fields.length === 0) return null;
    return mergeObjects(
      {
        page: (field, ofHosts) => this.#pageOf(field, ofHosts, index),
        isNobodys: (field) => this.#isNobodys(field, index) && !places.namesNobody(field),
        isIncomplete: (field) => {
          const hosts = this.#failing(field, index);
          for (const custodian of hosts) this.#tell(custodian, field, 'NOT_COUNTED');
          return hosts.length > 0;
        },
        tooLarge: (field, custodian) => this.#tell(custodian, field, 'NOT_COUNTED'),
        taken: (field, custodian, value, before) => {
          const share = this.#byCustodian.get(custodian);
          this.#count(custodian, index, share?.records.get(`${index} ${field.place}`) ?? 0);
          for (const failure of share?.failures.within(value) ?? []) {
            const inside = failure.inside.map((key, at) => (at === 0 && typeof key === 'number' ? key + before : key));
            this.#tellWithin(field, index, { custodian, inside, code: failure.code });
          }
        },
      },
      { ...object, fields },
      known,
    );
  }

  #pageOf(field: GatheredField, known: readonly HostObject[], index: number): JsonObject | null {
    const { places } = this.#settings;
    const page = places.pageAt(field, index);
    const { page: selected } = field;
    const answered = known.filter(({ object }) => isJsonObject(object[field.key]));
    const isNobodys = this.#isNobodys(field, index) && !places.namesNobody(field);
    if (!selected || page.fault || (answered.length === 0 && !isNobodys)) return null;
    const missing = new Set([...this.#failing(field, index), ...page.missing]);
    for (const custodian of page.missing) this.#tell(custodian, field, 'NOT_ANSWERED');
    const concerned = [...this.#asked(field, index).map(({ custodian }) => custodian), ...this.#unheard(field, index)];
    const late = concerned.filter((custodian) => places.hasJoinedSince(custodian, page));
    const missedBefore = new Set([...page.missedBefore, ...late]);
    for (const custodian of missedBefore) this.#tell(custodian, field, 'MISSED_EARLIER_PAGE');
    const { rows, hasMore } = page.rows();
    for (const { custodian, records } of rows) this.#count(custodian, index, records);
    for (const failure of rowFailures(selected, rows, this.#shares)) this.#tellWithin(field, index, failure);
    return writePage(selected, {
      rows,
      hasMore,
      hasPrevious: page.after !== undefined,
      total: this.#totalOf(field, answered, index, isNobodys),
      cursorOf: (row) => places.cursorOf(field, index, row, [...missedBefore, ...missing]),
    });
  }

  /** How many records a whole list holds, where each host that may be asked for that has said so. */
  #totalOf(field: GatheredField, answered: readonly HostObject[], index: number, isNobodys: boolean): number | null {
    if (field.page?.totals.length === 0) return null;
    const objects = new Map(answered.map(({ custodian, object }) => [custodian, object]));
    const totals = new Map(
      this.#asked(field, index).flatMap((share): [string, unknown][] => {
        const [total] = share.asked.places.get(field.place)?.page?.totals ?? [];
        const connection = objects.get(share.custodian)?.[field.key];
        if (!total) return [];
        if (isJsonObject(connection)) return [[share.custodian, connection[total.key]]];
        return share.failures.has(index, field.place) ? [[share.custodian, null]] : [];
      }),
    );
    for (const custodian of this.#unheard(field, index)) totals.set(custodian, null);
    const numbers = [...totals.values()].filter(isCount);
    const sum = numbers.reduce((one, other) => one + other, 0);
    for (const [custodian, total] of totals) {
      if (isCount(total) && isCount(sum)) continue;
      for (const { key } of field.page?.totals ?? []) this.#tell(custodian, field, 'NOT_COUNTED', key);
    }
    if (!isCount(sum) || numbers.length < totals.size || (numbers.length === 0 && !isNobodys)) return null;
    return sum;
  }

  /** An error where a client's own fault is, and where no host at all has answered; otherwise which hosts have not. */
  #tellFailures(field: GatheredField, index: number): void {
    const { places } = this.#settings;
    // The name of a type is known without any host.
    if (field.selected.node.name.value === TypeNameMetaFieldDef.name) return;
    const fault = field.page && places.pageAt(field, index).fault;
    const code = fault ?? (places.namesNobody(field) ? 'BAD_USER_INPUT' : undefined);
    if (code) {
      this.#failed.push({ path: this.#pathOf(field, index), code });
      return;
    }
    const asked = this.#asked(field, index);
    const failing = asked.filter(({ failures }) => failures.has(index, field.place));
    const unheard = this.#unheard(field, index);
    if (asked.length + unheard.length > 0 && failing.length === asked.length) {
      const codes = new Set(failing.flatMap(({ failures }) => failures.codesAt(index, field.place)));
      if (asked.length === 0) codes.add('CUSTODIAN_UNAVAILABLE');
      codes.delete('FIELD_WITHHELD');
      for (const one of codes) this.#failed.push({ path: this.#pathOf(field, index), code: one });
      return;
    }
    for (const { custodian, failures } of failing) if (!failures.isSilent) this.#tell(custodian, field, 'NOT_ANSWERED');
    for (const below of field.inside?.fields ?? []) this.#tellFailures(below, index);
  }

  #asked(field: GatheredField, index: number): readonly HostShare[] {
    return this.#shares.filter((share) => share.asked.isAsked(field, index));
  }

  #failing(field: GatheredField, index: number): string[] {
    const failing = this.#asked(field, index).filter(({ failures }) => failures.has(index, field.place));
    return [...failing.map(({ custodian }) => custodian), ...this.#unheard(field, index)];
  }

  /** Hosts that have not said what they grant, of what may be theirs. */
  #unheard(field: GatheredField, index: number): readonly string[] {
    const { gathering, places } = this.#settings;
    return gathering.unheard.filter((custodian) => places.mayBelongTo(custodian, field, index));
  }

  #isNobodys(field: GatheredField, index: number): boolean {
    const { places } = this.#settings;
    return ![...places.custodians].some((custodian) => places.mayBelongTo(custodian, field, index));
  }

  #tell(custodian: string, { place }: GatheredField, reason: Incomplete['reason'], ...below: string[]): void {
    const path = [...place.split('.').slice(1), ...below];
    this.incomplete.set(JSON.stringify([custodian, place, reason, below]), { custodian, path, reason });
  }

  /** Something that is missing because it failed at one host, within what is there. */
  #tellWithin(field: GatheredField, index: number, { custodian, inside, code }: RowFailure): void {
    const below = withoutOwn(inside);
    if (code) this.#failed.push({ path: [...this.#pathOf(field, index), ...below], code });
    this.#tell(custodian, field, 'NOT_ANSWERED', ...below.map((key) => (typeof key === 'number' ? '@' : key)));
  }

  #count(custodian: string, index: number, records: number): void {
    const times = this.#settings.times[index] ?? 1;
    this.records.set(custodian, (this.records.get(custodian) ?? 0) + times * records);
  }

  #pathOf({ place }: GatheredField, index: number): AnswerPath {
    return [...(this.#settings.plan.tree.root ? [] : [ENTITIES, index]), ...place.split('.').slice(1)];
  }
}

const isCount = (total: unknown): total is number =>
  typeof total === 'number' && total >= 0 && fitsScalar('Int', total, true);
