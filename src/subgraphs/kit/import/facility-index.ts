import { normaliseName } from '../normalise-name.ts';
import type { Facility } from '../reference-data.ts';

/** The facility list, searched by code, name or alias in either language, whatever the spelling. */
export class FacilityIndex {
  readonly #byName = new Map<string, Facility | undefined>();
  readonly #found = new Map<string, Facility | undefined>();

  constructor(facilities: readonly Facility[]) {
    for (const facility of facilities) {
      const { code, nameEn, nameAr, aliases } = facility;
      for (const name of new Set([code, nameEn, nameAr, ...aliases].map(normaliseName))) {
        // What could be either of two facilities is neither.
        this.#byName.set(name, this.#byName.has(name) ? undefined : facility);
      }
    }
  }

  /** The facility of that code, name or alias; undefined where the list has none, or several. */
  find(written: string): Facility | undefined {
    if (!this.#found.has(written)) {
      // Places recur; a delivery full of unknown ones must not fill the memory.
      if (this.#found.size > 10_000) this.#found.clear();
      this.#found.set(written, this.#byName.get(normaliseName(written)));
    }
    return this.#found.get(written);
  }
}
