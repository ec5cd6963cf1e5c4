/** The specification URL under which subgraphs link Amana's own directives. Identity is the URL, never the local name. */
export const AMANA_SPEC = 'https://specs.amana.example/access/v1.0';

/** The Federation version that custodians' schemas link. */
export const FEDERATION_SPEC = 'https://specs.apollo.dev/federation/v2.9';

/**
 * `@guardedBy(field: "Type.field")` on an argument or input field that filters, sorts or counts by that field: using it
 * needs the field's permission. Repeatable, because of two subgraphs' guards composition would otherwise keep only one.
 */
export const GUARDED_BY_SDL =
  'directive @guardedBy(field: String!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION';

/**
 * `@gather(rule:)` on a field of which each host of a subgraph has a value of its own: how the gateway makes one of them.
 * It is read in the contract and not composed; Federation composes the enum all the same, so that is hidden from clients.
 */
export const GATHER_SDL = `directive @gather(rule: GatherRule!) on FIELD_DEFINITION

"""How the values of several hosts become one."""
enum GatherRule @inaccessible {
  SUM
  MIN
  MAX
  """Any one of them."""
  FIRST
}`;

/** The schema extension with which every custodian's subgraph begins. */
export const CUSTODIAN_SCHEMA_LINKS = `extend schema
  @link(url: "${FEDERATION_SPEC}", import: ["@key", "@shareable", "@composeDirective", "@inaccessible", "@requiresScopes"])
  @link(url: "${AMANA_SPEC}", import: ["@guardedBy", "@gather", "GatherRule", "ListPosition"])
  @composeDirective(name: "@guardedBy")

${GUARDED_BY_SDL}
`;
