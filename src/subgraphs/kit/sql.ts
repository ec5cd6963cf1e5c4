import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import { fieldError } from './field-error.ts';
import type { Statement } from './storage.ts';

export { sql } from 'kysely';

/** A piece of SQL with its parameters; composed with the `sql` tag, never by joining text. */
export type Sql = RawBuilder<unknown>;

// Kysely writes the SQL and never runs it: statements run in the storage's own sessions, under row security.
const writer = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** The statement that a piece of SQL amounts to. Throws `BAD_USER_INPUT` where a value cannot be a text of PostgreSQL's. */
export function compile(piece: Sql): Statement {
  const { sql, parameters } = piece.compile(writer);
  if (parameters.some(holdsNul)) throw fieldError('BAD_USER_INPUT');
  return { sql, parameters };
}

function holdsNul(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsNul) : typeof value === 'string' && value.includes('\0');
}
