/** What the editor starts with: a question across the three organisations. */
export const DEFAULT_QUERY = `# Three people whom the Authority has identified, and what each organisation holds about them.
# Sign in, choose the purpose, then run with Ctrl-Enter.
# What you may not see is null; beside it stands who withheld it.
query PeopleIdentified {
  identificationDecisions(first: 3) {
    totalCount
    nodes {
      status
      method
      decidedOn { value precision }
      person {
        id
        missingPersonReports(first: 1) {
          nodes { name { asWritten romanised } lastSeenOn { value } lastSeenAt { nameAr nameEn } }
        }
        deathCertificates(first: 2) {
          nodes { registeredOn { value } name { asWritten } statedPlace { nameAr nameEn } statedCause }
        }
        depictedBodies(first: 2) {
          nodes { category photographedOn { value } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;
