const CENTIMETRES_IN = { inch: 2.54, foot: 30.48, metre: 100 };
const [SHORTEST, TALLEST] = [30, 250];

const NUMBER = String.raw`(\d+(?:[.,]\d+)?)`;
const FORMS: readonly (readonly [form: RegExp, centimetres: (first: number, second: number) => number])[] = [
  [form(`${NUMBER}(?:cms?|centimet(?:re|er)s?|سم)`), (height) => height],
  [form(`${NUMBER}(?:m|met(?:re|er)s?|م|متر)`), (metres) => metres * CENTIMETRES_IN.metre],
  [
    form(`${NUMBER}(?:ft|feet|foot|['’′]|قدم)(?:${NUMBER}(?:in|inch|inches|["”″]|''|بوصة)?)?`),
    (feet, inches) => feet * CENTIMETRES_IN.foot + inches * CENTIMETRES_IN.inch,
  ],
  [form(`${NUMBER}(?:in|inch|inches|["”″]|''|بوصة)`), (inches) => inches * CENTIMETRES_IN.inch],
  // Without a unit 1.74 can only be metres, and 174 only centimetres; 6 could be feet, but does not say so.
  [form(NUMBER), (number) => (number < 3 ? number * CENTIMETRES_IN.metre : number < 50 ? Number.NaN : number)],
];

/**
 * Reads a height as people tell it: 174, 174 cm, 1.74 m, 1,74, 6 ft, 5 ft 11 in, 5'11", 70 in, with Latin digits. Answers
 * whole centimetres; null where the text is no height of a human being, or does not say its unit.
 */
export function readHeight(text: string): number | null {
  const plain = text.toLowerCase().replace(/[\s.]+$|\s+/gu, '');
  for (const [form, centimetres] of FORMS) {
    const found = form.exec(plain);
    if (!found) continue;
    const [first = 0, second = 0] = found.slice(1).map((part) => Number((part ?? '0').replace(',', '.')));
    const height = Math.round(centimetres(first, second));
    return height >= SHORTEST && height <= TALLEST ? height : null;
  }
  return null;
}

function form(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, 'u');
}
