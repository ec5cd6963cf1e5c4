import { normaliseName } from '../normalise-name.ts';
import type { Facility } from '../reference-data.ts';
import type { Query } from '../storage.ts';

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

  /** The normal form of every name that is one facility's only, with the code of that facility. */
  get names(): readonly (readonly [name: string, code: string])[] {
    return [...this.#byName].flatMap(([name, facility]) =>
      name === '' || facility === undefined ? [] : [[name, facility.code] as const],
    );
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

/** Keeps the names of an index where filters find them, in place of those kept before. */
export async function keepFacilityNames(query: Query, { names }: FacilityIndex): Promise<void> {
  const parameters = [names.map(([name]) => name), names.map(([, code]) => code)];
  await query({
    sql: 'delete from facility_names where not name_key = any ($1::text[])',
    parameters: parameters.slice(0, 1),
  });
  await query({
    sql: `insert into facility_names as old (name_key, code) select * from unnest($1::text[], $2::text[])
      on conflict (name_key) do update set code = excluded.code where old.code <> excluded.code`,
    parameters,
  });
}
