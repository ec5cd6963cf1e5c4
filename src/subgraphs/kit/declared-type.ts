/** Answers the GraphQL type of a field as type-graphql takes it: a class, an enum's values, a scalar, or a list of one of these. */
export type DeclaredType = () => object;
