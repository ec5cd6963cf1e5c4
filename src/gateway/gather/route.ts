import { type GraphQLInputType, getNamedType, getNullableType, isInputObjectType, isListType } from 'graphql';
import { isJsonObject } from '../json-object.ts';
import type { GatheredField } from './gather-tree.ts';

/** Whose record an id names, by what stands before the colon; undefined where it names none of these custodians' records. */
export function custodianOf(id: unknown, custodians: ReadonlySet<string>): string | undefined {
  if (typeof id !== 'string') return undefined;
  const prefix = id.slice(0, Math.max(0, id.indexOf(':')));
  return custodians.has(prefix) ? prefix : undefined;
}

/**
 * The arguments of a field as one custodian may see them: of lists of ids, those of other custodians' records are left
 * out. Undefined where the field asks for nothing of this custodian's: it names another one, or other ones' records alone.
 */
export function ownArguments(
  { selected: { definition } }: GatheredField,
  takesCustodian: boolean,
  given: Readonly<Record<string, unknown>>,
  custodian: string,
  custodians: ReadonlySet<string>,
): Readonly<Record<string, unknown>> | undefined {
  const named = takesCustodian ? given['custodian'] : undefined;
  if (named !== undefined && named !== null && named !== custodian) return undefined;
  const types = new Map(definition?.args.map(({ name, type }) => [name, type]));
  return ownMembers(types, given, custodian, custodians);
}

function ownMembers(
  types: ReadonlyMap<string, GraphQLInputType>,
  members: Readonly<Record<string, unknown>>,
  custodian: string,
  custodians: ReadonlySet<string>,
): Readonly<Record<string, unknown>> | undefined {
  const own = Object.entries(members).map(([name, value]) => {
    const type = types.get(name);
    return [name, type ? ownPart(type, value, custodian, custodians) : { value }] as const;
  });
  if (own.some(([, part]) => part === undefined)) return undefined;
  return Object.fromEntries(own.map(([name, part]) => [name, part?.value]));
}

function ownPart(
  type: GraphQLInputType,
  value: unknown,
  custodian: string,
  custodians: ReadonlySet<string>,
): { readonly value: unknown } | undefined {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return { value };
  if (isListType(inner)) {
    const items = [value].flat();
    const own = items.flatMap((item) => ownPart(inner.ofType, item, custodian, custodians) ?? []);
    return own.length > 0 || items.length === 0 ? { value: own.map((part) => part.value) } : undefined;
  }
  if (isInputObjectType(inner) && isJsonObject(value)) {
    const types = new Map(Object.values(inner.getFields()).map((field) => [field.name, field.type]));
    const own = ownMembers(types, value, custodian, custodians);
    return own && { value: own };
  }
  const named = inner.name === 'ID' ? custodianOf(value, custodians) : undefined;
  return named === undefined || named === custodian ? { value } : undefined;
}

/**
 * A value as one custodian may see it where the question stays: of lists of ids, those of other custodians' records are
 * left out, and elsewhere one that names no record stands for them.
 */
export function ownValue(
  type: GraphQLInputType,
  value: unknown,
  custodian: string,
  custodians: ReadonlySet<string>,
): unknown {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return value;
  if (isListType(inner)) {
    return [value].flat().flatMap((item: unknown) => {
      const own = ownValue(inner.ofType, item, custodian, custodians);
      return getNamedType(inner).name === 'ID' && own !== item ? [] : [own];
    });
  }
  if (isInputObjectType(inner) && isJsonObject(value)) {
    const types = inner.getFields();
    return Object.fromEntries(
      Object.entries(value).map(([name, inside]) => {
        const field = types[name];
        return [name, field ? ownValue(field.type, inside, custodian, custodians) : inside];
      }),
    );
  }
  const named = inner.name === 'ID' ? custodianOf(value, custodians) : undefined;
  return named === undefined || named === custodian ? value : `${custodian}:`;
}
