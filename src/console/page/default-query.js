/** What the editor starts with: a question across the three organisations. */
export const DEFAULT_QUERY = `# Three people reported missing, and what each organisation holds.
# Sign in, choose the purpose, then run with Ctrl-Enter.
# What you may not see is null; beside it stands who withheld it.
query PeopleReportedMissing {
  missingPersonReports(first: 3) {
    totalCount
    nodes {
      status
      governorate
      reportedOn { value precision }
      name { asWritten romanised }
      person {
        id
        identificationDecisions(first: 2) {
          nodes { status decidedOn { value } }
        }
        deathCertificates(first: 2) {
          nodes {
            custodian
            registeredOn { value }
            name { asWritten }
            statedPlace { nameAr nameEn }
            statedCause
          }
        }
        depictedBodies(first: 2) {
          nodes { custodian category photographedOn { value } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;
