const ARABIC = /\p{Script=Arabic}/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const LEFT_TO_RIGHT_MARK = '\u200E';

/** How many columns of a terminal a text takes: vowel signs and invisible marks take none. */
export const widthOf = (text: string): number => [...text.replace(WITHOUT_WIDTH, '')].length;

/**
 * A text filled up with spaces to a number of columns. Arabic is followed by a mark, so that a terminal which orders it
 * from right to left does so within this column and does not run it together with the next.
 */
export const padded = (text: string, columns: number): string =>
  text + (ARABIC.test(text) ? LEFT_TO_RIGHT_MARK : '') + ' '.repeat(Math.max(0, columns - widthOf(text)));

/** A text in lines of at most so many columns, broken at spaces; a longer word gets a line of its own. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
