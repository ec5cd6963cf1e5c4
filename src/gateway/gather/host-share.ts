import type { JsonObject } from '../json-object.ts';
import { AskedShare, type RoundSettings } from './asked-share.ts';
import { type GatherTree, type GatheredField, gatheredFields } from './gather-tree.ts';
import type { GatheringHost } from './gathering.ts';
import { HostFailures } from './host-failures.ts';
import type { LackingField } from './narrow-document.ts';

/** The type whose representations say whom somebody seeks. */
const PERSON = 'Person';

/** One host's share of a fetch: what it is asked for, and what it has answered. */
export class HostShare {
  readonly custodian: string;
  readonly asked: AskedShare;
  /** What it knows, by the indexes of what it is asked for. */
  readonly objects = new Map<number, JsonObject>();
  readonly failures = new HostFailures();
  /** How many of its records it has brought at each place of each index, but for those in pages. */
  readonly records = new Map<string, number>();

  constructor(custodian: string, asked: AskedShare) {
    this.custodian = custodian;
    this.asked = asked;
  }
}

/** Why a host is not asked for what it may grant. */
export type Unshared = 'NOT_ASKED_ABOUT_PERSONS';

/** One host's part of a fetch before it is asked. */
export interface PlannedShare {
  /** Undefined where it is not asked for anything. */
  readonly asked: AskedShare | undefined;
  readonly unshared: ReadonlySet<Unshared>;
  /** What it does not serve of what it would be asked for. */
  readonly lacking: readonly LackingField[];
}

/**
 * The shares of hosts in one fetch: what each grants and serves, of the entities that it may be asked about, without what
 * is another custodian's by an id or by name. Where nothing names a custodian, hosts that grant and serve alike are asked
 * alike, so that it is worked out and written once for all of them.
 */
export class PlannedShares {
  readonly #round: RoundSettings;
  /** By likeness of access, and whether a host may be asked about persons. */
  readonly #alike = new Map<string, Map<boolean, PlannedShare>>();

  constructor(round: RoundSettings) {
    this.#round = round;
  }

  /** The share of one host. */
  of(host: GatheringHost): PlannedShare {
    const { access, lacks } = host;
    if (this.#round.places.namesCustodians || lacks.size > 0) return this.#plan(host);
    const alike = this.#alike.get(access.likeness) ?? new Map<boolean, PlannedShare>();
    const known = alike.get(access.isAskedAboutPersons) ?? this.#plan(host);
    this.#alike.set(access.likeness, alike.set(access.isAskedAboutPersons, known));
    return known;
  }

  #plan({ access, custodian, lacks }: GatheringHost): PlannedShare {
    const { plan, narrowedBy } = this.#round;
    const narrowed = plan.narrow(access, lacks, narrowedBy);
    const lacking = narrowed.lacking.filter((field) => this.#mayBelongTo(custodian, field));
    if (!narrowed.tree) return { asked: undefined, unshared: new Set(), lacking };
    return { ...this.#share(narrowed.tree, custodian, access.isAskedAboutPersons), lacking };
  }

  /** Whether what is asked for at a place may be a host's by its ids and its name. */
  #mayBelongTo(custodian: string, { place }: LackingField): boolean {
    const { places, plan, representations } = this.#round;
    if (plan.tree.root) return places.mayBelongTo(custodian, { place }, 0);
    const type = place.slice(0, place.indexOf('.'));
    return representations.some(
      ({ __typename }, index) => __typename === type && places.mayBelongTo(custodian, { place }, index),
    );
  }

  #share(tree: GatherTree, custodian: string, isAskedAboutPersons: boolean): Omit<PlannedShare, 'lacking'> {
    const { places, representations } = this.#round;
    const fields = [...gatheredFields(tree)];
    const own = new Map(
      fields.flatMap((field) => {
        const part = places.ownArguments(field, custodian);
        return part ? [[field.place, part] as const] : [];
      }),
    );
    const unshared = new Set<Unshared>();
    const indexes = tree.root
      ? [0]
      : representations.flatMap(({ __typename: type }, index) => {
          const isAnyOwn = tree.entities.get(type)?.fields.some(({ place }) => own.has(place));
          if (!isAnyOwn || !places.isNoneOthers(custodian, index)) return [];
          if (type !== PERSON || isAskedAboutPersons) return [index];
          unshared.add('NOT_ASKED_ABOUT_PERSONS');
          return [];
        });
    if (indexes.length === 0) return { asked: undefined, unshared };
    const isFaulty = (field: GatheredField): boolean =>
      field.page !== undefined && indexes.every((index) => places.pageAt(field, index).fault !== undefined);
    const omitted = new Set(
      fields.filter((field) => !own.has(field.place) || isFaulty(field)).map(({ place }) => place),
    );
    for (const place of omitted) own.delete(place);
    const asked = new AskedShare(this.#round, custodian, tree, indexes, own, omitted);
    return { asked: asked.places.size > 0 ? asked : undefined, unshared };
  }
}
