const columns = new WeakMap<object, string[]>();

/** Notes that a class of records is read from these columns, too. */
export function noteColumns(type: object, names: readonly string[]): void {
  columns.set(type, [...(columns.get(type) ?? []), ...names]);
}

/** The columns that a class of records is read from, those of its base classes included, each once. */
export function columnsOf(type: object): string[] {
  const base: unknown = Object.getPrototypeOf(type);
  const inherited = typeof base === 'function' ? columnsOf(base) : [];
  return [...new Set([...inherited, ...(columns.get(type) ?? [])])];
}
