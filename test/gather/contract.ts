import { expect } from 'vitest';

/** The schema extension with which a contract begins. */
export const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective", "@requiresScopes", "@inaccessible"])
  @link(url: "https://specs.amana.example/access/v1.0", import: ["@guardedBy", "@gather", "GatherRule", "ListPosition"])
  @composeDirective(name: "@guardedBy")

directive @guardedBy(field: String!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
directive @gather(rule: GatherRule!) on FIELD_DEFINITION
enum GatherRule @inaccessible { SUM MIN MAX FIRST }
`;

/** What a field needs that anybody with access may see. */
export const REGISTERED = '@requiresScopes(scopes: [["ngo:registered"]])';
export const IDENTIFYING = '@requiresScopes(scopes: [["ngo:identifying"]])';

const PAGE_OF_PHOTOGRAPHS =
  '(first: Int = 20, after: String, afterRecord: ListPosition @inaccessible @guardedBy(field: "PhotographEdge.sortKey"), filter: PhotographFilter): PhotographConnection';

/** A contract with a field of every rule. */
export const CONTRACT = `${LINKS}
type Query {
  photographs${PAGE_OF_PHOTOGRAPHS} ${REGISTERED}
  photograph(id: ID!): Photograph @gather(rule: FIRST) ${REGISTERED}
  facilities(kind: Kind): [Facility!] ${REGISTERED}
  things: [Thing!] ${REGISTERED}
  papers: [Paper!] ${REGISTERED}
  archive: Archive ${REGISTERED}
  status(custodian: ID!): Status ${REGISTERED}
  newest(custodian: String): String @gather(rule: FIRST) ${REGISTERED}
  person(id: ID!): Person ${IDENTIFYING}
}

type Archive {
  size: Int @gather(rule: SUM) ${REGISTERED}
  weight: Float! @gather(rule: MAX)
  least: Int @gather(rule: MIN)
  title: String @gather(rule: FIRST)
  kind: Kind! @gather(rule: FIRST)
  first: PartialDate @gather(rule: FIRST)
  names: [String!]!
  part: Archive
  counts: Counts
}

type Counts { bodies: Int @gather(rule: SUM) }

type Status { state: String open: Boolean }

type Person @key(fields: "id") @key(fields: "number") {
  id: ID!
  number: String!
  photographs${PAGE_OF_PHOTOGRAPHS} ${IDENTIFYING}
  events: [PersonEvent!] ${IDENTIFYING}
  counts: Counts ${REGISTERED}
}

type PersonEvent @shareable { record: ID! at: PartialDate facility: Facility }

type PartialDate @shareable { value: String! isExact: Boolean }

type Facility @shareable { code: String! name: String! }

enum Kind { PRISON HOSPITAL }

input PhotographFilter {
  id: [ID!] @guardedBy(field: "Photograph.id")
  kind: Kind @guardedBy(field: "Photograph.kind")
  taken: DateRange @guardedBy(field: "Photograph.takenOn")
}

input DateRange { from: String to: String }

input ListPosition @inaccessible { sortKey: String! custodian: String! id: ID! }

type PhotographConnection {
  nodes: [Photograph!] ${REGISTERED}
  edges: [PhotographEdge!] ${REGISTERED}
  pageInfo: PageInfo!
  totalCount: Int ${REGISTERED}
}

type PhotographEdge {
  node: Photograph ${REGISTERED}
  cursor: String!
  sortKey: String @inaccessible ${REGISTERED}
  recordId: ID @inaccessible ${REGISTERED}
}

type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }

interface Paper { title: String }

type Photograph implements Paper {
  id: ID ${REGISTERED}
  title: String ${REGISTERED}
  takenOn: PartialDate ${REGISTERED}
  kind: Kind ${REGISTERED}
  place: String ${IDENTIFYING}
  person: Person ${IDENTIFYING}
  size(unit: Unit! = CM): Float ${REGISTERED}
  details(first: Int = 20, after: String): PhotographConnection ${REGISTERED}
}

enum Unit { CM INCH }

type Verdict implements Paper ${IDENTIFYING} { id: ID title: String text: String }

union Thing = Photograph | Verdict
`;

/** Replaces in a schema, and fails where there is nothing to replace. */
export function changed(from: string | RegExp, to: string, schema = CONTRACT): string {
  expect(schema).toMatch(from);
  return schema.replace(from, to);
}
