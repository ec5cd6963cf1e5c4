import { normaliseName } from './normalise-name.ts';
import { romaniseName } from './romanise-name.ts';
import type { Query } from './storage.ts';

/** The script of a name: Arabic where any of it is. */
export type NameScript = 'arabic' | 'latin';

/** The columns by which a name is searched: its normal form, and its consonants with the script that it is written in. */
export const nameKeys = (written: string | null): { name_key: string | null; roman_key: string | null } => ({
  name_key: written === null ? null : normaliseName(written),
  roman_key: written === null ? null : romanKey(scriptOf(written), written),
});

/** What stands in `roman_key` for a name written in a script; null where nothing of it can be told in Latin letters. */
export function romanKey(script: NameScript, name: string): string | null {
  const consonants = romaniseName(name);
  return consonants === '' ? null : `${script} ${consonants}`;
}

export const scriptOf = (written: string): NameScript => (/\p{Script=Arabic}/u.test(written) ? 'arabic' : 'latin');

const ROWS_AT_ONCE = 5_000;

/**
 * For a migration: adds the column `roman_key` to a table that has a `name_key`, fills it for the rows that are there, and
 * makes its index. `written` is an SQL expression for the name as written.
 */
export async function addRomanKeys(query: Query, table: string, written: string): Promise<void> {
  const run = (sql: string): Promise<unknown[]> => query({ sql, parameters: [] });
  await run(`alter table ${table} add column roman_key text`);
  let after = '';
  for (;;) {
    const rows = await query<{ id: string; written: string }>({
      sql: `select id, ${written} as written from ${table} where id > $1 and ${written} is not null order by id limit ${ROWS_AT_ONCE}`,
      parameters: [after],
    });
    await query({
      sql: `update ${table} set roman_key = given.roman_key from unnest($1::text[], $2::text[]) as given (id, roman_key)
        where ${table}.id = given.id`,
      parameters: [rows.map(({ id }) => id), rows.map((row) => nameKeys(row.written).roman_key)],
    });
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_ONCE) break;
    after = last.id;
  }
  await run(`create index ${table}_by_roman_name on ${table} (roman_key text_pattern_ops, sort_key, id)`);
}
