import { CUSTODIAN_SCHEMA_LINKS } from '../../src/protocol/directives.ts';

const R = '@requiresScopes(scopes: [["ngo:registered"]])';
const I = '@requiresScopes(scopes: [["ngo:identifying"]])';
const M = '@requiresScopes(scopes: [["ngo:medical"]])';

const pageOf = (edge: string): string =>
  `first: Int = 20, after: String, afterRecord: ListPosition @inaccessible @guardedBy(field: "${edge}.sortKey")`;
const PAGE = `${pageOf('PhotographEdge')}, filter: PhotographFilter`;

/**
 * What many small archives host: lists of records of one type and of several, lists of a person, numbers, and a way from a
 * record to a person and back.
 */
export const ARCHIVE = `${CUSTODIAN_SCHEMA_LINKS}
directive @gather(rule: GatherRule!) on FIELD_DEFINITION
enum GatherRule @inaccessible { SUM MIN MAX FIRST }

type Query {
  photographs(${PAGE}): PhotographConnection ${R}
  items(${pageOf('ItemEdge')}): ItemConnection ${R}
  things: [Thing!] ${R}
  places(custodian: String @guardedBy(field: "Photograph.custodian")): [Place!] ${R}
  labels: [Label] ${R}
  size: Int @gather(rule: SUM) ${R}
  newest: Int @gather(rule: MAX) ${R}
  oldest: Int @gather(rule: MIN) ${R}
  motto: String @gather(rule: FIRST) ${R}
  about(custodian: String! @guardedBy(field: "Photograph.custodian")): About ${R}
}

input ListPosition @inaccessible { sortKey: String! custodian: String! id: ID! }

input PhotographFilter {
  id: [ID!] @guardedBy(field: "Photograph.id")
  place: String @guardedBy(field: "Photograph.place")
  finding: String @guardedBy(field: "Photograph.finding")
}

type PhotographConnection {
  nodes: [Photograph!] ${R}
  edges: [PhotographEdge!] ${R}
  pageInfo: PageInfo!
  totalCount: Int ${R}
}

type PhotographEdge {
  node: Photograph ${R}
  cursor: String!
  sortKey: String @inaccessible ${R}
  recordId: ID @inaccessible ${R}
}

type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

interface Item { id: ID place: String }

type Photograph implements Item {
  id: ID ${R}
  custodian: String ${R}
  place: String ${I}
  finding: String ${M}
  person: Person ${I}
  isAmong(
    ids: [ID!] @guardedBy(field: "Photograph.id")
    but: ID @guardedBy(field: "Photograph.id")
    like: PhotographFilter
  ): Boolean ${R}
}

type Note implements Item { id: ID ${R} place: String ${I} text: String ${M} about: Person ${I} }

union Thing = Photograph | Note

type ItemConnection {
  nodes: [Item!] ${R}
  edges: [ItemEdge!] ${R}
  pageInfo: PageInfo!
  totalCount: Int ${R}
}

type ItemEdge {
  node: Item ${R}
  cursor: String!
  sortKey: String @inaccessible ${R}
  recordId: ID @inaccessible ${R}
}

type Place { name: String! }
type Label { text: String by: String! }
type About { name: String! }

type Person @key(fields: "id") {
  id: ID!
  photographs(${PAGE}): PhotographConnection ${I}
  counts: Counts ${R}
}

type Counts { photographs: Int @gather(rule: SUM) ${R} }
`;

/** The same, with lists whose order not everybody may see who may see them. */
export const ORDERED_ARCHIVE = ARCHIVE.replaceAll(
  `sortKey: String @inaccessible ${R}`,
  `sortKey: String @inaccessible ${I}`,
);

/** Another custodian's, by which persons are found. */
export const REGISTRY = `${CUSTODIAN_SCHEMA_LINKS}
type Query { persons(ids: [ID!]!): [Person] @requiresScopes(scopes: [["registry:identifying"]]) }
type Person @key(fields: "id") { id: ID! name: String @requiresScopes(scopes: [["registry:identifying"]]) }
type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;
