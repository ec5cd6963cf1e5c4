import { personEvents } from 'amana/kit';
import { identificationDecisions } from './identification-decision.ts';
import { missingPersonReports } from './missing-person-report.ts';

const reported = { of: missingPersonReports, edge: 'missingPersonReports', relation: { through: 'links' } } as const;

/** What the Authority's records tell of a person, date by date. */
export const missingEvents = personEvents({
  subgraph: 'missing',
  name: 'MissingEvent',
  events: [
    {
      ...{ kind: 'LAST_SEEN', ...reported, at: 'lastSeenOn' },
      ...{ facility: 'lastSeenAt', facilityAsWritten: 'lastSeenAtAsWritten' },
    },
    { kind: 'REPORTED_MISSING', ...reported, at: 'reportedOn' },
    {
      ...{ kind: 'IDENTIFICATION_DECIDED', at: 'decidedOn' },
      ...{ of: identificationDecisions, edge: 'identificationDecisions', relation: { column: 'person' } },
    },
  ],
});
