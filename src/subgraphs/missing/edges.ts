import { Related } from 'amana/kit';
import { Resolver } from 'type-graphql';
import { identificationDecisions } from './identification-decision.ts';
import { missingPersonReports } from './missing-person-report.ts';
import { Person } from './person.ts';
import { Identifying } from './record.ts';

/** What the Authority holds about a person. */
@Resolver(() => Person)
export class PersonEdges {
  @Identifying
  @Related(() => missingPersonReports, { through: 'links' }, 'The reports that this person is missing.')
  missingPersonReports?: object;

  @Identifying
  @Related(() => identificationDecisions, { column: 'person' }, 'What was decided about who this person is.')
  identificationDecisions?: object;
}
