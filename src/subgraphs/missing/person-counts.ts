import { CountOf } from 'amana/kit';
import { ObjectType } from 'type-graphql';
import { identificationDecisions } from './identification-decision.ts';
import { missingPersonReports } from './missing-person-report.ts';
import { Identifying } from './record.ts';

/** How much the Authority holds about a person, kind by kind. */
@ObjectType({ description: 'How many records of each kind about a person you may see at the Authority.' })
export class MissingCounts {
  @Identifying @CountOf(() => missingPersonReports, { through: 'links' }) missingPersonReports?: number;
  @Identifying @CountOf(() => identificationDecisions, { column: 'person' }) identificationDecisions?: number;
}
