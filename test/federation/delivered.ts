import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

type Row = Readonly<Record<string, string>>;

/** The rows of a delivered file (`ministry/death_certificates.csv`) by column, with what stands in the cells unchanged. */
export function delivered(file: string): readonly Row[] {
  const text = readFileSync(new URL(`../../data/deliveries/${file}`, import.meta.url), 'utf8');
  const delimiter = text.slice(0, text.indexOf('\n')).includes(';') ? ';' : ',';
  return parse(text, { columns: true, bom: true, delimiter, relax_column_count: true, relax_quotes: true });
}

/** The one delivered row in which a column holds a text. */
export function deliveredRow(file: string, column: string, text: string): Row {
  const [row, ...others] = delivered(file).filter((candidate) => candidate[column] === text);
  if (!row || others.length > 0) throw new Error(`${file} has not one row with ${column} ${text}`);
  return row;
}
