/** A text that others chose, for a terminal: control, format and unpaired characters are written as escapes such as `\u001b`. */
export const visibleText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** A text of several lines that others chose in part, so that no terminal takes any of it for a command. */
export const visibleLines = (text: string): string => text.split('\n').map(visibleText).join('\n');

/** A value as JSON over several lines, which no terminal takes for a command either. */
export const visibleJson = (value: unknown): string => visibleLines(JSON.stringify(value, null, 2));
