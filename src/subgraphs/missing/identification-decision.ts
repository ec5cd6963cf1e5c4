import {
  ArchiveDate,
  GuardedBy,
  One,
  PartialDate,
  PersonIn,
  Value,
  Where,
  equals,
  namedValues,
  oneAmong,
  oneOf,
  partialDate,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { FamilyNotification, familyNotifications } from './family-notification.ts';
import { Person } from './person.ts';
import { Identifying, MissingRecord, Sensitive } from './record.ts';

const DecisionStatus = namedValues(
  'DecisionStatus',
  ['HYPOTHESIS', 'PROBABLE', 'CONFIRMED', 'REVOKED'],
  'How certain an identification is.',
);

/** What the Authority decided about who a person is. */
@ObjectType({ description: 'What the Authority decided about who a person is.' })
export class IdentificationDecision extends MissingRecord {
  @Identifying @Value(text, { description: 'How the person was identified.' }) method?: string;
  @Identifying @Value(partialDate) decidedOn?: PartialDate;
  @Identifying @Value(oneOf(DecisionStatus)) status?: string;
  @Identifying @Value(text, { description: 'The number of the decision.' }) reference?: string;
  @Identifying @PersonIn('person', () => Person, 'Who was identified.') person?: Person;
  @Sensitive('family')
  @One(() => familyNotifications, { from: 'reference', to: 'reference' }, 'Whether the family has been told of it.')
  notification?: FamilyNotification;
}

/** Which decisions are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which decisions are wanted. A filter needs the permission of the field that it reads.' })
export class IdentificationDecisionFilter {
  // Row security and index: `= any` on text is leakproof, identification_decisions_by_id serves it.
  @GuardedBy('IdentificationDecision.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, identification_decisions_by_status serves it in the order of the list.
  @GuardedBy('IdentificationDecision.status') @Where(() => DecisionStatus, equals('status')) status?: string;
  // Row security and index: `=` on text is leakproof, and read along the index of the order.
  @GuardedBy('IdentificationDecision.method') @Where(() => String, equals('method')) method?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('IdentificationDecision.decidedOn')
  @Where(() => ArchiveDate, sortedFrom('decided_on'))
  decidedFrom?: string;
  // Row security and index: as decidedFrom.
  @GuardedBy('IdentificationDecision.decidedOn')
  @Where(() => ArchiveDate, sortedUntil('decided_on'))
  decidedTo?: string;
  // Row security and index: `=` on text is leakproof, identification_decisions_by_reference serves it.
  @GuardedBy('IdentificationDecision.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, identification_decisions_by_person serves it in the order of the list.
  @GuardedBy('IdentificationDecision.person')
  @Where(() => ID, equals('person'), 'The link id of a person.')
  person?: string;
}

/** Where identification decisions come from. */
export const identificationDecisions = recordSource({
  subgraph: 'missing',
  type: IdentificationDecision,
  table: 'identification_decisions',
  filter: IdentificationDecisionFilter,
});
