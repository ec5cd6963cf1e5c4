/** A JSON text that is the same for equal values, whatever the order of their properties; null counts as not given. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      return Object.fromEntries(
        Object.entries(item)
          .filter(([, held]) => held !== null)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }) ?? 'null'
  );
}
