const ZERO = { arabicIndic: 0x660, persian: 0x6f0 };

/** Arabic-Indic (٠–٩) and Persian (۰–۹) digits as Latin ones; everything else stays. */
export function latinDigits(text: string): string {
  return text.replace(/[٠-٩۰-۹]/gu, (digit) => {
    const point = digit.charCodeAt(0);
    return String(point - (point >= ZERO.persian ? ZERO.persian : ZERO.arabicIndic));
  });
}

/** A text without characters that cannot be seen: bidi marks, zero-width characters, byte order marks. */
export const withoutMarks = (text: string): string =>
  text.replace(/[\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/gu, '');

/** How codes, numbers, dates and words of a fixed list are compared: no invisible characters, Latin digits, no space around. */
export const plainText = (cell: string): string => latinDigits(withoutMarks(cell)).trim();
