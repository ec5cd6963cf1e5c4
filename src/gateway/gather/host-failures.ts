import type { ErrorCode } from '../../protocol/errors.ts';

/** What one host has not brought of what it was asked for, and with which codes: all of it, or places of single entities. */
export class HostFailures {
  /** Whether it has brought nothing that counts as an answer. */
  isSilent = false;
  readonly #ofAll = new Set<ErrorCode>();
  readonly #atPlaces = new Map<string, Set<ErrorCode>>();

  /** It has brought nothing. */
  failWholly(code: ErrorCode): void {
    this.#ofAll.add(code);
  }

  /** It has not brought a place, nor what is below, of the entity at an index. */
  fail(index: number, place: string, code: ErrorCode): void {
    const codes = this.#atPlaces.get(keyOf(index, place)) ?? new Set<ErrorCode>();
    this.#atPlaces.set(keyOf(index, place), codes.add(code));
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
