import type { RoundSettings } from './asked-share.ts';
import type { GatheredField } from './gather-tree.ts';
import type { HostShare } from './host-share.ts';

/** Which hosts of a round a place concerns, of the entity at an index or, where the fetch is none of entities, of index 0. */
export class ConcernedHosts {
  readonly shares: readonly HostShare[];
  readonly #settings: RoundSettings;
  readonly #byCustodian: ReadonlyMap<string, HostShare>;

  constructor(settings: RoundSettings, shares: readonly HostShare[]) {
    this.#settings = settings;
    this.shares = shares;
    this.#byCustodian = new Map(shares.map((share) => [share.custodian, share]));
  }

  share(custodian: string): HostShare | undefined {
    return this.#byCustodian.get(custodian);
  }

  /** Those that were asked. */
  asked(field: GatheredField, index: number): readonly HostShare[] {
    return this.shares.filter((share) => share.asked.isAsked(field, index));
  }

  /** Those that have not said what they grant, of what may be theirs. */
  unheard(field: GatheredField, index: number): readonly string[] {
    const { gathering, places } = this.#settings;
    return gathering.unheard.filter((custodian) => places.mayBelongTo(custodian, field, index));
  }

  /** Those whose part is missing. */
  failing(field: GatheredField, index: number): string[] {
    const failing = this.asked(field, index).filter(({ failures }) => failures.has(index, field.place));
    return [...failing.map(({ custodian }) => custodian), ...this.unheard(field, index)];
  }

  /** Whether by its ids it can be no host's, and names none that is not there. */
  isNobodys(field: GatheredField, index: number): boolean {
    const { places } = this.#settings;
    return !places.namesNobody(field) && this.isOutOfReach(field, index);
  }

  /** Whether by its ids and its name it can be no host's. */
  isOutOfReach(field: GatheredField, index: number): boolean {
    const { places } = this.#settings;
    return ![...places.custodians].some((custodian) => places.mayBelongTo(custodian, field, index));
  }
}
