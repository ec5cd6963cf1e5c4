import { type Sql, sql } from './sql.ts';

/**
 * A column that a key holds unique, to be compared in a reading statement. The key's own index, which leads to hidden rows
 * as well, is in another collation and cannot serve it: what does begins with the label set (`leadWithLabelSet`). In all
 * collations the same texts are equal.
 */
export const keyColumn = (name: string): Sql => sql`${sql.ref(name)} collate "C"`;
