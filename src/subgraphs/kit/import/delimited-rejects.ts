import type { FileHeader } from './read-file-header.ts';
import type { RejectsForm } from './written-row.ts';

/** The columns that a file of rejected rows has beside those delivered; the last holds a row that cannot be split into cells. */
export const REJECT_COLUMNS = ['amana_file', 'amana_line', 'amana_reason', 'amana_row'] as const;

/** Whether a file with these columns holds the rejected rows of an earlier import. */
export const holdsRejects = (columns: readonly string[]): boolean =>
  REJECT_COLUMNS.every((column) => columns.includes(column));

/** Rejected rows as delimited text in UTF-8, with a byte order mark, without which spreadsheets take it for another encoding. */
export function delimitedRejects({ columns, names, delimiter }: FileHeader): RejectsForm {
  const delivered = columns.filter((column) => !isRejectColumn(column));
  const written = names.filter((_, at) => !isRejectColumn(columns[at] ?? ''));
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\r\n`;
  return {
    head: `\uFEFF${line([...REJECT_COLUMNS.slice(0, -1), ...written, ...REJECT_COLUMNS.slice(-1)])}`,
    row: ({ file, reason, row }) => {
      const cells = delivered.map((column) => row.cells?.get(column) ?? '');
      return line([file, String(row.line), reason, ...cells, row.cells ? '' : row.text]);
    },
  };
}

/** Whether a column is one of those that only a file of rejected rows has. */
export const isRejectColumn = (column: string): boolean => REJECT_COLUMNS.some((known) => known === column);

const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || /["\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
