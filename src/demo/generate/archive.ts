import { dayOf, daysAfter } from './dates.ts';
import { Draw } from './draw.ts';
import { FAMILY_NAMES, GIVEN_NAMES, MOTHERS_NAMES, type Name } from './names.ts';
import type { Place, Places } from './places.ts';

/** How large an invented archive is, and the seed that it follows from. */
export interface ArchiveSize {
  /** People whose bodies photographs show. */
  readonly people: number;
  readonly photographs: number;
  readonly seed: number;
}

/** Somebody who does not exist, and what the custodians have in common of them. */
export interface InventedPerson {
  /** From 1; the number of the report at the Authority. */
  readonly index: number;
  readonly reportNumber: string;
  readonly name: { readonly ism: Name; readonly father: Name; readonly grandfather: Name; readonly family: Name };
  readonly mother: { readonly ism: Name; readonly family: Name };
  readonly born: string;
  readonly arrested: string;
  /** The day stated as that of the death, and of the photographs. */
  readonly died: string;
  readonly detainedAt: Place;
  readonly hospital: Place;
  readonly detaineeNumber: string;
  /** The number of the body in the NGO's archive, from 1, where photographs show it. */
  readonly body: number | undefined;
  /** The Authority's link id. */
  readonly linkId: string;
  /** Whether the register links the report and the body. */
  readonly isLinked: boolean;
}

const REPORTS_PER_BODY = 1.421;
const LEDGER_SHARE = 0.0623;
const LINKED = 0.457;
const YEARS = [
  ...[2011, 2012, 2012, 2013, 2013, 2013, 2013, 2014, 2014, 2014, 2014, 2014, 2014, 2015, 2015, 2015, 2015],
  ...[2016, 2016, 2016, 2017, 2017, 2018, 2018, 2019, 2020, 2021, 2022, 2023, 2024],
];

/** An invented archive of some size, of which any part can be made at any time: nothing is kept. */
export class InventedArchive {
  readonly size: ArchiveSize;
  readonly places: Places;
  /** How many are reported missing; of some of them photographs show the body. */
  readonly persons: number;
  /** How many of the photographs the second NGO has, on a ledger. */
  readonly ledgerPhotographs: number;

  constructor(size: ArchiveSize, places: Places) {
    this.size = size;
    this.places = places;
    this.persons = Math.round(size.people * REPORTS_PER_BODY);
    this.ledgerPhotographs = Math.round(size.photographs * LEDGER_SHARE);
  }

  /** The draws for one thing that is written of one person. */
  draw(purpose: string, index: number): Draw {
    return new Draw(this.size.seed, purpose, index);
  }

  /** Everybody who is reported missing. */
  *everybody(): Generator<InventedPerson> {
    for (let index = 1; index <= this.persons; index += 1) yield this.person(index);
  }

  /** Those of everybody whose bodies photographs show, with the number of the body. */
  *depicted(): Generator<InventedPerson & { readonly body: number }> {
    for (let body = 1; body <= this.size.people; body += 1) yield this.withBody(body);
  }

  /** The person whose body has that number. */
  withBody(body: number): InventedPerson & { readonly body: number } {
    return { ...this.person(Math.ceil((body * this.persons) / this.size.people)), body };
  }

  /** The person of that number, from 1. */
  person(index: number): InventedPerson {
    const draw = this.draw('person', index);
    const given = () => draw.oneOf(GIVEN_NAMES);
    const family = () => draw.oneOf(FAMILY_NAMES);
    const died = dayOf(draw.oneOf(YEARS), draw);
    const body = this.#bodyOf(index);
    return {
      index,
      reportNumber: `R-${2012 + (index % 12)}-${String(index).padStart(5, '0')}`,
      name: { ism: given(), father: given(), grandfather: given(), family: family() },
      mother: { ism: draw.oneOf(MOTHERS_NAMES), family: family() },
      born: dayOf(draw.whole(1945, 2000), draw),
      arrested: daysAfter(died, -draw.whole(20, 700)),
      died,
      detainedAt: draw.oneOf(this.places.detention),
      hospital: draw.oneOf(this.places.hospitals),
      detaineeNumber: String(draw.whole(1, 9_999)),
      body,
      linkId: `psn_${draw.hexadecimal(20)}`,
      isLinked: body !== undefined && draw.chance(LINKED),
    };
  }

  /** Bodies lie evenly among all who are reported. */
  #bodyOf(index: number): number | undefined {
    const { people } = this.size;
    const body = Math.floor((index * people) / this.persons);
    return body > Math.floor(((index - 1) * people) / this.persons) ? body : undefined;
  }
}
