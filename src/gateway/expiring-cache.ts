/**
 * Remembers values until a moment of their own (milliseconds since 1970), and at most so many, the oldest leaving first;
 * the oldest whose moments have passed leave with the next one that comes.
 */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #most: number;
  readonly #now: () => number;

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** The value, unless its moment has come. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Remembers a value until its moment; one whose moment has passed is not remembered at all. */
  set(key: string, value: Value, until: number): void {
    this.#entries.delete(key);
    if (until <= this.#now()) return;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size < this.#most && entry.until > this.#now()) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, until });
  }

  /** Forgets a value at once. */
  delete(key: string): void {
    this.#entries.delete(key);
  }
}
