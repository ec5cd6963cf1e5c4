import { Counts, Events, Related, RelatedOne } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { anteMortemData } from './ante-mortem-data.ts';
import { dnaReferences } from './dna-reference.ts';
import { identificationDecisions } from './identification-decision.ts';
import { MissingPersonReport, missingPersonReports } from './missing-person-report.ts';
import { Person } from './person.ts';
import { MissingCounts } from './person-counts.ts';
import { missingEvents } from './person-events.ts';
import { Identifying, Registered, Sensitive } from './record.ts';
import { relatives } from './relative.ts';

/** What the Authority holds about a person. */
@Resolver(() => Person)
export class PersonEdges {
  @Identifying
  @Related(() => missingPersonReports, { through: 'links' }, 'The reports that this person is missing.')
  missingPersonReports?: object;

  @Identifying
  @Related(() => identificationDecisions, { column: 'person' }, 'What was decided about who this person is.')
  identificationDecisions?: object;

  @Identifying
  @Events(() => missingEvents, 'What the records of the Authority tell of this person, in the order of time.')
  missingEvents?: object;

  @Registered
  @Counts(() => MissingCounts, 'How many records of each kind there are about this person.')
  missingCounts?: object;
}

/** What belongs to a report. */
@Resolver(() => MissingPersonReport)
export class ReportEdges {
  @Sensitive('family')
  @Related(() => relatives, { column: 'report' }, 'The family, as far as each has consented to be shown to you.')
  relatives?: object;

  @Sensitive('medical')
  @RelatedOne(() => anteMortemData, { column: 'report' }, 'What is known of the body from life.')
  anteMortem?: object;

  @Sensitive('medical')
  @Related(() => dnaReferences, { column: 'report' }, 'The samples to compare with.')
  dnaReferences?: object;
}
