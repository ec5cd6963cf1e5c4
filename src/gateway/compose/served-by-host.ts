import {
  type GraphQLField,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';

/**
 * Whether a host that lacks some coordinates of its contract serves a field of a type with the arguments that it is given
 * (their values, variables put in): field, arguments, input fields and enum values must all be there. What is below the
 * field is another question.
 */
export function isServed(
  lacks: ReadonlySet<string>,
  type: string,
  { name, args }: Pick<GraphQLField<unknown, unknown>, 'name' | 'args'>,
  given: Readonly<Record<string, unknown>>,
): boolean {
  const coordinate = `${type}.${name}`;
  const isTaken = (value: unknown, type: GraphQLInputType): boolean => {
    const inner = getNullableType(type);
    if (value === null || value === undefined) return true;
    if (isListType(inner)) return [value].flat().every((item) => isTaken(item, inner.ofType));
    if (isEnumType(inner)) return !lacks.has(`${inner.name}.${String(value)}`);
    if (!isInputObjectType(inner) || typeof value !== 'object') return true;
    const fields = inner.getFields();
    return Object.entries(value).every(
      ([key, inside]) => !lacks.has(`${inner.name}.${key}`) && (!fields[key] || isTaken(inside, fields[key].type)),
    );
  };
  return (
    !lacks.has(coordinate) &&
    args.every(
      (argument) =>
        given[argument.name] === undefined ||
        (!lacks.has(`${coordinate}(${argument.name}:)`) && isTaken(given[argument.name], argument.type)),
    )
  );
}
