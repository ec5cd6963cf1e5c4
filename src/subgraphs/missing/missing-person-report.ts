import {
  NAME_BEGINS,
  ArchiveDate,
  Facility,
  GuardedBy,
  LinkedPerson,
  PartialDate,
  PersonName,
  Value,
  Where,
  equals,
  facility,
  facilityIs,
  isLinked,
  mayLieFrom,
  mayLieUntil,
  nameBeginsWith,
  oneAmong,
  partialDate,
  personName,
  recordSource,
  referenceIs,
  sortedFrom,
  sortedUntil,
  text,
} from 'amana/kit';
import { ID, InputType, ObjectType } from 'type-graphql';
import { Person } from './person.ts';
import { Identifying, MissingRecord, Registered, Sensitive } from './record.ts';

/** The report that somebody is missing. */
@ObjectType({ description: 'The report that somebody is missing. Who reported it is not served.' })
export class MissingPersonReport extends MissingRecord {
  @Registered @Value(text) status?: string;
  @Registered @Value(text, { description: 'The code of a governorate.' }) governorate?: string;
  @Registered @Value(partialDate) reportedOn?: PartialDate;
  @Identifying @Value(text, { description: 'The number of the report.' }) reference?: string;
  @Identifying @Value(personName) name?: PersonName;
  @Identifying @Value(partialDate) birthDate?: PartialDate;
  @Identifying @Value(text) birthPlace?: string;
  @Identifying @Value(partialDate) lastSeenOn?: PartialDate;
  @Identifying @Value(facility) lastSeenAt?: Facility;
  @Identifying
  @Value(text, { description: 'The place as written, where it is no known facility.' })
  lastSeenAtAsWritten?: string;
  @Sensitive('circumstances') @Value(text) circumstances?: string;
  @Identifying @LinkedPerson(() => Person, 'Who is missing.') person?: Person;
}

/** Which reports are wanted; each filter needs the permission of the field that it reads. */
@InputType({ description: 'Which reports are wanted. A filter needs the permission of the field that it reads.' })
export class MissingPersonReportFilter {
  // Row security and index: `= any` on text is leakproof, missing_person_reports_by_id serves it.
  @GuardedBy('MissingPersonReport.id') @Where(() => [ID], oneAmong('id')) id?: string[];
  // Row security and index: `=` on text is leakproof, missing_person_reports_by_reference serves it.
  @GuardedBy('MissingPersonReport.reference') @Where(() => String, referenceIs()) reference?: string;
  // Row security and index: `=` on text is leakproof, missing_person_reports_by_status serves it in the order of the list.
  @GuardedBy('MissingPersonReport.status') @Where(() => String, equals('status')) status?: string;
  // Row security and index: as status, by missing_person_reports_by_governorate.
  @GuardedBy('MissingPersonReport.governorate')
  @Where(() => String, equals('governorate'), 'The code of a governorate.')
  governorate?: string;
  // Row security and index: comparing texts is leakproof; missing_person_reports_by_name and missing_person_reports_by_roman_name serve it as ranges.
  @GuardedBy('MissingPersonReport.name')
  @Where(() => String, nameBeginsWith(), NAME_BEGINS)
  name?: string;
  // Row security and index: comparing dates and texts is leakproof; it is a range of the index of the order.
  @GuardedBy('MissingPersonReport.reportedOn')
  @Where(() => ArchiveDate, sortedFrom('reported_on'))
  reportedFrom?: string;
  // Row security and index: as reportedFrom.
  @GuardedBy('MissingPersonReport.reportedOn')
  @Where(() => ArchiveDate, sortedUntil('reported_on'))
  reportedTo?: string;
  // Row security and index: date comparison is leakproof; missing_person_reports_by_birth serves it as a range.
  @GuardedBy('MissingPersonReport.birthDate') @Where(() => ArchiveDate, mayLieFrom('birth_date')) bornFrom?: string;
  // Row security and index: as bornFrom.
  @GuardedBy('MissingPersonReport.birthDate') @Where(() => ArchiveDate, mayLieUntil('birth_date')) bornTo?: string;
  // Row security and index: date comparison is leakproof; missing_person_reports_by_last_seen serves it as a range.
  @GuardedBy('MissingPersonReport.lastSeenOn')
  @Where(() => ArchiveDate, mayLieFrom('last_seen_on'))
  lastSeenFrom?: string;
  // Row security and index: as lastSeenFrom.
  @GuardedBy('MissingPersonReport.lastSeenOn')
  @Where(() => ArchiveDate, mayLieUntil('last_seen_on'))
  lastSeenTo?: string;
  // Row security and index: `=` on text is leakproof, missing_person_reports_by_place serves it in the order of the list.
  @GuardedBy('MissingPersonReport.lastSeenAt')
  @Where(
    () => String,
    facilityIs('last_seen_at'),
    'A facility by its code, its name or another name, in either language.',
  )
  lastSeenAt?: string;
  // Row security and index: `=` on text is leakproof, links_by_record_id serves it for each row of the order.
  @GuardedBy('MissingPersonReport.person')
  @Where(() => Boolean, isLinked(), 'Whether it is known to you whom it is about.')
  linked?: boolean;
}

/** Where reports of missing persons come from. */
export const missingPersonReports = recordSource({
  subgraph: 'missing',
  type: MissingPersonReport,
  table: 'missing_person_reports',
  filter: MissingPersonReportFilter,
});
