import { TypeNameMetaFieldDef } from 'graphql';
import { ENTITIES } from '../execute/conform-answer.ts';
import type { RoundSettings } from './asked-share.ts';
import { ConcernedHosts } from './concerned-hosts.ts';
import type { GatherRound } from './gather-round.ts';
import type { GatheredField } from './gather-tree.ts';
import type { GatheredAnswer } from './gathered-answer.ts';
import type { HostShare } from './host-share.ts';
import { type Merging, mergeObjects } from './merge-answers.ts';
import { ToldPlaces } from './told-places.ts';
import { wholePage } from './whole-page.ts';

/** Puts together what the hosts have brought: every field by its rule, and what is missing where it is. */
export function wholeAnswer(settings: RoundSettings, { shares, refusals }: GatherRound): GatheredAnswer {
  const { data, told } = new WholeAnswer(settings, shares);
  const { errors, incomplete, records } = told;
  return { data, errors, refusals, incomplete, records };
}

class WholeAnswer {
  readonly data: Record<string, unknown>;
  readonly told: ToldPlaces;
  readonly #settings: RoundSettings;
  readonly #hosts: ConcernedHosts;

  constructor(settings: RoundSettings, shares: readonly HostShare[]) {
    const { plan, representations } = settings;
    this.#settings = settings;
    this.#hosts = new ConcernedHosts(settings, shares);
    this.told = new ToldPlaces(settings);
    this.data = plan.tree.root
      ? (this.#objectAt(0) ?? {})
      : { [ENTITIES]: representations.map((_, index) => this.#objectAt(index)) };
  }

  #objectAt(index: number): Record<string, unknown> | null {
    const { plan, representations } = this.#settings;
    const object = plan.tree.root ?? plan.tree.entities.get(representations[index]?.__typename ?? '');
    if (!object) return null;
    for (const field of object.fields) this.#tellFailures(field, index);
    const known = this.#hosts.shares.flatMap(({ custodian, objects }) => {
      const one = objects.get(index);
      return one ? [{ custodian, object: one }] : [];
    });
    const isUnknown = known.length === 0 && !plan.tree.root;
    // Whether it is known or not, what can be nobody's of it is empty.
    const fields = isUnknown ? object.fields.filter((field) => this.#hosts.isOutOfReach(field, index)) : object.fields;
    if (isUnknown && fields.length === 0) return null;
    return mergeObjects(this.#merging(index), { ...object, fields }, known);
  }

  #merging(index: number): Merging {
    const { places } = this.#settings;
    const { told } = this;
    const hosts = this.#hosts;
    return {
      page: (field, known) => wholePage({ places, hosts, told }, field, known, index),
      isNobodys: (field) => hosts.isNobodys(field, index),
      isIncomplete: (field) => {
        const failing = hosts.failing(field, index);
        for (const custodian of failing) told.tell(custodian, field, 'NOT_COUNTED');
        return failing.length > 0;
      },
      tooLarge: (field, custodian) => told.tell(custodian, field, 'NOT_COUNTED'),
      taken: (field, custodian, value, before) => {
        const share = hosts.share(custodian);
        told.count(custodian, index, share?.records.get(`${index} ${field.place}`) ?? 0);
        for (const failure of share?.failures.within(value) ?? []) {
          const inside = failure.inside.map((key, at) => (at === 0 && typeof key === 'number' ? key + before : key));
          told.failWithin(field, index, { custodian, inside, code: failure.code });
        }
      },
    };
  }

  /** An error where a client's own fault is, and where no host at all has answered; otherwise which hosts have not. */
  #tellFailures(field: GatheredField, index: number): void {
    const { places } = this.#settings;
    // The name of a type is known without any host.
    if (field.selected.node.name.value === TypeNameMetaFieldDef.name) return;
    const fault = field.page && places.pageAt(field, index).fault;
    const code = fault ?? (places.namesNobody(field) ? 'BAD_USER_INPUT' : undefined);
    if (code) {
      this.told.fail(field, index, code);
      return;
    }
    const asked = this.#hosts.asked(field, index);
    const failing = asked.filter(({ failures }) => failures.has(index, field.place));
    const unheard = this.#hosts.unheard(field, index);
    if (asked.length + unheard.length > 0 && failing.length === asked.length) {
      const codes = new Set(failing.flatMap(({ failures }) => failures.codesAt(index, field.place)));
      if (asked.length === 0) codes.add('CUSTODIAN_UNAVAILABLE');
      codes.delete('FIELD_WITHHELD');
      for (const one of codes) this.told.fail(field, index, one);
      return;
    }
    for (const { custodian, failures } of failing)
      if (!failures.isSilent) this.told.tell(custodian, field, 'NOT_ANSWERED');
    for (const below of field.inside?.fields ?? []) this.#tellFailures(below, index);
  }
}
