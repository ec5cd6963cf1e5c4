import type { DeliveredRow } from 'amana/kit';

/** A SHA-256 as a delivered row has it, in small hexadecimal digits; null where the cell is empty. */
export const sha256 = (row: DeliveredRow, column: string): string | null =>
  row.matching(column, /^[0-9a-fA-F]{64}$/u, 'a SHA-256 in hexadecimal')?.toLowerCase() ?? null;
