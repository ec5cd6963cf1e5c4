import type { ErrorCode } from '../../protocol/errors.ts';
import type { NullWithin } from './null-within.ts';

/** What failed within what a host has brought, and with which code. */
export type FailureWithin = Omit<NullWithin, 'holder'> & { readonly code: ErrorCode };

/**
 * What one host has not brought of what it was asked for, and with which codes: all of it, places of single entities, or
 * something within a row or another value.
 */
export class HostFailures {
  /** Whether it has brought nothing that counts as an answer. */
  isSilent = false;
  readonly #ofAll = new Set<ErrorCode>();
  readonly #atPlaces = new Map<string, Set<ErrorCode>>();
  readonly #within = new Map<object, FailureWithin[]>();

  /** It has brought nothing. */
  failWholly(code: ErrorCode): void {
    this.#ofAll.add(code);
  }

  /** It has not brought a place, nor what is below, of the entity at an index. */
  fail(index: number, place: string, code: ErrorCode): void {
    const codes = this.#atPlaces.get(keyOf(index, place)) ?? new Set<ErrorCode>();
    this.#atPlaces.set(keyOf(index, place), codes.add(code));
  }

  /** It has brought a row, or another value, with null for something in it. */
  failWithin({ holder, ...where }: NullWithin, code: ErrorCode): void {
    const known = this.#within.get(holder) ?? [];
    this.#within.set(holder, known);
    known.push({ ...where, code });
  }

  within(holder: unknown): readonly FailureWithin[] {
    const known = typeof holder === 'object' && holder !== null ? this.#within.get(holder) : undefined;
    return known ?? [];
  }

  get isAnyWithin(): boolean {
    return this.#within.size > 0;
  }

  has(index: number, place: string): boolean {
    return this.isSilent || this.codesAt(index, place).length > 0;
  }

  codesAt(index: number, place: string): readonly ErrorCode[] {
    if (this.#atPlaces.size === 0) return [...this.#ofAll];
    return [...this.#ofAll, ...upTo(place).flatMap((one) => [...(this.#atPlaces.get(keyOf(index, one)) ?? [])])];
  }
}

const keyOf = (index: number, place: string): string => `${index} ${place}`;

/** A place, and those above it. */
export const upTo = (place: string): readonly string[] => {
  const keys = place.split('.');
  return keys.slice(1).map((_, at) => keys.slice(0, at + 2).join('.'));
};
