/** A table with aligned columns; a cell holds one or more lines. Ends with a line break. */
export function formatTable(headings: readonly string[], rows: readonly (readonly (readonly string[])[])[]): string {
  const all = [headings.map((heading) => [heading]), ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...all.flatMap((row) => (row[column] ?? []).map((line) => line.length))),
  );
  const lines = all.flatMap((row) => {
    const height = Math.max(...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  });
  return `${lines.join('\n')}\n`;
}
