const columns = new WeakMap<object, string[]>();

/** Notes that a class of records is read from these columns, too. */
export function noteColumns(type: object, names: readonly string[]): void {
  columns.set(type, [...(columns.get(type) ?? []), ...names]);
}

/** The columns that a class of records is read from, those of its base classes included, each once. */
export function columnsOf(type: object): string[] {
  const base: unknown = Object.getPrototypeOf(type);
  const inherited = typeof base === 'function' ? columnsOf(base) : [];
  return [...new Set([...inherited, ...(columns.get(type) ?? [])])];
}

/** A field of a class of records, as it was declared: its kind of value, and the column name that this is read by. */
export interface DeclaredField {
  readonly kind: object;
  readonly column: string;
}

const fields = new WeakMap<object, Map<string, DeclaredField>>();

/** Notes how a field of a class of records is read. */
export function noteField(type: object, field: string, declared: DeclaredField): void {
  const known = fields.get(type) ?? new Map<string, DeclaredField>();
  fields.set(type, known.set(field, declared));
}

/** The column name by which a field of a class of records is read; throws where the field is not declared as that kind of value. */
export function columnOf(type: Function, field: string, kind: object): string {
  const declared = fields.get(type)?.get(field);
  if (declared?.kind !== kind) throw new TypeError(`${type.name}.${field} is not declared as this kind of value.`);
  return declared.column;
}
