import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Query, Storage } from './storage.ts';

/** A place of detention, a hospital or a court, in the words of the reference list that all custodians share. */
export interface Facility {
  readonly code: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly agency: string;
  readonly kind: string;
  /** The code of a governorate, such as `SY01`. */
  readonly governorate: string;
  /** Other names in either language. */
  readonly aliases: readonly string[];
}

const FILLED = z.string().trim().min(1);
const Governorates = z.array(z.object({ code: FILLED, name_en: FILLED, name_ar: FILLED }));
const Facilities = z.array(
  z.object({
    code: FILLED,
    name_en: FILLED,
    name_ar: FILLED,
    agency: FILLED,
    kind: FILLED,
    governorate: FILLED,
    aliases: z.string().transform((text) =>
      text
        .split('|')
        .map((alias) => alias.trim())
        .filter(Boolean),
    ),
  }),
);

/**
 * Loads `facilities.csv` and `governorates.csv` of a folder. Doing it again changes nothing; a changed line replaces its
 * code's; a code that is gone from the files stays, since records may name it.
 */
export async function loadReferenceData(query: Query, folder: string): Promise<void> {
  const rows = async (file: string): Promise<unknown> =>
    parse(await readFile(join(folder, file)), { bom: true, columns: true, skip_empty_lines: true });
  const governorates = Governorates.parse(await rows('governorates.csv'));
  const facilities = Facilities.parse(await rows('facilities.csv'));
  await query({
    sql: `insert into governorates select * from jsonb_to_recordset($1) as given (code text, name_en text, name_ar text)
      on conflict (code) do update set name_en = excluded.name_en, name_ar = excluded.name_ar`,
    parameters: [JSON.stringify(governorates)],
  });
  await query({
    sql: `insert into facilities (code, name_en, name_ar, agency, kind, governorate, aliases)
      select code, name_en, name_ar, agency, kind, governorate, aliases from jsonb_to_recordset($1)
        as given (code text, name_en text, name_ar text, agency text, kind text, governorate text, aliases text[])
      on conflict (code) do update set name_en = excluded.name_en, name_ar = excluded.name_ar, agency = excluded.agency,
        kind = excluded.kind, governorate = excluded.governorate, aliases = excluded.aliases`,
    parameters: [JSON.stringify(facilities)],
  });
}

/** The facility list, by code. */
export function readFacilities({ query }: Pick<Storage, 'query'>): Promise<Facility[]> {
  return query<Facility>({
    sql: `select code, name_en as "nameEn", name_ar as "nameAr", agency, kind, governorate, aliases from facilities order by code`,
    parameters: [],
  });
}
