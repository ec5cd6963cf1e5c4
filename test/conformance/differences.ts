/** A case as it is compared. */
export interface Compared {
  readonly schema: string;
  readonly query: string;
}

/**
 * Cases whose documents do not fit their schemas, and are refused as a whole before anybody asks what of them may be seen:
 * they are compared as the documents, or with the schemas, that were meant.
 */
export const MEANT: Readonly<Record<string, (given: Compared) => Compared>> = {
  'field_scopes_override_interface_scopes_on_implementing_types#1': ({ schema, query }) => ({
    // A fragment on a type that the field never returns.
    schema: schema.replace('type Movie {', 'type Movie implements Media {'),
    query,
  }),
  'removes_unused_variables_when_authenticated_field_removed#1': ({ schema, query }) => ({
    // A variable that nothing uses.
    schema,
    query: query.replace('query($name: String!)', 'query'),
  }),
};

/**
 * Cases in which the gateway does otherwise than the router whose tests they are, and why. No field that the router
 * refuses is asked for in any of them.
 */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'allows_bare_typename_on_a_union_field_regardless_of_member_scopes#1':
    'A field that returns a union needs what all its members need, as one that returns an interface does: which of them an object is would tell of types that may not be seen, whose __typename is refused everywhere else.',
};
