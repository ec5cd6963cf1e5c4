import { FEDERATION_SPEC } from '../../protocol/directives.ts';

/** The name of the gateway's own subgraph, which it answers in its own process. */
export const OWN_SUBGRAPH = 'gateway';

/** The gateway's own fields: who is asking, and whom the federation consists of. */
export const OWN_TYPES = `type Query {
  "Who is asking, as the gateway sees it."
  viewer: Viewer!
  "The custodians of this federation, in the order of the gateway's configuration."
  custodians: [Custodian!]!
}

type Viewer {
  "The subject of the access token."
  subject: String!
  kind: SubjectKind!
  "What the request declares to be for."
  purpose: String!
  "The reference of the file worked on, where one was declared."
  reference: String
  "What each custodian grants the viewer for the declared purpose."
  accesses: [CustodianAccess!]!
}

enum SubjectKind {
  "A person."
  USER
  "A program, with nobody behind the request."
  CLIENT
}

type CustodianAccess {
  custodian: ID!
  status: AccessStatus!
  "The scopes granted, by one grant or another; a value needs all of its scopes from a single one."
  scopes: [String!]!
  "When the last of the grants lapses (RFC 3339); null where there is none."
  until: String
}

enum AccessStatus {
  "The custodian answered; without a grant the scopes are empty."
  ANSWERED
  "The custodian refused the question."
  REFUSED
  "The custodian did not answer."
  UNAVAILABLE
}

type Custodian {
  id: ID!
  name: CustodianName!
  "The subgraph that the custodian hosts: the namespace of its scopes."
  subgraph: String!
  "Whom to ask for access."
  contact: String!
  "Whether the custodian can be reached now."
  status: CustodianStatus!
  "How the custodian's schema stands: for the gateway's operators, null for everybody else."
  schema: CustodianSchema
}

type CustodianSchema {
  "The digest of the schema in force; null where the custodian has none."
  inForce: String
  "Since when it is in force (RFC 3339)."
  since: String
  "What that schema lacks of the contract of a gathered subgraph, by schema coordinates: the custodian is not asked for it."
  lacks: [String!]!
  "Whether the custodian answered when it was last asked for its schema."
  isReached: Boolean!
  "The schema that the custodian serves, where that is not in force."
  refused: RefusedSchema
}

type RefusedSchema {
  digest: String!
  state: RefusedSchemaState!
  "Who has yet to confirm that it may weaken guards."
  awaits: [Confirming!]!
  "Why it is not in force."
  findings: [SchemaFinding!]!
}

enum RefusedSchemaState {
  "It breaks a rule, or does not compose."
  REFUSED
  "It weakens or removes guards, and not everybody who must has confirmed that."
  UNCONFIRMED
}

enum Confirming {
  "The operator of the gateway."
  GATEWAY
  "The custodian itself."
  CUSTODIAN
}

type SchemaFinding {
  "The id of the check."
  check: String!
  message: String!
}

type CustodianName {
  en: String!
  ar: String!
}

enum CustodianStatus {
  READY
  UNAVAILABLE
  "Nothing of the custodian can be asked: it has not been reached yet, or its schema is refused."
  ABSENT
}
`;

/** The same as a subgraph's schema. */
export const OWN_SCHEMA = `extend schema @link(url: "${FEDERATION_SPEC}")\n\n${OWN_TYPES}`;
