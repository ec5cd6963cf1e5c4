/**
 * Compares texts by code points, as PostgreSQL does in the locale C.UTF-8 and as bytes of UTF-8 compare: JavaScript's own
 * order is by code units, in which characters beyond the Basic Multilingual Plane come before some within it. Answers a
 * negative number, 0 or a positive one.
 */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one !== other) return inOrder(one) - inOrder(other);
  }
  return a.length - b.length;
}

/** Code units such that surrogates, which stand for what comes after all others, come after all others. */
function inOrder(unit: number): number {
  if (unit < 0xd8_00) return unit;
  return unit >= 0xe0_00 ? unit - 0x8_00 : unit + 0x20_00;
}
