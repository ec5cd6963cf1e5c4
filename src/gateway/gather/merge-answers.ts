import { getNamedType } from 'graphql';
import { fitsScalar } from '../execute/fits-scalar.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { GatheredField, GatheredObject } from './gather-tree.ts';

/** What one host knows of an object. */
export interface HostObject {
  readonly custodian: string;
  readonly object: JsonObject;
}

/** What merging takes from elsewhere, and tells. */
export interface Merging {
  /** The page at a place, in the shape in which it was asked for; null where no host has brought any of it. */
  page(field: GatheredField, known: readonly HostObject[]): JsonObject | null;
  /** Whether what is asked for is no host's by its ids. */
  isNobodys(field: GatheredField): boolean;
  /** Whether a number would leave out a host that should have answered it. */
  isIncomplete(field: GatheredField): boolean;
  /** Hears whose numbers make one together that is none of the field's type. */
  tooLarge(field: GatheredField, custodian: string): void;
  /** Hears whose answer to a field goes into the whole one; of a list, after how many items of others'. */
  taken(field: GatheredField, custodian: string, value: unknown, before: number): void;
}

/** Merges what several hosts, in their order, know of one object: each field by its own rule. */
export function mergeObjects(
  merging: Merging,
  { fields }: GatheredObject,
  known: readonly HostObject[],
): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.key, mergeField(merging, field, known)]));
}

function mergeField(merging: Merging, field: GatheredField, known: readonly HostObject[]): unknown {
  if (field.page) return merging.page(field, known);
  const values = known.flatMap(({ custodian, object }) => {
    const value = object[field.key];
    return value === null || value === undefined ? [] : [{ custodian, value }];
  });
  if (field.inside) {
    const objects = values.flatMap(({ custodian, value }) =>
      isJsonObject(value) ? [{ custodian, object: value }] : [],
    );
    return objects.length > 0 ? mergeObjects(merging, field.inside, objects) : null;
  }
  const reduce = NUMBERS[field.rule];
  if (reduce) {
    const numbers = values.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
    if (merging.isIncomplete(field) || numbers.length === 0) return null;
    const number = numbers.reduce(reduce);
    if (fitsScalar(getNamedType(field.selected.type).name, number, true)) return number;
    for (const { custodian } of values) merging.tooLarge(field, custodian);
    return null;
  }
  const isList = field.rule === 'CONCATENATE';
  const taken = isList ? values : values.slice(0, 1);
  let before = 0;
  for (const { custodian, value } of taken) {
    merging.taken(field, custodian, value, before);
    before += Array.isArray(value) ? value.length : 0;
  }
  if (isList) return taken.length > 0 || merging.isNobodys(field) ? taken.flatMap(({ value }) => value) : null;
  return taken[0]?.value ?? null;
}

type Reduce = (one: number, other: number) => number;

const NUMBERS: Readonly<Partial<Record<GatheredField['rule'], Reduce>>> = {
  SUM: (one, other) => one + other,
  MIN: (one, other) => Math.min(one, other),
  MAX: (one, other) => Math.max(one, other),
};
