import { GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, specifiedScalarTypes } from 'graphql';
import { isShallow } from '../json-object.ts';

/** An id may be what another custodian is asked by: one that is none must not spoil the whole question. */
const ID = /^\P{C}{1,100}$/u;

const SPECIFIED: ReadonlySet<string> = new Set(specifiedScalarTypes.map(({ name }) => name));

/** Whether a value is one of a scalar, by its name; `keepsContract`: as custodians have agreed to write it. */
export function fitsScalar(type: string, value: unknown, keepsContract: boolean): boolean {
  // A number too large for JavaScript has been read as infinity, for which JSON has no word.
  if (value === Infinity || value === -Infinity) return false;
  if (!SPECIFIED.has(type)) return value !== undefined && isShallow(value);
  if (type === 'ID' && !keepsContract) return typeof value === 'string' || Number.isInteger(value);
  if (type === 'ID') return typeof value === 'string' && ID.test(value);
  if (type === 'Int') return isInt(value);
  if (type === 'Float') return typeof value === 'number';
  return type === 'Boolean' ? typeof value === 'boolean' : typeof value === 'string';
}

const isInt = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= GRAPHQL_MIN_INT && value <= GRAPHQL_MAX_INT;
