import { fitsScalar } from '../execute/fits-scalar.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import type { ConcernedHosts } from './concerned-hosts.ts';
import type { GatheredField } from './gather-tree.ts';
import type { GatheredPlaces } from './gathered-places.ts';
import type { HostObject } from './merge-answers.ts';
import { rowFailures } from './row-failures.ts';
import type { ToldPlaces } from './told-places.ts';
import { writePage } from './write-page.ts';

/** What a page is put together from, and told to. */
export interface PageParts {
  readonly places: GatheredPlaces;
  readonly hosts: ConcernedHosts;
  readonly told: ToldPlaces;
}

/** The page that has come together of a field, from what each host knows; null where no host has brought any of it. */
export function wholePage(
  { places, hosts, told }: PageParts,
  field: GatheredField,
  known: readonly HostObject[],
  index: number,
): JsonObject | null {
  const page = places.pageAt(field, index);
  const { page: selected } = field;
  const answered = known.filter(({ object }) => isJsonObject(object[field.key]));
  if (!selected || page.fault || (answered.length === 0 && !hosts.isNobodys(field, index))) return null;
  const missing = new Set([...hosts.failing(field, index), ...page.missing]);
  for (const custodian of page.missing) told.tell(custodian, field, 'NOT_ANSWERED');
  const concerned = [...hosts.asked(field, index).map(({ custodian }) => custodian), ...hosts.unheard(field, index)];
  const late = concerned.filter((custodian) => places.hasJoinedSince(custodian, page));
  const missedBefore = new Set([...page.missedBefore, ...late]);
  for (const custodian of missedBefore) told.tell(custodian, field, 'MISSED_EARLIER_PAGE');
  const { rows, hasMore } = page.rows();
  for (const { custodian, records } of rows) told.count(custodian, index, records);
  for (const failure of rowFailures(selected, rows, hosts.shares)) told.failWithin(field, index, failure);
  return writePage(selected, {
    rows,
    hasMore,
    hasPrevious: page.after !== undefined,
    total: totalOf({ hosts, told }, field, answered, index),
    cursorOf: (row) => places.cursorOf(field, index, row, [...missedBefore, ...missing]),
  });
}

/** How many records a whole list holds, where each host that may be asked for that has said so. */
function totalOf(
  { hosts, told }: Omit<PageParts, 'places'>,
  field: GatheredField,
  answered: readonly HostObject[],
  index: number,
): number | null {
  if (field.page?.totals.length === 0) return null;
  const objects = new Map(answered.map(({ custodian, object }) => [custodian, object]));
  const totals = new Map(
    hosts.asked(field, index).flatMap((share): [string, unknown][] => {
      const [total] = share.asked.places.get(field.place)?.page?.totals ?? [];
      const connection = objects.get(share.custodian)?.[field.key];
      if (!total) return [];
      if (isJsonObject(connection)) return [[share.custodian, connection[total.key]]];
      return share.failures.has(index, field.place) ? [[share.custodian, null]] : [];
    }),
  );
  for (const custodian of hosts.unheard(field, index)) totals.set(custodian, null);
  const numbers = [...totals.values()].filter(isCount);
  const sum = numbers.reduce((one, other) => one + other, 0);
  for (const [custodian, total] of totals) {
    if (isCount(total) && isCount(sum)) continue;
    for (const { key } of field.page?.totals ?? []) told.tell(custodian, field, 'NOT_COUNTED', key);
  }
  if (!isCount(sum) || numbers.length < totals.size) return null;
  return numbers.length > 0 || hosts.isNobodys(field, index) ? sum : null;
}

const isCount = (total: unknown): total is number =>
  typeof total === 'number' && total >= 0 && fitsScalar('Int', total, true);
