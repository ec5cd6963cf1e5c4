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

/** The schema extension with which every custodian's subgraph begins. */
export const CUSTODIAN_SCHEMA_LINKS = `extend schema
  @link(url: "${FEDERATION_SPEC}", import: ["@key", "@shareable", "@composeDirective", "@requiresScopes"])
  @link(url: "${AMANA_SPEC}", import: ["@guardedBy"])
  @composeDirective(name: "@guardedBy")

${GUARDED_BY_SDL}
`;
