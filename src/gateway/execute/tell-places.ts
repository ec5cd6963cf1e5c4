/** A place that an answer names, and how many more of its pattern it does not. */
export interface ToldPlace<Place> {
  readonly place: Place;
  readonly more: number;
}

/** How many places an answer names one by one: each null has an error of its own, as the specification says, up to here. */
const MOST = 100;

/**
 * All places where they are few. Otherwise the first of each pattern, and others in their order until there are 100 in
 * all: the first of a pattern then says how many of its kind have been left out.
 */
export function tellPlaces<Place>(
  places: readonly Place[],
  patternOf: (place: Place) => string,
  most = MOST,
): ToldPlace<Place>[] {
  if (places.length <= most) return places.map((place) => ({ place, more: 0 }));
  const patterns = places.map(patternOf);
  const leftOut = new Map(patterns.map((pattern) => [pattern, 0]));
  let left = Math.max(0, most - leftOut.size);
  const seen = new Set<string>();
  const told = places.flatMap((place, index) => {
    const pattern = patterns[index] ?? '';
    const isFirst = !seen.has(pattern);
    seen.add(pattern);
    if (isFirst || left > 0) {
      if (!isFirst) left -= 1;
      return [{ place, pattern, isFirst }];
    }
    leftOut.set(pattern, (leftOut.get(pattern) ?? 0) + 1);
    return [];
  });
  return told.map(({ place, pattern, isFirst }) => ({ place, more: isFirst ? (leftOut.get(pattern) ?? 0) : 0 }));
}
