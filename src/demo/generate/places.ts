import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Draw } from './draw.ts';

const FACILITY = { code: z.string(), name_en: z.string(), name_ar: z.string(), kind: z.string(), aliases: z.string() };
const Facilities = z.array(
  z.object(FACILITY).transform(({ code, name_en, name_ar, kind, aliases }) => ({
    ...{ code, kind, nameEn: name_en, nameAr: name_ar },
    aliases: aliases.split('|').filter(Boolean),
  })),
);
const Governorates = z.array(
  z.object({ name_en: z.string(), name_ar: z.string() }).transform((row) => ({ en: row.name_en, ar: row.name_ar })),
);

/** A facility of the reference list. */
export type Place = z.output<typeof Facilities>[number];

/** The reference lists: where people are detained, brought to and judged, and the governorates. */
export interface Places {
  readonly detention: readonly Place[];
  readonly hospitals: readonly Place[];
  readonly courts: readonly Place[];
  readonly governorates: z.output<typeof Governorates>;
}

/** Reads the reference lists of a folder. */
export function readPlaces(folder: string): Places {
  const rows = (file: string): unknown => parse(readFileSync(join(folder, file)), { bom: true, columns: true });
  const facilities = Facilities.parse(rows('facilities.csv'));
  const ofKind = (...kinds: string[]) => facilities.filter(({ kind }) => kinds.includes(kind));
  return {
    detention: ofKind('SECURITY_BRANCH', 'PRISON'),
    hospitals: ofKind('HOSPITAL'),
    courts: ofKind('COURT'),
    governorates: Governorates.parse(rows('governorates.csv')),
  };
}

const BY_NAME = 0.5;

/** A facility as people call it: by its name in Arabic, or by another name in either language. */
export const writePlace = ({ nameAr, aliases }: Place, draw: Draw): string =>
  aliases.length === 0 || draw.chance(BY_NAME) ? nameAr : draw.oneOf(aliases);
