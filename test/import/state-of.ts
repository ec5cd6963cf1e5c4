import type { CustodianStore } from './custodian-store.ts';

/**
 * Everything that is in a custodian's database, as a text that two databases share which hold the same: ids, which are
 * random or counted, are replaced by what they stand for, and moments by a word.
 */
export async function stateOf({ dump }: Pick<CustodianStore, 'dump'>): Promise<string> {
  const tables = await dump();
  const rows = Object.entries(tables).flatMap(([table, found]) =>
    found.map((row) => ({ table, row: JSON.stringify(row) })),
  );
  const names = new Map<string, string>();
  for (const { table, row } of rows) {
    const { id, reference } = JSON.parse(row).row;
    if (typeof id === 'string' && typeof reference === 'string') names.set(id, `${table} ${reference}`);
  }
  const told = rows
    .filter(({ table }) => !table.startsWith('kysely'))
    .map(({ table, row }) =>
      `${table} ${row}`
        .replace(/"id":\d+,/gu, '')
        .replace(/"\d{4}-\d\d-\d\dT[^"]*"/gu, '"then"')
        .replace(/[a-z-]+:[\w-]{22}(?=")/gu, (id) => names.get(id) ?? id),
    );
  return told.toSorted().join('\n');
}
