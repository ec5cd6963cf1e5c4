const NO_DOCUMENT = 'The document is not valid, and is refused as a whole before anybody asks what of it may be seen.';
const EMPTY_OBJECT =
  'The object itself may be seen and only its fields may not: it is asked for by its __typename, so that the client learns whether there is one.';

/**
 * Cases in which the gateway does otherwise than the router whose tests they are, and why. No field that the router
 * refuses is asked for in any of them.
 */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'field_scopes_override_interface_scopes_on_implementing_types#1': NO_DOCUMENT,
  'removes_unused_variables_when_authenticated_field_removed#1': NO_DOCUMENT,
  'removes_all_fields_when_multiple_unauthorized#1': EMPTY_OBJECT,
  'removes_interface_field_with_type_scope_but_not_field_scope#1': EMPTY_OBJECT,
  'allows_bare_typename_on_a_union_field_regardless_of_member_scopes#1':
    'A field that returns a union needs what all its members need, as one that returns an interface does: which of them an object is would tell of types that may not be seen.',
};
