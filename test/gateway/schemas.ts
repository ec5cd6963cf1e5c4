import { CUSTODIAN_SCHEMA_LINKS } from '../../src/protocol/directives.ts';
import { composeSupergraph } from '../../src/gateway/compose/compose-supergraph.ts';
import { SupergraphSnapshot } from '../../src/gateway/compose/supergraph-snapshot.ts';

/** Two small custodians with everything that the rules between custodians speak of. */
export const MINISTRY = `${CUSTODIAN_SCHEMA_LINKS}
type Query {
  certificates(first: Int = 20, after: String, filter: CertificateFilter): CertificateConnection @requiresScopes(scopes: [["ministry:registered"]])
  papers(first: Int = 5): [Paper!] @requiresScopes(scopes: [["ministry:registered"]])
  things: [Thing!] @requiresScopes(scopes: [["ministry:registered"]])
}

input CertificateFilter {
  id: [ID!] @guardedBy(field: "Certificate.id")
  disputed: Boolean @guardedBy(field: "Certificate.disputed")
  name: String @guardedBy(field: "Certificate.name")
  cause: String @guardedBy(field: "Certificate.cause")
  registered: DateRange @guardedBy(field: "Certificate.registeredOn")
  either: [CertificateFilter!]
}

input DateRange { from: String to: String }

type CertificateConnection {
  nodes: [Certificate!] @requiresScopes(scopes: [["ministry:registered"]])
  totalCount: Int @requiresScopes(scopes: [["ministry:registered"]])
  pageInfo: PageInfo!
}

interface Paper {
  id: ID
  title: String
}

type Certificate implements Paper {
  id: ID @requiresScopes(scopes: [["ministry:registered"]])
  title: String @requiresScopes(scopes: [["ministry:registered"]])
  disputed: Boolean @requiresScopes(scopes: [["ministry:registered"]])
  registeredOn: ArchiveDate @requiresScopes(scopes: [["ministry:registered"]])
  name: String @requiresScopes(scopes: [["ministry:identifying"]])
  cause: String @requiresScopes(scopes: [["ministry:medical"]])
  person: Person @requiresScopes(scopes: [["ministry:identifying"]])
}

type CourtFile implements Paper {
  id: ID @requiresScopes(scopes: [["ministry:registered"]])
  title: String @requiresScopes(scopes: [["ministry:sealed"]])
}

union Thing = Certificate | Verdict

type Verdict @requiresScopes(scopes: [["ministry:sealed"]]) {
  id: ID
  text: String
}

type ArchiveDate @shareable { value: String! precision: Precision! }
enum Precision { DAY YEAR }
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }

type Person @key(fields: "id") {
  id: ID!
  certificates(first: Int = 20): CertificateConnection @requiresScopes(scopes: [["ministry:identifying"]])
}
`;

export const MISSING = `${CUSTODIAN_SCHEMA_LINKS}
type Query {
  person(id: ID!): Person @requiresScopes(scopes: [["missing:identifying"]])
  persons(ids: [ID!]!): [Person] @requiresScopes(scopes: [["missing:identifying"]])
  reports(first: Int = 20): ReportConnection @requiresScopes(scopes: [["missing:registered"]])
}

type ReportConnection {
  nodes: [Report!] @requiresScopes(scopes: [["missing:registered"]])
  pageInfo: PageInfo!
}

type Report {
  id: ID @requiresScopes(scopes: [["missing:registered"]])
  reportedOn: ArchiveDate @requiresScopes(scopes: [["missing:registered"]])
  name: String @requiresScopes(scopes: [["missing:identifying"]])
  circumstances: String @requiresScopes(scopes: [["missing:circumstances"]])
}

type ArchiveDate @shareable { value: String! precision: Precision! }
enum Precision { DAY YEAR }
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }

type Person @key(fields: "id") {
  id: ID!
  reports: ReportConnection @requiresScopes(scopes: [["missing:identifying"]])
}
`;

/** Composes the two, each changed as a test says. */
export function compose(ministry = MINISTRY, missing = MISSING): string {
  return composeSupergraph([
    { subgraph: 'ministry', url: 'http://127.0.0.1:1/ministry/graphql', sdl: ministry },
    { subgraph: 'missing', url: 'http://127.0.0.1:2/missing/graphql', sdl: missing },
  ]);
}

/** A snapshot of the two. */
export const snapshotOf = (ministry = MINISTRY, missing = MISSING): SupergraphSnapshot =>
  new SupergraphSnapshot(compose(ministry, missing));
