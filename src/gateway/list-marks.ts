import { type GraphQLType, isListType, isNonNullType } from 'graphql';

/** `@` for each list that a field's type is of. */
export function listMarks(type: GraphQLType | undefined): readonly string[] {
  if (isNonNullType(type)) return listMarks(type.ofType);
  return isListType(type) ? ['@', ...listMarks(type.ofType)] : [];
}
