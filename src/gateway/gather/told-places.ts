import type { GraphQLError } from 'graphql';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Incomplete } from '../custodian-status.ts';
import { errorAt } from '../execute/answer-errors.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import { tellPlaces } from '../execute/tell-places.ts';
import { withoutOwn } from './answer-places.ts';
import type { RoundSettings } from './asked-share.ts';
import type { GatheredField } from './gather-tree.ts';
import type { IncompletePlace } from './gathered-answer.ts';
import type { RowFailure } from './row-failures.ts';

/** What is told of a fetch's answer beside its data: what failed, what is not whole because of whom, and whose records it holds. */
export class ToldPlaces {
  readonly #settings: RoundSettings;
  readonly #failed: { readonly path: AnswerPath; readonly code: ErrorCode }[] = [];
  readonly #incomplete = new Map<string, IncompletePlace>();
  readonly #records = new Map<string, number>();

  constructor(settings: RoundSettings) {
    this.#settings = settings;
  }

  get errors(): readonly GraphQLError[] {
    const patternOf = ({ path, code }: { readonly path: AnswerPath; readonly code: ErrorCode }): string =>
      JSON.stringify([code, path.filter((key) => typeof key === 'string')]);
    return tellPlaces(this.#failed, patternOf).map(({ place, more }) => errorAt(place.code, place.path, more));
  }

  get incomplete(): readonly IncompletePlace[] {
    return [...this.#incomplete.values()];
  }

  get records(): ReadonlyMap<string, number> {
    return this.#records;
  }

  /** A place that is null for everybody. */
  fail(field: GatheredField, index: number, code: ErrorCode): void {
    this.#failed.push({ path: this.#pathOf(field, index), code });
  }

  /** What is not whole at a place, or below it, because of one host. */
  tell(custodian: string, { place }: GatheredField, reason: Incomplete['reason'], ...below: string[]): void {
    const path = [...place.split('.').slice(1), ...below];
    this.#incomplete.set(JSON.stringify([custodian, place, reason, below]), { custodian, path, reason });
  }

  /** Something that is missing because it failed at one host, within what is there. */
  failWithin(field: GatheredField, index: number, { custodian, inside, code }: RowFailure): void {
    const below = withoutOwn(inside);
    if (code) this.#failed.push({ path: [...this.#pathOf(field, index), ...below], code });
    this.tell(custodian, field, 'NOT_ANSWERED', ...below.map((key) => (typeof key === 'number' ? '@' : key)));
  }

  /** Records of one host that are in what is answered of an entity: as often as that stands in the answer. */
  count(custodian: string, index: number, records: number): void {
    const times = this.#settings.times[index] ?? 1;
    this.#records.set(custodian, (this.#records.get(custodian) ?? 0) + times * records);
  }

  #pathOf({ place }: GatheredField, index: number): AnswerPath {
    return [...(this.#settings.plan.tree.root ? [] : [ENTITIES, index]), ...place.split('.').slice(1)];
  }
}
